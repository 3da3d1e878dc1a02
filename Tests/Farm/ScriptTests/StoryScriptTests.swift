import Testing

@testable import Script

/// Goal: a script says what its author meant, and what it leaves open stays open until somebody knows the model.
@Suite struct StoryScriptTests {
    @Test func everyKeyIsRead() throws {
        let script = try document(Stories.full).script
        #expect(script.title == "A fox's day")
        #expect(script.model == "large")
        let settings = script.settings
        #expect([settings.video.width, settings.video.height, settings.video.frames] == [192, 128, 25])
        #expect(settings.video.framesPerSecond == 12)
        #expect(settings.sampling.steps == 4)
        #expect(settings.sampling.guidance == .perStep([6, 5, 4.5, 1]))
        #expect(settings.sampling.seed == .max)
        #expect(settings.sampling.negative == "blurred, dark")
        let weighting = try #require(settings.weighting?.settings)
        #expect(weighting.prompt == .action)
        #expect([weighting.alignment, weighting.smoothness, weighting.prior] == [2, 0.5, 0])
        #expect(weighting.temperature == 1)
        #expect(weighting.preview == .exact)
        #expect(weighting.every == 3)
        #expect(weighting.mask == .union)
        let blending = try #require(settings.blending?.settings)
        #expect([blending.gamma, blending.decay, blending.until] == [0.3, 1, 0.25])
        #expect(blending.handoff == .final)
        #expect(blending.space == .latent)
        #expect(blending.strength == .once)
        #expect(settings.semanticAction?.settings?.pairing == .across)
        #expect(settings.semanticAction?.settings?.gate == .scene)
        #expect(script.segments.count == 2)
        #expect(script.segments[1] == .init(scene: "a fox is on the beach", action: "a fox says: \"hello\" 🦊"))
    }

    @Test func yamlAndJSONGiveTheSameStory() throws {
        #expect(try document(Stories.full).script == document(Stories.fullJSON, as: .json).script)
    }

    @Test func whatIsLeftOutIsNil() throws {
        let script = try document(Stories.segments).script
        #expect(script.title == nil)
        #expect(script.model == nil)
        #expect(script.settings == StorySettings())
    }

    @Test(arguments: WeightedPrompts.allCases)
    func everyChoiceHasItsWord(prompt: WeightedPrompts) throws {
        let script = try document("weighting: { prompt: \(prompt.rawValue) }\n" + Stories.segments).script
        #expect(script.settings.weighting?.settings?.prompt == prompt)
    }

    @Test(arguments: ["off", "Off", "OFF", "false", "no", "\"off\""], ["weighting", "blending", "sar"])
    func partsOfTheMethodCanBeOff(word: String, part: String) throws {
        let settings = try document("\(part): \(word)\n" + Stories.segments).script.settings
        let isOff = [settings.weighting == .off, settings.blending == .off, settings.semanticAction == .off]
        #expect(isOff == ["weighting", "blending", "sar"].map { $0 == part })
    }

    @Test func offIsAlsoAWordOfJSON() throws {
        for word in ["false", "\"off\""] {
            let json = #"{"weighting": \#(word), "segments": [{"scene": "a", "action": "b"}]}"#
            #expect(try document(json, as: .json).script.settings.weighting == .off)
        }
    }

    /// How a script is wrapped must not change a video.
    @Test(arguments: [
        "scene: |\n    a fox\n    sleeps\n", "scene: >\n    a fox\n    sleeps\n", "scene: a fox\n    sleeps\n",
        "scene: ' a fox   sleeps '\n", "scene: \"a fox\\n\\tsleeps\"\n", "scene: \"a\\u00a0fox sleeps\"\n",
    ])
    func whiteSpaceInPromptsIsOneBlank(scene: String) throws {
        #expect(try document("segments:\n- \(scene)  action: b\n").script.segments[0].scene == "a fox sleeps")
    }

    @Test func aMarkAfterABlankIsNoPartOfIt() throws {
        let script = try document("segments: [{ scene: \"a \\u0301b\", action: c }]").script
        #expect(script.segments[0].scene.unicodeScalars.elementsEqual("a \u{301}b".unicodeScalars))
    }

    @Test func aNegativePromptMayBeEmpty() throws {
        #expect(try document("sampling: { negative: '' }\n" + Stories.segments).script.settings.sampling.negative == "")
    }

    @Test func aByteOrderMarkIsPassedOver() throws {
        let bytes: [UInt8] = [0xef, 0xbb, 0xbf] + Array(Stories.full.utf8)
        let script = try ScriptDocument(parsing: bytes, file: "story.yaml").script
        #expect(try script == document(Stories.full).script)
    }

    @Test func theNameSaysTheFormat() throws {
        let json = Array(Stories.fullJSON.utf8)
        #expect(try ScriptDocument(parsing: json, file: "Story.JSON").script.title == "A fox's day")
        #expect(throws: ScriptError.self) {
            try ScriptDocument(parsing: Array(Stories.full.utf8), file: "story.json")
        }
    }

    @Test func placesAreKnownForWhatIsFoundWrongLater() throws {
        let document = try document("video:\n  width: 190\n" + Stories.segments)
        let error = document.error("video.width", "is 190, expected a multiple of 16: 176 or 192")
        #expect(error.description == "story.yaml:2:10: video.width: is 190, expected a multiple of 16: 176 or 192")
        #expect(document.error("video.height", "is 1").description == "story.yaml: video.height: is 1")
        #expect(document.place(of: "segments.1.action") == .file(line: 4, column: 42))
    }
}
