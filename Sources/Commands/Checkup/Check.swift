/// One thing that was looked at, what was found, and what to do about it.
public struct Check: Codable, Equatable, Sendable {
    public enum Verdict: String, Codable, Sendable, CaseIterable {
        case ok
        /// It works, but not as it should for long, or for everything.
        case warn
        /// It does not work.
        case fail
    }

    public let name: String
    public let verdict: Verdict
    /// What was found.
    public let finding: String
    /// What to do; nil where nothing is.
    public let remedy: String?

    private init(_ name: String, _ verdict: Verdict, _ finding: String, _ remedy: String?) {
        (self.name, self.verdict, self.finding, self.remedy) = (name, verdict, finding, remedy)
    }

    public static func ok(_ name: String, _ finding: String) -> Check { Check(name, .ok, finding, nil) }

    public static func warn(_ name: String, _ finding: String, remedy: String) -> Check {
        Check(name, .warn, finding, remedy)
    }

    public static func fail(_ name: String, _ finding: String, remedy: String) -> Check {
        Check(name, .fail, finding, remedy)
    }
}
