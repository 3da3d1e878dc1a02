/// Start-time fair queuing among the submitters of one priority (Goyal, Vin, Cheng 1996): the next turn is that of whom
/// the farm has given least, counted in seconds of workers, and whoever was away does not save up turns.
struct FairShares: Hashable, Sendable {
    /// The start tag of the turn that was given last.
    private var virtual: Int64 = 0
    /// The finish tag of each submitter's last turn, in microseconds of a worker.
    private var finished: [Submitter: Int64] = [:]
    private var pruneAt = 1024

    /// Where a submitter's next turn starts.
    func start(of submitter: Submitter) -> Int64 { max(virtual, finished[submitter] ?? 0) }

    /// - Parameter cost: what the turn is expected to take.
    mutating func take(_ submitter: Submitter, cost: Duration) {
        let start = start(of: submitter)
        virtual = start
        finished[submitter] = start + cost.microseconds
        guard finished.count >= pruneAt else { return }
        // Who was away starts where the others are, remembered or not.
        finished = finished.filter { $0.value > virtual }
        pruneAt = max(1024, finished.count * 2)
    }

    /// A turn took another time than expected.
    mutating func correct(_ submitter: Submitter, by difference: Duration) {
        guard let tag = finished[submitter] else { return }
        finished[submitter] = tag + difference.microseconds
    }
}
