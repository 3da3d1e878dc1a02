import Script

/// A resolved story, for people and for programs.
struct StoryReport {
    let story: ResolvedStory
    /// The model folder's; nil for Mochi-1's.
    let model: DenoisingWork?

    /// The story's canonical form beside the limits that it was checked against.
    var json: String {
        let members = limits.map { "    \"\($0.key)\": {\"value\": \($0.value), \"limit\": \($0.limit)}" }
        return """
            {
              "story": \(story.json.split(separator: "\n").joined(separator: "\n  ")),
              "work": {"steps": \(steps), "gpuSeconds": \(Self.number(seconds))},
              "limits": {
            \(members.joined(separator: ",\n"))
              }
            }
            """
    }

    var text: String {
        let settings = story.settings
        let rows = [
            ("title", story.title), ("model", story.model), ("video", video), ("sampling", sampling),
            ("weighting", weighting(settings.weighting)),
            ("blending", settings.blending.settings.map(blending) ?? "off"),
            ("sar", semanticAction),
            ("work", work),
            ("limits", limits.map { "\($0.words) \($0.value) of \($0.limit)" }.joined(separator: ", ")),
        ]
        let width = String(story.segments.count).count
        let segments = story.segments.enumerated().map { index, segment in
            let number = String(index + 1)
            let blanks = String(repeating: " ", count: width - number.count)
            return """
                  \(blanks)\(number)  scene   \(segment.scene)
                  \(String(repeating: " ", count: width))  action  \(segment.action)
                """
        }
        return (rows.map { Self.padded($0.0, to: 11) + $0.1 } + ["segments"] + segments).joined(separator: "\n")
    }

    // MARK: Work

    private var steps: Int { story.segments.count * story.settings.sampling.steps }

    private var seconds: Double {
        let seconds = (model ?? .mochi).seconds(of: story)
        return seconds < 10 ? (seconds * 10).rounded() / 10 : seconds.rounded()
    }

    private var work: String {
        let amount = seconds < 0.1 ? "less than 0.1" : "about \(Self.number(seconds))"
        return "\(steps) steps, with \(model == nil ? "Mochi-1" : "this model") \(amount) GPU-seconds "
            + "(arithmetic, at \(Int(DenoisingWork.operationsPerSecond / 1e12)) TFLOP/s of an H100)"
    }

    // MARK: Limits

    private struct Limit {
        let key, words: String
        let value, limit: Int
    }

    private var limits: [Limit] {
        let longest = story.segments.flatMap { [$0.scene.utf8.count, $0.action.utf8.count] }.max() ?? 0
        return [
            Limit(
                key: "segments", words: "segments", value: story.segments.count, limit: ScriptLimits.segments),
            Limit(
                key: "promptBytes", words: "longest prompt in bytes", value: longest, limit: ScriptLimits.promptBytes),
        ]
    }

    // MARK: Parts

    private var video: String {
        let video = story.settings.video
        let tenths = (story.seconds * 10).rounded() / 10
        return
            "\(video.width)×\(video.height), \(video.frames) frames at \(video.framesPerSecond) a second per segment, "
            + "\(Self.number(tenths)) s in all"
    }

    private var sampling: String {
        let sampling = story.settings.sampling
        let guidance =
            switch sampling.guidance {
            case .constant(let value): Self.number(value)
            case .perStep(let values): values.map(Self.number).joined(separator: " ")
            }
        return "steps \(sampling.steps), guidance \(guidance), seed \(sampling.seed), "
            + (sampling.negative.isEmpty ? "no negative prompt" : "negative: \(sampling.negative)")
    }

    private func weighting(_ weighting: ResolvedSettings.Weighting) -> String {
        guard weighting.prompt == .both else {
            return weighting.prompt == .joined
                ? "off: scene and action as one prompt" : "off: the \(weighting.prompt.rawValue) prompt alone"
        }
        return "alignment \(Self.number(weighting.alignment)), smoothness \(Self.number(weighting.smoothness)), "
            + "prior \(Self.number(weighting.prior)), temperature \(Self.number(weighting.temperature)), "
            + "preview \(weighting.preview.rawValue) every \(weighting.every), mask \(weighting.mask.rawValue)"
    }

    private func blending(_ blending: ResolvedSettings.Blending) -> String {
        "gamma \(Self.number(blending.gamma)), decay \(Self.number(blending.decay)), "
            + "handoff \(blending.handoff.rawValue), space \(blending.space.rawValue), "
            + "strength \(blending.strength.rawValue), until \(Self.number(blending.until))"
    }

    private var semanticAction: String {
        switch (story.settings.semanticAction, story.settings.blending) {
        case (.on(let settings), _): "pairing \(settings.pairing.rawValue), gate \(settings.gate.rawValue)"
        case (.off, .on): "off"
        case (.off, .off): "off, because blending is"
        }
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
