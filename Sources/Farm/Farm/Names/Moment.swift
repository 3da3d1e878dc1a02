/// A point on the coordinator's monotonic clock, in microseconds since its start; it never jumps and means nothing to
/// another process.
public struct Moment: Hashable, Comparable, Sendable {
    public let microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public static func < (a: Moment, b: Moment) -> Bool { a.microseconds < b.microseconds }

    public static func + (a: Moment, b: Duration) -> Moment { Moment(microseconds: a.microseconds + b.microseconds) }

    public static func - (a: Moment, b: Moment) -> Duration { .microseconds(a.microseconds - b.microseconds) }
}

extension Duration {
    /// Rounded down.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
