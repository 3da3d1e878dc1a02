/// Names a story for as long as the farm remembers it; issued once by the coordinator, never reused.
public struct StoryID: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public static func < (a: StoryID, b: StoryID) -> Bool { a.rawValue < b.rawValue }
}

/// One segment of one story: the unit that is leased, denoised and delivered.
public struct SegmentID: Hashable, Comparable, Sendable {
    public let story: StoryID
    /// 1…N in story order.
    public let number: UInt32

    public init(story: StoryID, number: UInt32) {
        self.story = story
        self.number = number
    }

    public static func < (a: SegmentID, b: SegmentID) -> Bool { (a.story, a.number) < (b.story, b.number) }
}

/// Names one worker process: the first 128 bits of the SHA-256 of a random secret that the process drew at its start.
///
/// The secret travels only in Hello, so nobody who merely sees an id can speak for its worker.
public struct WorkerID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// One incarnation of a segment's boundary stream; within it the first write of a step wins.
public struct Generation: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static func < (a: Generation, b: Generation) -> Bool { a.rawValue < b.rawValue }
}

/// A segment's boundary stream in one of its generations.
public struct StreamID: Hashable, Sendable {
    public let segment: SegmentID
    public let generation: Generation

    public init(segment: SegmentID, generation: Generation) {
        self.segment = segment
        self.generation = generation
    }
}
