/// A story as it is handed in.
public struct StorySubmission: Codable, Hashable, Sendable {
    /// The script's text.
    public var script: String
    /// The script's file name: says the format (`.json`, else YAML) and stands in error messages.
    public var name: String
    /// As `blending.gamma=0.3`; later ones win, and all win over the script.
    public var overrides: [String]
    /// Drawn by the client: with the same one a story is submitted only once, however often it is sent. Another story,
    /// or another's, is refused under it.
    public var token: String?
    /// The larger goes first.
    public var priority: Int
    /// Whether workers that only pretend to denoise may render it.
    public var allowsSimulation: Bool

    public init(
        script: String, name: String, overrides: [String] = [], token: String? = nil, priority: Int = 0,
        allowsSimulation: Bool = false
    ) {
        (self.script, self.name, self.overrides) = (script, name, overrides)
        (self.token, self.priority, self.allowsSimulation) = (token, priority, allowsSimulation)
    }

    /// Only the script must be there, so that a story can be submitted by hand.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            script: values.decode(String.self, forKey: .script),
            name: values.decodeIfPresent(String.self, forKey: .name) ?? "story.yaml",
            overrides: values.decodeIfPresent([String].self, forKey: .overrides) ?? [],
            token: values.decodeIfPresent(String.self, forKey: .token),
            priority: values.decodeIfPresent(Int.self, forKey: .priority) ?? 0,
            allowsSimulation: values.decodeIfPresent(Bool.self, forKey: .allowsSimulation) ?? false)
    }
}

/// The answer to a submission: from here on nothing is lost.
public struct StoryReceipt: Codable, Hashable, Sendable {
    public var id: UInt64
    /// False where the token was known.
    public var isNew: Bool
    public var segments: Int

    public init(id: UInt64, isNew: Bool, segments: Int) { (self.id, self.isNew, self.segments) = (id, isNew, segments) }
}

/// What may be done to a story.
public enum StoryCommand: Codable, Hashable, Sendable {
    case pause
    case resume
    /// What failed or was cancelled begins again.
    case retry
    case cancel
    /// Only what has ended; its files go.
    case delete
    case prioritize(Int)
    /// Segments from this one on are rendered again, the first with what is given anew.
    case revise(segment: Int, scene: String?, action: String?, seed: UInt64?)
}
