import Farm

/// A worker process of the simulation: the production machine, and an engine whose work takes simulated time.
struct WorkerNode {
    enum Work: Hashable {
        case prepare(Grant)
        case step(AttemptID)
        case save(AttemptID, step: Int)
        case uploadCheckpoint(AttemptID, step: Int, bytes: [UInt8], Consumed)
        case upload(AttemptID)
        case deliver(AttemptID)
        case uploadVideo(AttemptID)
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
    var alarmAt: Moment?

    // Of what it denoises.
    private(set) var attempt: AttemptID?
    var latents: Latents?
    /// Records that came, by step.
    var inbox: [Int: (StreamID, Boundary)] = [:]
    /// The checksum of the one that the step at hand is blended with.
    var taken: UInt64?
    /// Boundaries that may have to be sent again.
    var published: [Int: Boundary] = [:]

    /// Of what it delivers.
    var videos: [AttemptID: [UInt8]] = [:]

    init(id: WorkerID, description: WorkerDescription, now: Moment) {
        (self.id, self.description) = (id, description)
        machine = WorkerMachine(now: now)
    }

    mutating func begin(_ attempt: AttemptID) {
        self.attempt = attempt
        (latents, inbox, taken, published) = (nil, [:], nil, [:])
    }

    mutating func abandon(_ attempt: AttemptID) {
        videos[attempt] = nil
        if self.attempt == attempt { self.attempt = nil }
    }
}
