import Testing

@testable import Script

/// Goal: a script can be kept as it was said, and resolved later as if it had been resolved at once.
/// Method: through JSON and back, with everything and with nothing said.
@Suite struct OpenScriptTests {
    private static let scripts = [
        "segments: [{ scene: a, action: b }]",
        """
        title: "T\\"x"
        model: grand
        video: { width: 96, height: 64, frames: 7, fps: 12 }
        sampling: { steps: 4, guidance: [4, 3.5, 3, 2], seed: 18446744073709551615, negative: "no\\n" }
        weighting: { prompt: scene, alignment: 0.5, smoothness: 2, prior: 1, temperature: 0.25, preview: linear,
            every: 2, mask: union }
        blending: { gamma: 0.3, decay: 0.8, handoff: final, space: latent, strength: once, until: 0.5 }
        sar: { pairing: across, gate: scene }
        segments: [{ scene: a, action: b, seed: 3 }, { scene: d, action: c }]
        """,
        "weighting: off\nblending: off\nsar: off\nsampling: { steps: 9 }\nsegments: [{ scene: a, action: b }]",
        "weighting: { every: 3 }\nblending: {}\nsegments: [{ scene: a, action: b }]",
    ]

    @Test(arguments: scripts) func whatWasSaidIsKept(_ text: String) throws {
        let script = try document(text).script
        let again = try ScriptDocument(parsing: Array(script.json.utf8), as: .json, file: "again").script
        #expect(again == script)
        #expect(again.json == script.json)
    }

    @Test func aModelsRecommendationsFillInWhatWasLeftOpen() throws {
        let model = #"{"sampling": {"steps": 20, "guidance": 3}, "blending": {"gamma": 0.1, "handoff": "final"}}"#
        let defaults = try ScriptDefaults(parsing: Array(model.utf8), file: "storyfarm.json")
        let said = try document("sampling: { guidance: 2 }\nsegments: [{ scene: a, action: b }]")
        let kept = try ScriptDocument(parsing: Array(said.script.json.utf8), as: .json, file: "kept")
        let story = try kept.resolved(with: defaults)
        #expect(story == (try said.resolved(with: defaults)))
        #expect(story.settings.sampling.steps == 20 && story.settings.sampling.guidance == .constant(2))
        #expect(story.settings.blending.settings?.handoff == .final)
    }
}
