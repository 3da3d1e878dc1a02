import Farm

/// A whole farm in one thread and in simulated time: the production machines of coordinator and workers, a network that
/// loses what is on its way, a disk that loses what is not synced, and a seed that decides everything.
struct World {
    struct Faults: OptionSet {
        let rawValue: Int
        static let workerKills = Faults(rawValue: 1)
        static let coordinatorKills = Faults(rawValue: 2)
        static let disconnections = Faults(rawValue: 4)
        static let duplicates = Faults(rawValue: 8)
        static let pauses = Faults(rawValue: 16)
        static let deviceFaults = Faults(rawValue: 32)
        static let commands = Faults(rawValue: 64)
        static let powerLoss = Faults(rawValue: 128)
        static let mixedKinds = Faults(rawValue: 256)
        static let all = Faults(rawValue: 511)
    }

    enum Happening: Hashable {
        case toCoordinator(WorkerID, connection: Int, Message)
        case toWorker(WorkerID, connection: Int, Message)
        case connect(WorkerID)
        case finished(WorkerID, WorkerNode.Work)
        case workerAlarm(WorkerID)
        case coordinatorAlarm
        case committed(epoch: UInt64)
        case submit(StoryID)
        case startCoordinator
        case startWorker
        case fault
        case command
        case probe(String)
    }

    /// A driver with a bug, which the oracle must notice.
    enum Mutant: CaseIterable {
        /// Says that a story is accepted before it is durable.
        case acceptsEarly
        /// Takes every report as if it were of the current lease.
        case believesEveryone
        /// Lets a later write of a record win.
        case overwritesRecords
        /// Gives a reader another record than the log has, and asks nobody what was read.
        case mixesRecordsUp
        /// Never looks at the clock.
        case isNeverLate
        /// Forgets a lease that it gave when it is killed.
        case forgetsLeases
    }

    let seed: UInt64
    let faults: Faults
    let mutant: Mutant?
    /// Submitted, or to be, and not yet known to be durable.
    var unaccepted: [StoryID: StoryTerms] = [:]
    var now = Moment(microseconds: 0)
    var queue = EventQueue<Happening>()
    var network: SeededRandom
    var work: SeededRandom
    var chaos: SeededRandom
    var people: SeededRandom

    var disk = Disk()
    var farm: FarmMachine?
    var exchange = BoundaryExchange()
    var connections: [WorkerID: Int] = [:]
    var arrivals: [Route: Moment] = [:]
    /// Decided and not yet durable.
    var uncommitted: [FarmOutcome] = []
    var workers: [WorkerID: WorkerNode] = [:]
    var workersEver: UInt64 = 0
    let workerCount: Int
    var isHealing = false
    var coordinatorAlarmAt: Moment?

    var oracle = Oracle()
    var counts: [String: Int] = [:]
    /// Over everything that anybody decided, in order.
    var trace: UInt64 = 0

    init(seed: UInt64, faults: Faults, workers: Int, stories: [StoryTerms], mutant: Mutant? = nil) {
        (self.seed, self.faults, workerCount, self.mutant) = (seed, faults, workers, mutant)
        network = SeededRandom(seed, "network")
        work = SeededRandom(seed, "work")
        chaos = SeededRandom(seed, "chaos")
        people = SeededRandom(seed, "people")
        startCoordinator()
        for (index, terms) in stories.enumerated() {
            let id = StoryID(rawValue: UInt64(index + 1))
            unaccepted[id] = terms
            schedule(.submit(id), in: people.delay(3000))
        }
        for _ in 0..<workers { startWorker() }
        if !faults.isEmpty { schedule(.fault, in: chaos.delay(2000)) }
        if faults.contains(.commands) { schedule(.command, in: people.delay(3000)) }
    }

    mutating func schedule(_ happening: Happening, in delay: Duration) {
        queue.add(happening, at: now + delay)
    }

    mutating func count(_ what: String) { counts[what, default: 0] += 1 }

