/// How far long work is, in one line: `denoising ████████░░░░░░░░ 34/64  2.1 s each  1:03 left`.
public struct ProgressLine: Equatable, Sendable {
    public let title: String
    public let total: Int
    /// Units that were done before the clock started: those of a run that is continued.
    public let before: Int

    public init(_ title: String, total: Int, before: Int = 0) {
        self.title = title
        self.total = total
        self.before = before
    }

    /// - Parameters:
    ///   - done: units, `before` included.
    ///   - elapsed: since the start.
    ///   - width: columns that the line may take.
    public func text(done: Int, elapsed: Duration, width: Int) -> String {
        let numbers = "\(done)/\(total)"
        var facts = [numbers]
        if let each = pace(done: done, elapsed: elapsed) {
            facts.append("\(Self.brief(each)) each")
            facts.append(
                done < total ? "\(Self.clock(each * (total - done))) left" : "took \(Self.clock(elapsed))")
        }
        let tail = facts.joined(separator: "  ")
        let room = min(width - title.count - tail.count - 3, 40)
        guard room >= 5 else { return String("\(title) \(tail)".prefix(max(width, 0))) }
        let full = total > 0 ? room * done / total : room
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: room - full)
        return "\(title) \(bar) \(tail)"
    }

    /// The mean time of a unit; nil until one is done.
    func pace(done: Int, elapsed: Duration) -> Duration? {
        done > before ? elapsed / (done - before) : nil
    }

    /// `0.35 s`, `2.1 s`, `75 s`.
    public static func brief(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        let digits = seconds < 1 ? 2 : seconds < 10 ? 1 : 0
        return duration.formatted(digits: digits) + " s"
    }

    /// `0:07`, `1:03`, `2:10:05`; rounded up, so that it ends at nothing.
    public static func clock(_ duration: Duration) -> String {
        let seconds = Int((duration / .seconds(1)).rounded(.up))
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let tail = two(seconds % 60)
        return hours > 0 ? "\(hours):\(two(minutes)):\(tail)" : "\(minutes):\(tail)"
    }
}

extension Duration {
    /// Seconds with so many decimals.
    public func formatted(digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
        let units = Int((self / .seconds(1) * Double(scale)).rounded())
        guard digits > 0 else { return "\(units)" }
        let fraction = "\(units % scale)"
        return "\(units / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}
