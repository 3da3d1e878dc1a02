/// A process that can't be taken for a later one with its number: of proc(5), the start time in clock ticks.
public struct ProcessMark: Hashable, Sendable {
    public let process: Int
    public let startTime: UInt64

    public init(process: Int, startTime: UInt64) { (self.process, self.startTime) = (process, startTime) }
}

/// Everything that can happen to a node's agent.
public enum NodeEvent: Hashable, Sendable {
    // Of its connection.
    /// The coordinator answered its introduction.
    case welcomed
    case disconnected
    case wanted(NodeWant)
    /// A report was heard, with the exits in it.
    case answered(number: UInt64)
    /// A service manager or a person wants the node to be emptied, or the coordinator does not want it.
    case stopRequested

    // Of its processes.
    /// What was started before this agent, and lives.
    case found(slot: Int, ProcessMark)
    case started(slot: Int, ProcessMark)
    /// - Parameter jitter: 0 to 1, at random.
    case startFailed(slot: Int, jitter: Double)
    case ended(ProcessMark, ExitCause, code: Int, detail: String, jitter: Double)

    case ticked
}

/// What an agent is to do.
public enum NodeAction: Hashable, Sendable {
    /// Starts a worker on a device.
    case start(slot: Int, device: Int)
    /// Asks a worker to give back what it holds and to end: SIGTERM.
    case terminate(ProcessMark)
    /// Ends a process that did not: SIGKILL.
    case kill(ProcessMark)
    /// What the host has free is the driver's to fill in.
    case report(number: UInt64, NodeStatus)
    /// No worker can be started here, as this one says that ended; what lives ends too.
    case giveUp(WorkerExit)
    /// Nothing is left to do.
    case finish
}
