/// Whether a farm can do its work now, for whoever watches processes.
///
/// It is read without a token and says nothing that a stranger may not know.
public struct HealthReport: Codable, Hashable, Sendable {
    /// Whether nothing is wrong.
    public var isReady: Bool
    public var checks: [Check]

    public struct Check: Codable, Hashable, Sendable {
        /// What was looked at: ledger, sockets, disk.
        public var name: String
        /// nil where nothing is wrong.
        public var problem: String?

        public init(name: String, problem: String? = nil) { (self.name, self.problem) = (name, problem) }
    }

    public init(checks: [Check]) {
        isReady = checks.allSatisfy { $0.problem == nil }
        self.checks = checks
    }
}
