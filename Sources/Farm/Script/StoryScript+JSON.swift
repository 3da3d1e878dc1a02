extension StoryScript {
    /// What was said, as JSON; what was left out stays open, for a model's recommendations to fill in later.
    ///
    /// Equal scripts give equal bytes.
    public var json: String {
        let members =
            [title.map { "\"title\": \(JSONText.text($0))" }, model.map { "\"model\": \(JSONText.text($0))" }]
            + [
                settings.video.given.map { JSONText.member("video", $0) },
                settings.sampling.given.map { JSONText.member("sampling", $0) },
                settings.weighting.map { JSONText.member("weighting", $0.settings?.given) },
                settings.blending.map { JSONText.member("blending", $0.settings?.given) },
                settings.semanticAction.map { JSONText.member("sar", $0.settings?.given) },
            ]
        let segments = segments.map { "    \(JSONText.segment($0))" }.joined(separator: ",\n")
        return """
            {
            \(members.compactMap { $0 }.map { "  \($0),\n" }.joined())  "segments": [
            \(segments)
              ]
            }
            """
    }
}

/// Keys with their values, without those that were left out.
private func given(_ values: (String, String?)...) -> [(String, String)] {
    values.compactMap { key, value in value.map { (key, $0) } }
}

extension StorySettings.Video {
    /// Nil where nothing was said.
    fileprivate var given: [(String, String)]? {
        let values = Script.given(
            ("width", width.map(String.init)), ("height", height.map(String.init)),
            ("frames", frames.map(String.init)), ("fps", framesPerSecond.map(String.init)))
        return values.isEmpty ? nil : values
    }
}

extension StorySettings.Sampling {
    /// Nil where nothing was said.
    fileprivate var given: [(String, String)]? {
        let values = Script.given(
            ("steps", steps.map(String.init)), ("guidance", guidance.map(JSONText.guidance)),
            ("seed", seed.map { "\($0)" }), ("negative", negative.map(JSONText.text)))
        return values.isEmpty ? nil : values
    }
}

extension StorySettings.Weighting {
    fileprivate var given: [(String, String)] {
        Script.given(
            ("prompt", prompt.map { JSONText.word($0) }), ("alignment", alignment.map(JSONText.number)),
            ("smoothness", smoothness.map(JSONText.number)), ("prior", prior.map(JSONText.number)),
            ("temperature", temperature.map(JSONText.number)), ("preview", preview.map { JSONText.word($0) }),
            ("every", every.map(String.init)), ("mask", mask.map { JSONText.word($0) }))
    }
}

extension StorySettings.Blending {
    fileprivate var given: [(String, String)] {
        Script.given(
            ("gamma", gamma.map(JSONText.number)), ("decay", decay.map(JSONText.number)),
            ("handoff", handoff.map { JSONText.word($0) }), ("space", space.map { JSONText.word($0) }),
            ("strength", strength.map { JSONText.word($0) }), ("until", until.map(JSONText.number)))
    }
}

extension StorySettings.SemanticAction {
    fileprivate var given: [(String, String)] {
        Script.given(
            ("pairing", pairing.map { JSONText.word($0) }), ("gate", gate.map { JSONText.word($0) }))
    }
}
