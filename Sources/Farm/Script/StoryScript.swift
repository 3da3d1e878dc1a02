/// A part of a story: what is to be seen, and what happens.
public struct StorySegment: Equatable, Sendable {
    /// The scene prompt.
    public var scene: String
    /// The action prompt.
    public var action: String
    /// Of its noise; nil for the story's own seed.
    public var seed: UInt64?

    public init(scene: String, action: String, seed: UInt64? = nil) {
        self.scene = scene
        self.action = action
        self.seed = seed
    }
}

/// A story as its author wrote it; what was left out is nil.
public struct StoryScript: Equatable, Sendable {
    public var title: String?
    /// The name of the model that is to render it.
    public var model: String?
    public var settings: StorySettings
    /// 1 to ``ScriptLimits/segments``.
    public var segments: [StorySegment]

    public init(
        title: String? = nil, model: String? = nil, settings: StorySettings = StorySettings(), segments: [StorySegment]
    ) {
        self.title = title
        self.model = model
        self.settings = settings
        self.segments = segments
    }
}

extension StoryScript {
    static let keys = ["title", "model"] + StorySettings.keys + ["segments"]

    init(_ root: ScriptNode, file: String) throws(ScriptError) {
        let story = try MappingReader(root, file: file, path: "", keys: Self.keys, of: "the keys of a story")
        title = try story.text("title", atMost: ScriptLimits.titleBytes, notEmpty: "a title")
        model = try story.text("model", atMost: ScriptLimits.modelBytes, notEmpty: "a model's name")
        settings = try StorySettings(story)
        segments = []
        let items = try story.list(
            "segments", count: 1...ScriptLimits.segments, of: "a list of segments, each with scene and action")
        for (index, item) in items.enumerated() {
            segments.append(try StorySegment(item, number: index + 1, file: file))
        }
    }
}

extension StorySegment {
    fileprivate init(_ node: ScriptNode, number: Int, file: String) throws(ScriptError) {
        let segment = try MappingReader(
            node, file: file, path: "segments.\(number).", keys: ["scene", "action", "seed"], of: "scene and action")
        scene = try segment.prompt("scene")
        action = try segment.prompt("action")
        seed = try segment.seed("seed")
    }
}
