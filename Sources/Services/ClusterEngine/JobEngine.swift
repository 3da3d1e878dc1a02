/// Launches jobs on machines, and ends them: a cluster's batch system.
///
/// A job brings workers to the farm, alone or through a node agent, whose nodes are named after it; see ``JobName``.
/// Which segments they render is the coordinator's business alone.
public protocol JobEngine: Sendable {
    /// Whether jobs could be submitted now, without submitting one.
    ///
    /// - Throws: ``EngineError`` with what is wrong and what to do, in one line.
    func check() async throws(EngineError)

    /// Its jobs that have not ended, the oldest first.
    func jobs() async throws(EngineError) -> [EngineJob]

    /// - Returns: the new job's name.
    func submit() async throws(EngineError) -> String

    /// Withdraws a job that waits; has one that runs give back what it holds, and end.
    func cancel(_ job: EngineJob) async throws(EngineError)
}

/// A job as its engine shows it.
public struct EngineJob: Hashable, Sendable {
    public enum Stage: Hashable, Sendable {
        case pending, running, leaving
        /// It waits until a person lets it go on.
        case held
    }

    public var id: String
    /// What the engine is told to end: the id, but for a task of an array, since that may be the whole array's number.
    public var address: String
    public var stage: Stage
    /// What a person should know: it is held, or waits for something.
    public var note: String?

    public init(id: String, address: String? = nil, stage: Stage, note: String? = nil) {
        (self.id, self.address, self.stage, self.note) = (id, address ?? id, stage, note)
    }
}

/// Why an engine does not do what it was asked for.
public enum EngineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is not there, or does not answer.
    case missing(String)
    /// What was asked for can't be.
    case refused(String)

    public var description: String {
        switch self {
        case .missing(let reason), .refused(let reason): reason
        }
    }
}

/// A node's name says whose job it is: `gpu7-job4711`.
public enum JobName {
    private static let mark = "-job"

    /// The job that a node of this name belongs to; nil where no engine started it.
    public static func job(ofNode name: String) -> String? {
        guard let range = name.ranges(of: mark).last else { return nil }
        let digits = name[range.upperBound...]
        return !digits.isEmpty && digits.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? String(digits) : nil
    }
}
