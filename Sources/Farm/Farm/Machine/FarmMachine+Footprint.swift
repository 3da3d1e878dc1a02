/// What a farm keeps besides its stories and workers; for whoever watches it.
public struct FarmFootprint: Hashable, Sendable {
    /// Stories that wait for a worker.
    public let queuedStories: Int
    /// Denoised segments that wait for a worker with room.
    public let waitingDeliveries: Int
    public let alarms: Int
    /// Makes of workers that stories have wanted.
    public let lanes: Int
    /// Makes of workers that there have been.
    public let crews: Int
}

extension FarmMachine {
    public var footprint: FarmFootprint {
        FarmFootprint(
            queuedStories: lanes.reduce(0) { $0 + $1.count },
            waitingDeliveries: deliveries.values.reduce(0) { $0 + $1.count },
            alarms: alarms.count, lanes: lanes.count, crews: crews.count)
    }
}
