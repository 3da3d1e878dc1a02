public import Farm

/// Where one boundary stands in the log.
public struct BoundaryEntry: Hashable, Sendable {
    public let segment: SegmentID
    public let generation: Generation
    public let step: UInt32
    /// XXH3, 64 bits, of the payload.
    public let checksum: UInt64
    /// Of the payload's first byte in the segment's file.
    public let offset: Int
    /// The payload's length.
    public let byteCount: Int
}

/// What became of a boundary that was to be appended.
public enum BoundaryAppendOutcome: Hashable, Sendable {
    /// It is in the log now; durable with the next ``BoundaryLog/synchronize(_:)``.
    case stored(BoundaryEntry)
    /// The same bytes were there; whether durably, only the next ``BoundaryLog/synchronize(_:)`` makes sure.
    case alreadyThere(BoundaryEntry)
    /// Other bytes are there under the same generation and step, and stay.
    case conflict(BoundaryEntry)
}
