public import Farm
public import Logging

/// What a line of a log is about, under the same names everywhere: `story`, `segment` (its number in the story) and
/// `attempt` (the lease: epoch and number).
extension Logger.Metadata {
    public static func story(_ id: StoryID) -> Self { ["story": "\(id.rawValue)"] }

    public static func segment(_ id: SegmentID) -> Self {
        ["story": "\(id.story.rawValue)", "segment": "\(id.number)"]
    }

    public static func attempt(_ id: AttemptID) -> Self {
        segment(id.segment).adding(["attempt": "\(id.lease.epoch).\(id.lease.number)"])
    }

    /// The same with more beside it.
    public func adding(_ more: Self) -> Self { merging(more) { $1 } }
}
