/// How often somebody may do something: so often a second, and so often at once after a pause.
///
/// Pure: whoever has a clock says what time it is.
struct TokenBucket: Equatable, Sendable {
    let perSecond: Double
    let atOnce: Double
    private var level: Double
    /// Seconds of a clock that never goes back.
    private var filled: Double

    init(perSecond: Double, atOnce: Double, now: Double) {
        precondition(perSecond > 0 && atOnce >= 1)
        (self.perSecond, self.atOnce) = (perSecond, atOnce)
        (level, filled) = (atOnce, now)
    }

    /// - Returns: nil where it may be done now, else the seconds until it may.
    mutating func take(now: Double) -> Double? {
        level = min(atOnce, level + max(0, now - filled) * perSecond)
        filled = max(filled, now)
        guard level < 1 else {
            level -= 1
            return nil
        }
        return (1 - level) / perSecond
    }

    /// Whether it has forgotten that anything was taken.
    func isFull(now: Double) -> Bool { level + max(0, now - filled) * perSecond >= atOnce }
}
