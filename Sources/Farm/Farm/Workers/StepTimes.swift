/// What the steps of an attempt took a worker, since it was given the lease.
public struct StepTimes: Hashable, Sendable {
    /// Computing.
    public var stepping = Duration.zero
    /// For boundaries of the predecessor.
    public var waiting = Duration.zero

    public init() {}
}
