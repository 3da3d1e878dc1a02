import Testing

@testable import Script

/// Goal: what is said beside a script is checked as if it stood in it.
@Suite struct OverrideTests {
    private func settings(_ overrides: String..., of text: String = Stories.full) throws -> ResolvedSettings {
        try document(text, set: overrides).resolved().settings
    }

    @Test func aValueIsReplacedOrAdded() throws {
        #expect(try settings("video.fps=24").video.framesPerSecond == 24)
        #expect(try settings("video.fps=24", of: Stories.segments).video.framesPerSecond == 24)
        #expect(try settings("sampling.guidance=3", "sampling.guidance=7").sampling.guidance == .constant(7))
        #expect(try settings("sampling.guidance=[1, 2, 3, 4]").sampling.guidance == .perStep([1, 2, 3, 4]))
    }

    @Test func partsAreSwitchedOffAndOn() throws {
        #expect(try settings("blending=off").blending == .off)
        #expect(try settings("weighting=off").weighting.prompt == .joined)
        let on = try settings("blending.gamma=0.1", of: "blending: off\n" + Stories.segments)
        #expect(on.blending.settings?.gamma == 0.1)
        #expect(on.blending.settings?.decay == 0.9)
    }

    @Test func textsNeedNoQuotes() throws {
        let overrides = ["title=1984", "sampling.negative=off", "segments.2.action=no, it says: \"wait\""]
        let story = try document(Stories.full, set: overrides).resolved()
        #expect(story.title == "1984")
        #expect(story.settings.sampling.negative == "off")
        #expect(story.segments[1].action == "no, it says: \"wait\"")
        #expect(try document(Stories.full, set: ["title=\"a b\""]).script.title == "a b")
        #expect(try document(Stories.full, set: ["sampling.negative="]).script.settings.sampling.negative == "")
    }

    @Test(arguments: [
        ("video.width=big", "--set video.width=big: video.width: is 'big', expected a whole number from 1 to 4096"),
        ("blending.gamma=0.7", "--set blending.gamma=0.7: blending.gamma: is 0.7, expected a number from 0 to 0.5"),
        (
            "blending.gama=0.3",
            "--set blending.gama=0.3: blending.'gama': is no key of blending; did you mean 'gamma'?"
        ),
        ("title", "--set title: expected KEY=VALUE, as blending.gamma=0.3"),
        ("=3", "--set =3: expected keys with a dot between them before the '=', as blending.gamma=0.3"),
        ("video..fps=3", "--set video..fps=3: expected keys with a dot between them"),
        ("segments.3.scene=a", "--set segments.3.scene=a: segments.3.scene: '3' is no number from 1 to 2"),
        ("segments.x.scene=a", "--set segments.x.scene=a: segments.x.scene: 'x' is no number from 1 to 2"),
        ("title.x=a", "--set title.x=a: title: is a mapping, expected a title"),
        ("sampling.guidance=[1,", "--set sampling.guidance=[1,: is no YAML: while parsing a flow node"),
        ("sampling.guidance=[1, 2]", "--set sampling.guidance=[1, 2]: sampling.guidance: has 2 numbers, expected one"),
        ("sampling.guidance=[&a 1, *a]", "--set sampling.guidance=[&a 1, *a]: has the anchor &a"),
        ("title=a\u{7}b", "--set title=aU+0007b: has the control character U+0007"),
        ("title=", "--set title=: title: is empty, expected a title"),
        ("segments=[]", "--set segments=[]: segments: has 0 entries, expected 1 to 10000"),
    ])
    func wrongOnesAreNamed(text: String, says: String) {
        #expect(refusal(of: Stories.full, set: [text]).hasPrefix(says), "\(refusal(of: Stories.full, set: [text]))")
    }
}
