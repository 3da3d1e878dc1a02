import Testing

@testable import Script

/// Pieces of scripts that the tests vary.
enum Stories {
    static let segments = "segments:\n- { scene: a fox is in the park, action: a fox is jumping }\n"

    /// Every key, each with another value than its default.
    static let full = """
        title: A fox's day
        model: large
        video: { width: 192, height: 128, frames: 25, fps: 12 }
        sampling: { steps: 4, guidance: [6, 5, 4.5, 1], seed: 18446744073709551615, negative: "blurred, dark" }
        weighting:
          prompt: action
          alignment: 2
          smoothness: 0.5
          prior: 0
          temperature: 1
          preview: exact
          every: 3
          mask: union
        blending: { gamma: 0.3, decay: 1, handoff: final, space: latent, strength: once, until: 0.25 }
        sar: { pairing: across, gate: scene }
        segments:
          - scene: a fox is in the park
            action: a fox is jumping
          - scene: a fox is on the beach
            action: "a fox says: \\"hello\\" \\U0001F98A"

        """

    /// The same in JSON.
    static let fullJSON = #"""
        {"title": "A fox's day", "model": "large",
         "video": {"width": 192, "height": 128, "frames": 25, "fps": 12},
         "sampling": {"steps": 4, "guidance": [6, 5.0, 45e-1, 1], "seed": 18446744073709551615,
                      "negative": "blurred, dark"},
         "weighting": {"prompt": "action", "alignment": 2, "smoothness": 0.5, "prior": 0, "temperature": 1,
                       "preview": "exact", "every": 3, "mask": "union"},
         "blending": {"gamma": 0.3, "decay": 1, "handoff": "final", "space": "latent", "strength": "once",
                      "until": 0.25},
         "sar": {"pairing": "across", "gate": "scene"},
         "segments": [
            {"scene": "a fox is in the park", "action": "a fox is jumping"},
            {"scene": "a fox is on the beach", "action": "a fox says: \"hello\" \ud83e\udd8a"}]}
        """#
}

func document(
    _ text: String, as format: ScriptFormat = .yaml, set overrides: [String] = []
) throws(ScriptError) -> ScriptDocument {
    try ScriptDocument(parsing: Array(text.utf8), as: format, file: "story.yaml", overrides: overrides)
}

/// What is said of a script that is refused; it must be one line.
func refusal(
    of text: String, as format: ScriptFormat = .yaml, set overrides: [String] = [],
    with defaults: ScriptDefaults = .builtIn,
    sourceLocation: SourceLocation = #_sourceLocation
) -> String {
    refusal(of: Array(text.utf8), as: format, set: overrides, with: defaults, sourceLocation: sourceLocation)
}

func refusal(
    of bytes: [UInt8], as format: ScriptFormat = .yaml, set overrides: [String] = [],
    with defaults: ScriptDefaults = .builtIn, sourceLocation: SourceLocation = #_sourceLocation
) -> String {
    do throws(ScriptError) {
        _ = try ScriptDocument(parsing: bytes, as: format, file: "story.yaml", overrides: overrides)
            .resolved(with: defaults)
        Issue.record("was not refused", sourceLocation: sourceLocation)
        return ""
    } catch {
        let line = error.description
        #expect(!line.contains { $0.isNewline }, "\(line)", sourceLocation: sourceLocation)
        #expect(line.utf8.count < 1200, "\(line)", sourceLocation: sourceLocation)
        return line
    }
}
