/// What must be durable before any action of the same outcome is taken.
public enum FarmChange: Hashable, Sendable {
    /// Everything of a story but its segments.
    case story(StoryRecord)
    case segment(SegmentID, SegmentRecord)
    case device(String, DeviceRecord?)
    /// Nil to forget it.
    case node(String, NodeRecord?)
    case removed(StoryID)
}

/// A device that failed segments.
public struct DeviceRecord: Hashable, Sendable {
    /// Which; a segment counts once.
    public internal(set) var failed: [SegmentID]
    public internal(set) var isSetAside: Bool

    public init(failed: [SegmentID] = [], isSetAside: Bool = false) {
        self.failed = failed
        self.isSetAside = isSetAside
    }
}

/// What follows from an event.
public struct FarmOutcome: Hashable, Sendable {
    public internal(set) var changes: [FarmChange] = []
    public internal(set) var actions: [FarmAction] = []
}
