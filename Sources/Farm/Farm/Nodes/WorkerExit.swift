/// How a worker's process ended.
public enum ExitCause: Int32, Hashable, Sendable, CaseIterable {
    /// By itself; the code is its status.
    case exited = 1
    /// By a signal; the code is its number.
    case signalled
    /// Killed by the host for its memory.
    case outOfMemory
    /// As its agent had asked.
    case stopped
}

/// A worker's process that ended. While its node lives, this is what tells a crash from a lost node.
public struct WorkerExit: Hashable, Sendable {
    public let process: Int
    /// The UUID of its device.
    public let device: String
    public let cause: ExitCause
    /// Exit status or signal number.
    public let code: Int
    /// The last lines that it wrote.
    public let detail: String

    public init(process: Int, device: String, cause: ExitCause, code: Int, detail: String) {
        (self.process, self.device, self.cause) = (process, device, cause)
        (self.code, self.detail) = (code, detail)
    }

    /// Statuses of a worker that ended as it should: it was drained, its coordinator was away, or it was interrupted.
    private static let orderly: Set = [0, 3, 130, 143]

    /// Statuses of one that was told to end and did.
    private static let asked: Set = [0, 130, 143]

    /// Whether its own arguments or files were wrong, in its own words.
    public var isWrongInput: Bool { cause == .exited && code == 2 }

    /// Whether it ended because somebody wanted it to.
    public var isWanted: Bool { cause == .stopped || cause == .exited && Self.asked.contains(code) }

    /// Whether the process broke. One that the host killed for its memory did as well: what it would have needed
    /// nobody knows, so three devices may try before its segment fails.
    public var isCrash: Bool {
        switch cause {
        case .exited: !Self.orderly.contains(code)
        case .signalled, .outOfMemory: true
        case .stopped: false
        }
    }
}

extension WorkerExit: CustomStringConvertible {
    /// In words, with the last line of the process.
    public var description: String {
        let how =
            switch cause {
            case .exited: "ended with status \(code)"
            case .signalled: "was ended by signal \(code)"
            case .outOfMemory: "was killed by the host for its memory"
            case .stopped: "was stopped"
            }
        return "process \(process) \(how)" + (detail.split(separator: "\n").last.map { ": \($0)" } ?? "")
    }
}
