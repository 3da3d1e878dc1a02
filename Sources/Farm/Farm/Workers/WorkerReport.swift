/// A lease as its worker sees it.
public struct Held: Hashable, Sendable {
    /// What the worker does for it.
    public enum Activity: Int32, Hashable, Sendable, CaseIterable {
        case loading = 1
        /// For a boundary.
        case waiting
        case stepping
        case saving
        case decoding
        case encoding
        case uploading
    }

    public var attempt: AttemptID
    public var phase: LeasePhase
    public var activity: Activity
    /// Steps finished.
    public var step: Int
    /// For how long the activity has lasted.
    public var activityTime: Duration

    public init(attempt: AttemptID, phase: LeasePhase, activity: Activity, step: Int, activityTime: Duration) {
        self.attempt = attempt
        self.phase = phase
        self.activity = activity
        self.step = step
        self.activityTime = activityTime
    }
}

/// Why an attempt ended without a result, in numbers where there are some.
public struct Failure: Hashable, Sendable {
    public let cause: FailureClass
    /// Steps finished.
    public let step: Int
    /// Of memory, where it ran out; else 0.
    public let neededBytes: Int
    /// What the engine said.
    public let detail: String

    public init(cause: FailureClass, step: Int, neededBytes: Int = 0, detail: String = "") {
        self.cause = cause
        self.step = step
        self.neededBytes = neededBytes
        self.detail = detail
    }
}

/// Why a worker gives a lease back.
public enum ReleaseReason: Int32, Hashable, Sendable, CaseIterable {
    case recalled = 1
    /// The worker must stop.
    case drained
    /// A boundary that it had read is void.
    case superseded
    /// It can't do this after all.
    case declined
}

/// Why a worker is to give a lease back.
public enum RecallReason: Int32, Hashable, Sendable, CaseIterable {
    /// An earlier segment of the story needs the worker.
    case neededEarlier = 1
    /// It waited long for a boundary while others could work.
    case waited
    case paused
    case cancelled
    case drained
    case superseded
    /// The lease is over; what the worker does for it is for nothing.
    case leaseLost
}

/// What became of a report.
public enum ReportOutcome: Int32, Hashable, Sendable, CaseIterable {
    /// Durable; forget it.
    case accepted = 1
    /// Another lease is current; forget it.
    case stale
    /// Built on other boundaries than those that hold; the attempt's checkpoints are dropped.
    case mismatch
    /// The bytes are not there as announced: send them again.
    case damaged
}
