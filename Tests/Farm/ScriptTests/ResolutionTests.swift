import Testing
import Wire

@testable import Script

/// Goal: a resolved story leaves nothing open, and survives being stored.
@Suite struct ResolutionTests {
    private func defaults(_ json: String) throws -> ScriptDefaults {
        try ScriptDefaults(parsing: Array(json.utf8), file: "storyfarm.json")
    }

    @Test func withoutAnyWordThePublishedModelsValuesHold() throws {
        let story = try document(Stories.segments).resolved()
        #expect(story.title == "Untitled")
        #expect(story.model == "embedded")
        #expect(story.settings == .builtIn)
        #expect(story.settings.video == .init(width: 848, height: 480, frames: 163, framesPerSecond: 30))
        #expect(story.settings.sampling == .init(steps: 64, guidance: .constant(4.5), seed: 0, negative: ""))
        let weighting = story.settings.weighting
        #expect(weighting.prompt == .both)
        #expect([weighting.alignment, weighting.smoothness, weighting.prior, weighting.temperature] == [1, 1, 1, 0.5])
        #expect(story.settings.blending.settings?.decay == 0.9)
        #expect(story.settings.blending.settings?.handoff == .stream)
        #expect(story.settings.blending.settings?.until == 0)
        #expect(story.settings.semanticAction == .on(.init(pairing: .within, gate: .none)))
        #expect(story.seconds == 163.0 / 30)
    }

    @Test func aModelsRecommendationFillsWhatTheStoryLeavesOpen() throws {
        let defaults = try defaults(
            """
            {"video": {"width": 192, "height": 128, "frames": 25, "fps": 12}, "vae": {"form": "genmo", "x": [[1]]},
             "blending": {"gamma": 0.1, "strength": "path"}, "weighting": "off", "sar": {"gate": "scene"}}
            """)
        let story = try document("video: { fps: 6 }\nblending: { gamma: 0.4 }\n" + Stories.segments)
            .resolved(with: defaults).settings
        #expect(story.video == .init(width: 192, height: 128, frames: 25, framesPerSecond: 6))
        #expect(story.blending.settings?.gamma == 0.4)
        #expect(story.blending.settings?.strength == .path)
        #expect(story.weighting.prompt == .joined)
        #expect(story.semanticAction.settings?.gate == .scene)
        // What the story switches on is not off because the model's makers left it off.
        let on = try document("weighting: { alignment: 2 }\n" + Stories.segments).resolved(with: defaults).settings
        #expect(on.weighting.prompt == .both)
    }

    @Test func withoutBlendingThereIsNothingToWeaken() throws {
        let story = try document("blending: off\nsar: { gate: scene }\n" + Stories.segments).resolved()
        #expect(story.settings.semanticAction == .off)
    }

