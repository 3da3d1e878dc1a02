/// The farm's queue at a glance.
public struct QueueReport: Codable, Hashable, Sendable {
    /// Segments of stories that have not ended, by state: blocked, ready, denoising, denoised, delivering and so on;
    /// paused are those that would be blocked or ready if their story were not.
    public var segments: [String: Int]
    /// Stories by state.
    public var stories: [String: Int]
    /// Workers by state: idle, denoising, draining, setAside, disconnected.
    public var workers: [String: Int]
    /// Expected worker-seconds of everything that is not denoised yet, without paused stories; by measured steps where
    /// there are any.
    public var backlogSeconds: Double
    /// Since the longest waiting ready segment became so, or its story was resumed; nil where none waits.
    public var oldestReadySeconds: Double?
    /// Stories that wait for something, and for what.
    public var waiting: [Waiting]

    public struct Waiting: Codable, Hashable, Sendable {
        public var story: UInt64
        public var reason: String

        public init(story: UInt64, reason: String) { (self.story, self.reason) = (story, reason) }
    }

    public init(
        segments: [String: Int], stories: [String: Int], workers: [String: Int], backlogSeconds: Double,
        oldestReadySeconds: Double? = nil, waiting: [Waiting] = []
    ) {
        (self.segments, self.stories, self.workers) = (segments, stories, workers)
        (self.backlogSeconds, self.oldestReadySeconds, self.waiting) = (backlogSeconds, oldestReadySeconds, waiting)
    }
}
