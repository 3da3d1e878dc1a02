/// The fence of one attempt at a segment: who reports under another lease than the segment's current one is refused.
///
/// Epochs are raised and durably committed at every start of the coordinator, numbers only grow within one, and both
/// are committed before the dispatch leaves; so of two leases the larger is always the later.
public struct Lease: Hashable, Comparable, Sendable {
    public let epoch: UInt64
    public let number: UInt64

    public init(epoch: UInt64, number: UInt64) {
        self.epoch = epoch
        self.number = number
    }

    public static func < (a: Lease, b: Lease) -> Bool { (a.epoch, a.number) < (b.epoch, b.number) }
}

/// What a lease allows its worker to do.
public enum LeasePhase: Hashable, Sendable, CaseIterable {
    /// Holds the GPU; at most one per worker.
    case denoising
    /// Decodes, encodes and uploads beside the next segment's denoising; at most two per worker.
    case delivering
}