    @Test func guidanceOfEveryStepIsCounted() throws {
        #expect(
            refusal(of: "sampling:\n  guidance: [1, 2, 3]\n" + Stories.segments)
                == "story.yaml:2:13: sampling.guidance: has 3 numbers, expected one, or one for each of 64 steps")
        let defaults = try defaults(#"{"sampling": {"steps": 2, "guidance": [6, 5]}}"#)
        #expect(try document(Stories.segments).resolved(with: defaults).settings.sampling.steps == 2)
        #expect(
            refusal(of: "sampling: { steps: 3 }\n" + Stories.segments, with: defaults)
                == "storyfarm.json:1:39: sampling.guidance: has 2 numbers, expected one, or one for each of 3 steps")
    }

    @Test func aWholeBlendHasNoPath() throws {
        let text = "blending: { gamma: 0.5, strength: path }\n" + Stories.segments
        #expect(
            refusal(of: text)
                == "story.yaml:1:20: blending.gamma: is 0.5, expected less than 0.5 with strength path")
        #expect(try document(text, set: ["blending.strength=once"]).resolved().settings.blending.settings?.gamma == 0.5)
    }

    @Test(arguments: [
        (#"{"video": {"widht": 3}}"#, "storyfarm.json:1:12: video.'widht': is no key of video; did you mean 'width'?"),
        (#"{"sampling": 3}"#, "storyfarm.json:1:14: sampling: is 3, expected a mapping (steps, guidance, seed, …)"),
        ("[]", "storyfarm.json:1:1: is a list, expected a model's recommendations"),
        (#"{"video":{}, "video":{}}"#, "storyfarm.json:1:14: 'video': is given twice, first in line 1"),
        ("", "storyfarm.json: is empty, expected a model's recommendations"),
    ])
    func wrongRecommendationsAreNamed(json: String, says: String) {
        let error = #expect(throws: ScriptError.self) { try defaults(json) }
        #expect(error?.description == says)
    }

    // MARK: The canonical form

    @Test(arguments: [Stories.full, Stories.segments, "weighting: off\nblending: off\n" + Stories.segments])
    func aResolvedStoryComesBackFromItsJSON(text: String) throws {
        let story = try document(text).resolved()
        #expect(try ResolvedStory(json: story.json, file: "stored") == story)
        #expect(try ResolvedStory(json: story.json, file: "stored").json == story.json)
        #expect(try ResolvedSettings(json: story.settings.json, file: "stored") == story.settings)
        // Also as a script, in either format, whatever a model recommends.
        let other = try defaults(#"{"video": {"width": 16}, "sar": {"gate": "scene"}}"#)
        for format in [ScriptFormat.yaml, .json] {
            #expect(try document(story.json, as: format).resolved(with: other) == story)
        }
    }

    @Test func theCanonicalFormIsWrittenInOneWay() throws {
        #expect(
            try document(Stories.full).resolved().json == #"""
                {
                  "title": "A fox's day",
                  "model": "large",
                  "video": {"width": 192, "height": 128, "frames": 25, "fps": 12},
                  "sampling": {"steps": 4, "guidance": [6, 5, 4.5, 1], \#
                "seed": 18446744073709551615, "negative": "blurred, dark"},
                  "weighting": {"prompt": "action", "alignment": 2, "smoothness": 0.5, \#
                "prior": 0, "temperature": 1, "preview": "exact", "every": 3, "mask": "union"},
                  "blending": {"gamma": 0.3, "decay": 1, "handoff": "final", \#
                "space": "latent", "strength": "once", "until": 0.25},
                  "sar": {"pairing": "across", "gate": "scene"},
                  "segments": [
                    {"scene": "a fox is in the park", "action": "a fox is jumping"},
                    {"scene": "a fox is on the beach", "action": "a fox says: \"hello\" 🦊"}
                  ]
                }
                """#)
    }

    /// Settings, prompts and counts must fit the messages that carry them.
    @Test func theLargestStoryFitsTheWire() throws {
        #expect(ScriptLimits.promptBytes <= WireLimits.promptBytes)
        #expect(ScriptLimits.segments <= WireLimits.segments)
        #expect(ScriptLimits.steps.upperBound <= WireLimits.steps)
        #expect(ScriptLimits.modelBytes <= WireLimits.nameBytes)
        let quotes = String(repeating: "\"", count: ScriptLimits.negativeBytes)
        let guidance = (0..<1000).map { "\(1.0 + Double($0 + 1) * 1.1e-13)" }.joined(separator: ", ")
        let text = """
            sampling: { steps: 1000, negative: '\(quotes)', guidance: [\(guidance)] }
            segments: [ { scene: a, action: b } ]
            """
        let settings = try document(text).resolved().settings
        #expect(settings.json.utf8.count <= WireLimits.settingsBytes, "\(settings.json.utf8.count)")
        #expect(try ResolvedSettings(json: settings.json, file: "stored") == settings)
    }

    /// Quotes double in JSON, so that a script at its limit becomes more than a script may have.
    @Test func theLargestScriptComesBack() throws {
        let prompt = String(repeating: "\"", count: 8000)
        let segment = "- { scene: '\(prompt)', action: '\(prompt)' }\n"
        let text = "segments:\n" + String(repeating: segment, count: ScriptLimits.scriptBytes / segment.utf8.count)
        let story = try document(text).resolved()
        #expect(story.json.utf8.count > ScriptLimits.scriptBytes)
        #expect(try ResolvedStory(json: story.json, file: "stored") == story)
    }
}
