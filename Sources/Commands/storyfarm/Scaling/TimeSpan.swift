import ArgumentParser

/// A time as people write it: `90s`, `10m`, `2h`, or a number of seconds.
struct TimeSpan: Equatable, ExpressibleByArgument, CustomStringConvertible {
    let seconds: Int

    init(seconds: Int) { self.seconds = seconds }

    init?(argument: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
        let unit = argument.last.flatMap { units[$0] }
        guard let value = Int(unit == nil ? argument[...] : argument.dropLast()), value >= 0, value <= Self.max else {
            return nil
        }
        seconds = value * (unit ?? 1)
    }

    /// Of any unit: what is more than that is a mistake.
    private static let max = 1_000_000

    var duration: Duration { .seconds(seconds) }
    var description: String { "\(seconds)s" }
    var defaultValueDescription: String { description }
}