    mutating func note(_ value: some Hashable) {
        trace = mix(
            trace,
            UInt64(
                bitPattern: Int64(
                    "\(value)".utf8.reduce(0) {
                        Int(truncatingIfNeeded: mix(UInt64(bitPattern: Int64($0)), UInt64($1)))
                    })))
    }

    // MARK: Running

    /// Runs with faults for a while, then without until every story has ended.
    ///
    /// - Throws: `Violation` with the seed.
    mutating func run(faultsFor safety: Duration, endsWithin liveness: Duration) throws {
        try run(until: now + safety)
        isHealing = true
        for id in workers.keys.sorted() { workers[id]!.pausedUntil = nil }
        resumeAll()
        let end = now + liveness
        while now < end, !isOver { try runOne() }
        guard isOver else {
            let open = (farm?.stories.values.filter { !$0.state.isTerminal } ?? []).sorted { $0.id < $1.id }
            throw Violation(
                seed: seed,
                "not over after \(liveness): " + open.prefix(3).map { describe($0) }.joined(separator: "; ")
                    + describeWorkers())
        }
        try oracle.checkEnd(farm!, disk, seed: seed)
    }

    mutating func resumeAll() {
        for story in oracle.stories.keys.sorted() where farm?.stories[story]?.isPaused == true {
            tell(.resumed(story))
        }
    }

    func describe(_ story: StoryRecord) -> String {
        let segments = story.touched.map { record in
            let holder = record.holding.flatMap { workers[$0.worker] }
            let held = holder.map { "\($0.id.low) connected \($0.isConnected) alive \($0.isAlive) \($0.machine.held)" }
            return "\(record.state) \(record.head) \(record.holding.map { "\($0)" } ?? "") \(held ?? "")"
        }
        return "\(story.id.rawValue) \(story.state) \(story.note ?? ""):\n  " + segments.joined(separator: "\n  ")
    }

    func describeWorkers() -> String {
        workers.values.filter(\.isAlive).sorted { $0.id < $1.id }.map { node in
            let known = farm?.workers[node.id]
            return "\n  worker \(node.id.low) on \(node.description.device.uuid) connected \(node.isConnected) "
                + "stopping \(node.machine.isStopping), known as \(known.map { "\($0)" } ?? "nobody")"
        }.joined()
    }

    var isOver: Bool {
        guard let farm else { return false }
        return uncommitted.isEmpty && unaccepted.isEmpty
            && farm.stories.values.allSatisfy { $0.state.isTerminal && $0.touched.allSatisfy { $0.holding == nil } }
    }

    mutating func run(until end: Moment) throws {
        while let next = queue.nextTime, next <= end { try runOne() }
        now = end
    }

    mutating func runOne() throws {
        guard let (happening, time) = queue.take() else {
            throw Violation(seed: seed, "nothing will ever happen again")
        }
        now = time
        switch happening {
        case .toCoordinator(let worker, let connection, let message):
            if farm != nil, connections[worker] == connection { receive(message, from: worker) }
        case .toWorker(let worker, let connection, let message):
            if workers[worker]?.connection == connection, workers[worker]?.isConnected == true {
                arrive(message, at: worker)
            }
        case .connect(let worker): connect(worker)
        case .finished(let worker, let work): finish(work, on: worker)
        case .workerAlarm(let worker): wake(worker, .ticked)
        case .coordinatorAlarm: if let at = coordinatorAlarmAt, at <= now { coordinatorAlarmAt = nil; tell(.ticked) }
        case .committed(let epoch): if epoch == disk.epoch { commit() }
        case .submit(let story): submit(story)
        case .startCoordinator: startCoordinator()
        case .startWorker: startWorker()
        case .fault: breakSomething()
        case .command: commandSomething()
        case .probe(let device): probe(device)
        }
        if let farm { try oracle.check(farm, workers, seed: seed) }
        if let violation = oracle.violation { throw Violation(seed: seed, violation) }
    }
}

extension WorkerID: Comparable {
    static func < (a: WorkerID, b: WorkerID) -> Bool { (a.high, a.low) < (b.high, b.low) }
}
