/// One try at a segment, as everything that a worker reports names it.
public struct AttemptID: Hashable, Sendable {
    /// What is tried.
    public let segment: SegmentID
    /// The fence: an attempt whose lease is not the segment's current one is refused.
    public let lease: Lease
    /// Of the segment's own boundary stream.
    public let generation: Generation

    /// The boundary stream that this attempt writes.
    public var stream: StreamID { StreamID(segment: segment, generation: generation) }

    /// Names an attempt; the generation is the one its stream has when the lease is given.
    public init(segment: SegmentID, lease: Lease, generation: Generation) {
        self.segment = segment
        self.lease = lease
        self.generation = generation
    }
}
