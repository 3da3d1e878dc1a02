/// What a metric is: its name, what it means, and by which labels it is told apart.
///
/// Only what is declared can be measured, so that the labels, and with them the number of series, are those that
/// somebody thought of.
public struct MetricDeclaration: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Only rises, but for restarts.
        case counter
        case gauge
        /// With the upper bounds of its buckets, rising; what is above the last is counted under +Inf.
        case histogram(bounds: [Double])
    }

    public let name: String
    public let kind: Kind
    /// For people: what is counted, in which unit.
    public let help: String
    /// The names of its labels, in the order in which their values are given.
    public let labels: [String]

    /// - Precondition: names are lower-case words joined by `_`; a counter's ends in `_total`, a gauge's does not;
    ///   bounds rise and are finite.
    public init(_ name: String, _ kind: Kind, _ help: String, labels: [String] = []) {
        for word in [name] + labels { precondition(Self.isName(word), "'\(word)' is no name") }
        precondition(Set(labels).count == labels.count && !labels.contains("le"), "\(name): labels \(labels)")
        switch kind {
        case .counter: precondition(name.hasSuffix("_total"), "\(name) counts: its name has to end in _total")
        case .gauge: precondition(!name.hasSuffix("_total"), "\(name) is no counter")
        case .histogram(let bounds):
            precondition(!bounds.isEmpty && bounds.allSatisfy(\.isFinite), "\(name): bounds \(bounds)")
            precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "\(name): bounds \(bounds) do not rise")
        }
        (self.name, self.kind, self.help, self.labels) = (name, kind, help, labels)
    }

    private static func isName(_ word: String) -> Bool {
        guard let first = word.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return word.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }
}
