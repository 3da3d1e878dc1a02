import Farm

/// What is to happen, by time; what was added first is taken first among equals.
struct EventQueue<Event> {
    private var entries: [(time: Moment, number: UInt64)] = []
    /// By number: events are large, and the heap moves its entries often.
    private var events: [UInt64: Event] = [:]
    private var ever: UInt64 = 0

    var nextTime: Moment? { entries.first?.time }

    mutating func add(_ event: Event, at time: Moment) {
        ever += 1
        entries.append((time, ever))
        events[ever] = event
        var child = entries.count - 1
        while child > 0, comesFirst(child, (child - 1) / 2) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func take() -> (Event, Moment)? {
        guard let first = entries.first else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            var parent = 0
            while true {
                var smallest = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                    if comesFirst(child, smallest) { smallest = child }
                }
                guard smallest != parent else { break }
                entries.swapAt(parent, smallest)
                parent = smallest
            }
        }
        return (events.removeValue(forKey: first.number)!, first.time)
    }

    private func comesFirst(_ a: Int, _ b: Int) -> Bool {
        (entries[a].time, entries[a].number) < (entries[b].time, entries[b].number)
    }
}
