extension NodeMachine {
    private var target: Int { isStopping ? 0 : want?.workers ?? 0 }

    /// Neither asked to end nor ended.
    private var staying: Int { workers.count { $0.asked == nil } + starting.count }

    /// Whether workers are missing.
    var isShort: Bool { isConnected && !isStopping && want != nil && staying < min(target, capacity) }

    /// As many workers as are wanted: not one more than need be is stopped, none is started twice.
    mutating func settle() {
        killWhoStays()
        // Until the coordinator has spoken, what runs goes on.
        guard want != nil || isStopping else { return }
        stopSurplus()
        while isShort, let slot = nextSlot {
            starting.insert(slot)
            actions.append(.start(slot: slot, device: device(of: slot)))
        }
    }

    private mutating func killWhoStays() {
        for index in workers.indices where !workers[index].isKilled {
            guard let asked = workers[index].asked, now - asked >= grace else { continue }
            workers[index].isKilled = true
            actions.append(.kill(workers[index].mark))
        }
    }

    /// The coordinator says who can best be spared: it alone knows who is idle, and who waits for what. Whom it does
    /// not know yet is younger than all it knows, and goes after them, the youngest first.
    private mutating func stopSurplus() {
        let surplus = staying - target
        guard surplus > 0 else { return }
        let spares = want?.spares ?? []
        let order = workers.indices.filter { workers[$0].asked == nil }.sorted { a, b in
            let places = [a, b].map { spares.firstIndex(of: workers[$0].mark.process) ?? spares.count }
            return places[0] != places[1] ? places[0] < places[1] : a > b
        }
        for index in order.prefix(surplus) { stop(index) }
    }

    /// On the device with the fewest workers, among those that may be tried again.
    private var nextSlot: Int? {
        let taken = starting.union(workers.map(\.slot))
        var loads = Array(repeating: 0, count: devices.count)
        for slot in taken { loads[device(of: slot)] += 1 }
        return (0..<capacity).filter { !taken.contains($0) && backOffs[device(of: $0)].end <= now }
            .min { (loads[device(of: $0)], $0) < (loads[device(of: $1)], $1) }
    }

    /// When a device is tried again.
    struct BackOff: Hashable {
        private(set) var failures = 0
        private(set) var end = Moment(microseconds: .min)

        static let first = Duration.seconds(1)
        static let longest = Duration.seconds(60)

        /// Workers of one device that end together fail once.
        mutating func fail(at now: Moment, jitter: Double) {
            guard now >= end else { return }
            failures += 1
            pause(at: now, jitter: jitter)
        }

        /// What ended had worked for long.
        mutating func succeed(at now: Moment, jitter: Double) {
            failures = 1
            pause(at: now, jitter: jitter)
        }

        /// Half of it at least, so that nodes that fail together don't come back together.
        private mutating func pause(at now: Moment, jitter: Double) {
            let doubled = (1..<max(failures, 1)).reduce(Self.first) { pause, _ in min(pause * 2, Self.longest) }
            end = now + doubled * (0.5 + min(max(jitter, 0), 1) / 2)
        }
    }
}
