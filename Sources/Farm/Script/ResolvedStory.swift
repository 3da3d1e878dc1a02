/// A story with every value given: what is stored, shown and rendered.
public struct ResolvedStory: Equatable, Sendable {
    public var title: String
    public var model: String
    public var settings: ResolvedSettings
    /// 1 to ``ScriptLimits/segments``.
    public var segments: [StorySegment]

    /// Seconds of the whole video.
    public var seconds: Double {
        Double(segments.count * settings.video.frames) / Double(settings.video.framesPerSecond)
    }
}

/// Two values that are allowed each, but not together.
public struct ScriptConflict: Error, Equatable, Sendable {
    /// Of one of them, as `blending.gamma`.
    public let key: String
    public let reason: String
}

extension StoryScript {
    /// The story with every value given.
    ///
    /// ``ScriptDocument/resolved(with:)`` does the same and knows the places of what is wrong.
    public func resolved(with defaults: ScriptDefaults = .builtIn) throws(ScriptConflict) -> ResolvedStory {
        ResolvedStory(
            title: title ?? defaults.title, model: model ?? defaults.model,
            settings: try ResolvedSettings(settings, defaults.settings), segments: segments)
    }
}

extension ResolvedStory {
    /// What ``json`` gave.
    ///
    /// Values that a later version added get what is built in.
    ///
    /// - Parameter file: the name that errors carry.
    /// - Throws: `ScriptError` with the place of what is wrong.
    public init(json: String, file: String) throws(ScriptError) {
        self = try ScriptDocument(json: json, file: file).resolved()
    }

    /// The canonical form: a script in JSON with every key, each always in the same place.
    ///
    /// Equal stories give equal bytes.
    public var json: String {
        let segments = segments.map { "    \(JSONText.segment($0))" }.joined(separator: ",\n")
        return """
            {
              "title": \(JSONText.text(title)),
              "model": \(JSONText.text(model)),
            \(settings.members.map { "  \($0)" }.joined(separator: ",\n")),
              "segments": [
            \(segments)
              ]
            }
            """
    }
}

extension ResolvedSettings {
    /// The settings alone in their canonical form, on one line: what travels beside a segment's prompts.
    public var json: String { "{\(members.joined(separator: ", "))}" }

    /// What ``json`` gave.
    ///
    /// - Parameter file: the name that errors carry.
    /// - Throws: `ScriptError` with the place of what is wrong.
    public init(json: String, file: String) throws(ScriptError) {
        let source = try ScriptSource(Array(json.utf8), file: file, limit: ScriptLimits.scriptBytes)
        let root = try ScriptNode(reading: source, as: .json, expected: "a story's settings")
        let given = try StorySettings(
            MappingReader(root, file: file, path: "", keys: StorySettings.keys, of: "a story's settings"))
        do throws(ScriptConflict) { self = try ResolvedSettings(given, StorySettings()) } catch {
            let path = error.key.split(separator: ".").map(String.init)
            throw ScriptError(file: file, place: root[path[...]]?.place, key: error.key, reason: error.reason)
        }
    }

    fileprivate var members: [String] {
        let (video, sampling, weighting) = (video, sampling, weighting)
        return [
            JSONText.member(
                "video",
                [
                    ("width", "\(video.width)"), ("height", "\(video.height)"), ("frames", "\(video.frames)"),
                    ("fps", "\(video.framesPerSecond)"),
                ]),
            JSONText.member(
                "sampling",
                [
                    ("steps", "\(sampling.steps)"), ("guidance", JSONText.guidance(sampling.guidance)),
                    ("seed", "\(sampling.seed)"), ("negative", JSONText.text(sampling.negative)),
                ]),
            JSONText.member(
                "weighting",
                [
                    ("prompt", JSONText.word(weighting.prompt)), ("alignment", JSONText.number(weighting.alignment)),
                    ("smoothness", JSONText.number(weighting.smoothness)), ("prior", JSONText.number(weighting.prior)),
                    ("temperature", JSONText.number(weighting.temperature)),
                    ("preview", JSONText.word(weighting.preview)), ("every", "\(weighting.every)"),
                    ("mask", JSONText.word(weighting.mask)),
                ]),
            JSONText.member("blending", blending.settings?.values),
            JSONText.member("sar", semanticAction.settings?.values),
        ]
    }
}

extension ResolvedSettings.Blending {
    fileprivate var values: [(String, String)] {
        [
            ("gamma", JSONText.number(gamma)), ("decay", JSONText.number(decay)), ("handoff", JSONText.word(handoff)),
            ("space", JSONText.word(space)), ("strength", JSONText.word(strength)), ("until", JSONText.number(until)),
        ]
    }
}

extension ResolvedSettings.SemanticAction {
    fileprivate var values: [(String, String)] {
        [("pairing", JSONText.word(pairing)), ("gate", JSONText.word(gate))]
    }
}
