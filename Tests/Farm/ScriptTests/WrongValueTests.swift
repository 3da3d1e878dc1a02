import Testing

@testable import Script

/// Goal: whoever mistypes a script reads one line that says where, what was found and what was expected.
@Suite struct WrongValueTests {
    /// The line goes before sound segments.
    @Test(arguments: [
        ("video: { width: 0 }", "1:17: video.width: is 0, expected a whole number from 1 to 4096"),
        ("video: { height: 4097 }", "1:18: video.height: is 4097, expected a whole number from 1 to 4096"),
        ("video: { frames: -1 }", "1:18: video.frames: is -1, expected a whole number from 1 to 1537"),
        ("video: { frames: 2.5 }", "1:18: video.frames: is 2.5, expected a whole number from 1 to 1537"),
        ("video: { frames: 99999999999999999999 }", "1:18: video.frames: is 99999999999999999999, expected a whole"),
        ("video: { fps: 121 }", "1:15: video.fps: is 121, expected a whole number from 1 to 120"),
        ("video: { fps: '12' }", "1:15: video.fps: is '12', expected a whole number from 1 to 120"),
        ("video: { fps: 012 }", "1:15: video.fps: is '012', expected a whole number"),
        ("video: { fps: 0x10 }", "1:15: video.fps: is '0x10', expected a whole number"),
        ("video: { fps: 1:30 }", "1:15: video.fps: is '1:30', expected a whole number"),
        ("video: { fps: yes }", "1:15: video.fps: is a yes, expected a whole number"),
        ("video: { fps: [12] }", "1:15: video.fps: is a list, expected a whole number"),
        ("video: { fps: }", "1:15: video.fps: is empty, expected a whole number"),
        ("video: 12", "1:8: video: is 12, expected a mapping (width, height, frames, …)"),
        ("video: off", "1:8: video: is a no, expected a mapping (width, height, frames, …)"),
        ("sampling: { steps: 1 }", "1:20: sampling.steps: is 1, expected a whole number from 2 to 1000"),
        ("sampling: { steps: 1001 }", "1:20: sampling.steps: is 1001, expected a whole number from 2 to 1000"),
        ("sampling: { guidance: -1 }", "1:23: sampling.guidance: is -1, expected a number from 0 to 100"),
        ("sampling: { guidance: high }", "1:23: sampling.guidance: is 'high', expected a number from 0 to 100"),
        ("sampling: { guidance: .nan }", "1:23: sampling.guidance: is '.nan', expected a number from 0 to 100"),
        ("sampling: { guidance: 1e999 }", "1:23: sampling.guidance: is 1e999, expected a number from 0 to 100"),
        ("sampling: { guidance: [] }", "1:23: sampling.guidance: has 0 numbers, expected one, or one for each step"),
        ("sampling: { guidance: [4, x] }", "1:27: sampling.guidance.2: is 'x', expected a number from 0 to 100"),
        ("sampling: { guidance: [4, [5]] }", "1:27: sampling.guidance.2: is a list, expected a number"),
        (
            "sampling: { seed: -1 }",
            "1:19: sampling.seed: is -1, expected a whole number from 0 to 18446744073709551615"
        ),
        ("sampling: { seed: 18446744073709551616 }", "1:19: sampling.seed: is 18446744073709551616, expected a whole"),
        ("sampling: { negative: 7 }", "1:23: sampling.negative: is the number 7, expected a text: write \"7\""),
        ("sampling: { negative: }", "1:23: sampling.negative: is empty, expected a text"),
        ("weighting: 1", "1:12: weighting: is 1, expected off or a mapping (prompt, alignment, smoothness, …)"),
        ("weighting: of", "1:12: weighting: is 'of', expected off or a mapping"),
        ("weighting: { prompt: bot }", "1:22: weighting.prompt: is 'bot', expected both, scene, action, joined; did"),
        ("weighting: { prompt: 1 }", "1:22: weighting.prompt: is 1, expected both, scene, action, joined"),
        ("weighting: { alignment: -0.1 }", "1:25: weighting.alignment: is -0.1, expected a number from 0 to 100"),
        ("weighting: { smoothness: 101 }", "1:26: weighting.smoothness: is 101, expected a number from 0 to 100"),
        ("weighting: { prior: x }", "1:21: weighting.prior: is 'x', expected a number from 0 to 100"),
        ("weighting: { temperature: 0 }", "1:27: weighting.temperature: is 0, expected a number from 0.001 to 1000"),
        ("weighting: { every: 0 }", "1:21: weighting.every: is 0, expected a whole number from 1 to 1000"),
        ("weighting: { preview: frame1 }", "1:23: weighting.preview: is 'frame1', expected exact, frame0, middle, li"),
        ("weighting: { mask: both }", "1:20: weighting.mask: is 'both', expected dominant, union"),
        ("blending: { gamma: 0.51 }", "1:20: blending.gamma: is 0.51, expected a number from 0 to 0.5"),
        ("blending: { gamma: -0.01 }", "1:20: blending.gamma: is -0.01, expected a number from 0 to 0.5"),
        ("blending: { decay: 1.1 }", "1:20: blending.decay: is 1.1, expected a number from 0 to 1"),
        ("blending: { handoff: streams }", "1:22: blending.handoff: is 'streams', expected stream, final; did you"),
        ("blending: { space: pixels }", "1:20: blending.space: is 'pixels', expected denoised, latent"),
        ("blending: { strength: twice }", "1:23: blending.strength: is 'twice', expected step, path, once"),
        ("blending: { until: 2 }", "1:20: blending.until: is 2, expected a number from 0 to 1"),
        ("sar: { pairing: between }", "1:17: sar.pairing: is 'between', expected within, across"),
        ("sar: { gate: scenes }", "1:14: sar.gate: is 'scenes', expected none, scene; did you mean 'scene'?"),
        ("sar: [within]", "1:6: sar: is a list, expected off or a mapping (pairing, gate, …)"),
        ("title: 1984", "1:8: title: is the number 1984, expected a title: write \"1984\" for the word"),
        ("title: [a]", "1:8: title: is a list, expected a title"),
        ("title: ''", "1:8: title: is empty, expected a title"),
        ("title:", "1:7: title: is empty, expected a title"),
        ("model: ~", "1:8: model: is empty, expected a model's name"),
    ])
    func everyValueIsChecked(line: String, says: String) {
        let said = refusal(of: line + "\n" + Stories.segments)
        #expect(said.hasPrefix("story.yaml:" + says), "\(said)")
    }

