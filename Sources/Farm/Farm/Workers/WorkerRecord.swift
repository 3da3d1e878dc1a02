/// A worker as the farm knows it; forgotten when it is lost.
public struct WorkerRecord: Hashable, Sendable {
    public let id: WorkerID
    public let description: WorkerDescription
    public internal(set) var offers: [ModelOffer]
    /// What it denoises.
    public internal(set) var denoising: SegmentID?
    /// What it delivers, at most ``FarmLimits/deliveriesPerWorker``.
    public internal(set) var delivering: [SegmentID] = []
    /// Gets nothing more, and is to give back what it denoises.
    public internal(set) var isDraining = false
    /// Its device failed too often.
    public internal(set) var isSetAside = false
    /// A story whose lowest segment gets it next.
    public internal(set) var reservation: StoryID?
    /// What it was asked to give back, and why; nil when it was not.
    var recalled: RecallReason?
    /// When it was last asked for something.
    var asked: Moment?
    /// Leases whose grants have not left yet: they wait to be durable, and it can't know of them.
    var unsent: Set<Lease> = []
    /// Leases that its heartbeats don't name, and since when.
    var missing: [SegmentID: Moment] = [:]
    /// Among the exchangeable.
    var crew: Int?
    /// Counted in order of arrival.
    let number: Int
    /// When its process was heard of last.
    var heard: Moment
    /// Since when it has had no connection; nil while it has one.
    var closed: Moment?
    /// What it said of the segment it denoises.
    var watch: Watch?

    init(id: WorkerID, description: WorkerDescription, number: Int, heard: Moment) {
        (self.id, self.description, self.number, self.heard) = (id, description, number, heard)
        offers = []
    }

    /// How far an attempt has come, and since when it has not come further.
    struct Watch: Hashable, Sendable {
        var step: Int
        var since: Moment
        var activity: Held.Activity
        var began: Moment
        /// Of the time since it began, waiting for a predecessor that nobody worked on.
        var excused = Duration.zero
    }

    func isUnsent(_ attempt: AttemptID?) -> Bool { attempt.map { unsent.contains($0.lease) } ?? false }

    /// Whether it takes new work at all.
    var isAvailable: Bool { closed == nil && !isDraining && !isSetAside && !offers.isEmpty }
    var isIdle: Bool { isAvailable && denoising == nil }
    var mayBeProbed: Bool { closed == nil && !isDraining && !offers.isEmpty && denoising == nil }
    var mayDeliver: Bool { isAvailable && delivering.count < FarmLimits.deliveriesPerWorker }
}
