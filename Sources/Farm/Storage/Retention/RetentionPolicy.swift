public import Farm

/// How long it is kept what stories that have ended would go on with: their boundary logs, checkpoints and latents.
///
/// Their videos stay until a story is deleted. Without the boundaries a story can only be rendered again from its first
/// segment on, so they are kept for some days; less where the disk has no room for that, and then the oldest go first.
/// Where that is not enough, no further story is accepted.
public struct RetentionPolicy: Hashable, Sendable {
    /// A story that has ended can be revised and retried for so long.
    public var boundaryTime = Duration.seconds(7 * 86_400)
    /// With less room than this, stories lose what they would go on with before their time.
    public var watermarkBytes = 2 << 30
    /// With less room than this, no story is accepted; what is left is for stories that are rendered.
    public var reservedBytes = 1 << 30

    public init() {}

    /// A story that has ended, with files that it would go on with.
    public struct Candidate: Hashable, Sendable {
        public let story: StoryID
        /// In seconds since 1970.
        public let ended: Double
        /// Of these files.
        public let byteCount: Int

        public init(story: StoryID, ended: Double, byteCount: Int) {
            (self.story, self.ended, self.byteCount) = (story, ended, byteCount)
        }
    }

    /// Which stories lose these files now, those that ended first before the others.
    ///
    /// - Parameters:
    ///   - freeBytes: of the disk.
    ///   - now: in seconds since 1970.
    public func stories(toPrune candidates: [Candidate], freeBytes: Int, now: Double) -> [StoryID] {
        var freeBytes = freeBytes
        var pruned: [StoryID] = []
        for candidate in candidates.sorted(by: { ($0.ended, $0.story) < ($1.ended, $1.story) }) {
            let isOver = now - candidate.ended >= boundaryTime / .seconds(1)
            guard isOver || freeBytes < watermarkBytes else { break }
            pruned.append(candidate.story)
            freeBytes += candidate.byteCount
        }
        return pruned
    }
}