    @Test(arguments: [
        ("", "story.yaml: is empty, expected a story with its segments"),
        ("# a comment\n", "story.yaml: is empty, expected a story with its segments"),
        ("--- \n", "story.yaml:2:1: is empty, expected the keys of a story (title, model, video, …)"),
        ("a story", "story.yaml:1:1: is 'a story', expected the keys of a story"),
        ("[]", "story.yaml:1:1: is a list, expected the keys of a story"),
        ("title: a", "story.yaml:1:1: segments: is missing, expected a list of segments, each with scene and action"),
        ("segments: []", "story.yaml:1:11: segments: has 0 entries, expected 1 to 10000"),
        ("segments:", "story.yaml:1:10: segments: is empty, expected a list of segments"),
        ("segments: {scene: a, action: b}", "story.yaml:1:11: segments: is a mapping, expected a list of segments"),
        ("segments: [a fox]", "story.yaml:1:12: segments.1: is 'a fox', expected scene and action"),
        ("segments: [{scene: a}]", "story.yaml:1:12: segments.1.action: is missing, expected a prompt"),
        ("segments:\n- scene: a\n  action: ' '", "story.yaml:3:11: segments.1.action: is empty, expected a prompt"),
        ("segments:\n- scene: no\n  action: b", "story.yaml:2:10: segments.1.scene: is a no, expected a prompt: write"),
        (
            "segments:\n- scenes: a\n  action: b",
            "story.yaml:2:3: segments.1.'scenes': is no key of segments.1; did you"
        ),
        (
            "segments:\n- scene: a\n  scene: b\n  action: b",
            "story.yaml:3:3: segments.1.'scene': is given twice, first i"
        ),
        (
            "segments:\n- {scene: a, action: \"\\0\"}",
            "story.yaml:2:22: segments.1.action: has the control character U+0"
        ),
        ("segments:\n- {scene: a, action: \"\\e[2J\"}", "segments.1.action: has the control character U+001B"),
    ])
    func everyStoryHasItsSegments(text: String, says: String) {
        let said = refusal(of: text)
        #expect(said.contains(says), "\(said)")
    }

