// What goes over HTTP around the farm's own forms: objects, not bare lists, so that a later version may add to them.

/// A page of stories.
public struct StoryList: Codable, Hashable, Sendable {
    /// The newest first.
    public var stories: [StoryOverview]
    /// What to give as `before` for the next page; nil on the last.
    public var next: UInt64?

    public init(stories: [StoryOverview], next: UInt64? = nil) { (self.stories, self.next) = (stories, next) }
}

public struct WorkerList: Codable, Hashable, Sendable {
    public var workers: [WorkerOverview]

    public init(workers: [WorkerOverview]) { self.workers = workers }
}

/// What happened to one story, the oldest first.
public struct StoryLog: Codable, Hashable, Sendable {
    public var news: [FarmNews]

    public init(news: [FarmNews]) { self.news = news }
}

public struct PriorityRequest: Codable, Hashable, Sendable {
    public var priority: Int

    public init(priority: Int) { self.priority = priority }
}

/// Segments from this one on are rendered again.
public struct RevisionRequest: Codable, Hashable, Sendable {
    public var segment: Int
    /// What is not given stays as it is.
    public var scene: String?
    public var action: String?
    public var seed: UInt64?

    public init(segment: Int, scene: String? = nil, action: String? = nil, seed: UInt64? = nil) {
        (self.segment, self.scene, self.action, self.seed) = (segment, scene, action, seed)
    }
}

/// Without a body, a worker is drained.
public struct DrainRequest: Codable, Hashable, Sendable {
    public var isDraining: Bool

    public init(isDraining: Bool) { self.isDraining = isDraining }
}
