import Farm

/// A worker process of the simulation: the production machine, and an engine whose work takes simulated time.
struct WorkerNode {
    enum Work: Hashable {
        case prepare(Grant)
        case step(AttemptID)
        case save(AttemptID, step: Int)
        case upload(AttemptID)
        case deliver(AttemptID, Artifact)
    }

    let id: WorkerID
    let description: WorkerDescription
    var machine: WorkerMachine
    /// Rises with every connection; what was sent over an older one is lost.
    var connection = 0
    var isConnected = false
    var isAlive = true
    /// Stopped by a signal until then.
    var pausedUntil: Moment?
    var latents: Latents?
    /// Records that came and are not used yet, by step.
    var inbox: [Int: (StreamID, UInt64)] = [:]
    /// The one that the step at hand is blended with.
    var taken: UInt64?
    var attempt: AttemptID?
    /// Boundaries that may have to be sent again.
    var published: [Int: UInt64] = [:]

    init(id: WorkerID, description: WorkerDescription, now: Moment) {
        (self.id, self.description) = (id, description)
        machine = WorkerMachine(now: now)
    }
}