    @Test(arguments: [
        ("vidoe: { fps: 1 }", "1:1: 'vidoe': is no key of a story; did you mean 'video'?"),
        ("Title: a", "1:1: 'Title': is no key of a story; did you mean 'title'?"),
        ("segment: []", "1:1: 'segment': is no key of a story; did you mean 'segments'?"),
        ("video: { heigth: 1 }", "1:10: video.'heigth': is no key of video; did you mean 'height'?"),
        ("video: { depth: 1 }", "1:10: video.'depth': is no key of video; expected one of width, height, frames, fps"),
        ("sampling: { step: 9 }", "1:13: sampling.'step': is no key of sampling; did you mean 'steps'?"),
        ("blending: { hand-off: stream }", "1:13: blending.'hand-off': is no key of blending; did you mean 'handoff'?"),
        ("\"a\\nb\": 1", "1:1: 'aU+000Ab': is no key of a story; expected one of title, model, video"),
        (
            "\(String(repeating: "k", count: 900)): 1",
            "1:1: '\(String(repeating: "k", count: 48))…': is no key of a story"
        ),
    ])
    func unknownKeysSuggestTheNearestOne(line: String, says: String) {
        let said = refusal(of: line + "\n" + Stories.segments)
        #expect(said.hasPrefix("story.yaml:" + says), "\(said)")
    }

    @Test func keysThatComeTwiceAreRefused() {
        let twice = "title: a\ntitle: b\n" + Stories.segments
        #expect(refusal(of: twice) == "story.yaml:2:1: 'title': is given twice, first in line 1")
        let json = #"{"title": "a", "\u0074itle": "b", "segments": []}"#
        #expect(refusal(of: json, as: .json) == "story.yaml:1:16: 'title': is given twice, first in line 1")
    }

    @Test func theEndsOfRangesBelongToThem() throws {
        for gamma in ["0", "0.5", "5e-1", ".5", "0.0"] {
            _ = try document("blending: { gamma: \(gamma) }\n" + Stories.segments).resolved()
        }
        let edges =
            "sampling: { steps: 2, guidance: [0, 100] }\nvideo: { width: 4096, height: 1, frames: 1537, fps: 120 }\n"
        _ = try document(edges + Stories.segments).resolved()
    }

    @Test func longTextsAreRefusedWithTheirLength() throws {
        let prompt = String(repeating: "ä", count: 100_000)
        let said = refusal(of: "segments:\n- { scene: a, action: \(prompt) }\n")
        #expect(said == "story.yaml:2:23: segments.1.action: has 200000 bytes, over the limit of 8192")
        let fits = String(repeating: "a", count: ScriptLimits.promptBytes)
        #expect(try document("segments: [{ scene: a, action: \(fits) }]").script.segments[0].action == fits)
        #expect(refusal(of: "segments: [{ scene: a, action: \(fits)a }]").contains("has 8193 bytes"))
        #expect(
            refusal(of: "title: \(fits)\n" + Stories.segments).contains("title: has 8192 bytes, over the limit of 256"))
        #expect(refusal(of: "model: \(fits)\n" + Stories.segments).contains("model: has 8192 bytes"))
        #expect(refusal(of: "sampling: { negative: \(fits) }\n" + Stories.segments).contains("over the limit of 4096"))
    }

    @Test func longNumbersAreCut() {
        let digits = String(repeating: "1", count: 48)
        let number = String(repeating: "1", count: 100_000)
        #expect(
            refusal(of: "segments:\n- { scene: \(number), action: b }\n")
                == "story.yaml:2:12: segments.1.scene: is the number \(digits)…, expected a prompt: "
                + "write \"\(digits)…\" for the word")
    }

    @Test func thereAreNotEndlesslyManySegments() throws {
        let segment = "- {scene: a, action: b}\n"
        let most = "segments:\n" + String(repeating: segment, count: ScriptLimits.segments)
        #expect(try document(most).script.segments.count == ScriptLimits.segments)
        #expect(refusal(of: most + segment) == "story.yaml:2:1: segments: has 10001 entries, expected 1 to 10000")
    }
}
