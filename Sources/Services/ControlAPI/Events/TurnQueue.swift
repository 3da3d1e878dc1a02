/// Whose turn it is to be written to: whoever has waited longest for what is new, a few at a time.
///
/// ```
/// away ──waits──▶ due ──turn──▶ away       behind the news that are there
///          └────▶ quiet ──news, or too long without a word──▶ due
/// ```
/// Everybody's turn comes after the same time, the longer the more listen, and between two turns of many there is room
/// for others. Pure: whoever has a clock says what time it is.
struct TurnQueue {
    /// How many at once.
    let atOnce: Int
    /// How long a listener may be left without a word.
    let keepAlive: Duration
    /// How long one may take to take what was written to it.
    let patience: Duration

    private enum Standing {
        case away(since: Duration)
        case due
        case quiet
    }

    private var standings: [UInt64: Standing] = [:]
    /// Those that left are skipped when they are met.
    private var due: [UInt64] = []
    private var quiet: [(listener: UInt64, since: Duration)] = []

    init(atOnce: Int, keepAlive: Duration, patience: Duration) {
        precondition(atOnce > 0)
        (self.atOnce, self.keepAlive, self.patience) = (atOnce, keepAlive, patience)
    }

    var count: Int { standings.count }

    mutating func join(_ listener: UInt64, at now: Duration) { standings[listener] = .away(since: now) }

    mutating func leave(_ listener: UInt64) { standings[listener] = nil }

    /// It has taken what was written to it.
    ///
    /// - Parameter hasAll: whether nothing new is there for it.
    mutating func wait(_ listener: UInt64, hasAll: Bool, at now: Duration) {
        guard case .away = standings[listener] else { return }
        standings[listener] = hasAll ? .quiet : .due
        if hasAll { quiet.append((listener, now)) } else { due.append(listener) }
    }

    /// Something is new for everybody.
    mutating func news() {
        for (listener, _) in quiet { makeDue(listener) }
        quiet = []
    }

    /// Those that may be written to now.
    mutating func turn(at now: Duration) -> [UInt64] {
        let silent = quiet.prefix { $0.since + keepAlive <= now }
        for (listener, _) in silent { makeDue(listener) }
        quiet.removeFirst(silent.count)
        var turn: [UInt64] = []
        var met = 0
        for listener in due {
            guard turn.count < atOnce else { break }
            met += 1
            guard case .due = standings[listener] else { continue }
            standings[listener] = .away(since: now)
            turn.append(listener)
        }
        due.removeFirst(met)
        return turn
    }

    var hasDue: Bool { !due.isEmpty }

    /// Those that take nothing.
    func stuck(at now: Duration) -> [UInt64] {
        standings.compactMap { listener, standing in
            if case .away(let since) = standing, since + patience < now { listener } else { nil }
        }
    }

    private mutating func makeDue(_ listener: UInt64) {
        guard case .quiet = standings[listener] else { return }
        standings[listener] = .due
        due.append(listener)
    }
}
