import Farm
import StorageSamples

/// A whole farm in one thread and in simulated time: the production machines of coordinator and workers, the production
/// log, store and ledger on a disk that loses what is not synced, a network that loses what is on its way, and a seed
/// that decides everything.
final class World {
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
        static let losses = Faults(rawValue: 512)
        static let reordering = Faults(rawValue: 1024)
        /// The coordinator's process is stopped, and its clock is not.
        static let clockJumps = Faults(rawValue: 2048)
        static let slowDisk = Faults(rawValue: 4096)
        static let fullDisk = Faults(rawValue: 8192)
        static let all = Faults(rawValue: 16383)
    }

    enum Happening: Hashable {
        case toCoordinator(WorkerID, connection: Int, Message)
        case toWorker(WorkerID, connection: Int, Message)
        case connect(WorkerID)
        case finished(WorkerID, WorkerNode.Work)
        case workerAlarm(WorkerID)
        case coordinatorAlarm
        case committed(epoch: UInt64)
        case assembled(StoryID, revision: Int, segments: Int, epoch: UInt64)
        case told(FarmEvent, epoch: UInt64)
        case submit(StoryID)
        case startCoordinator
        case startWorker
        case fault
        case command
        case probe(WorkerID, number: UInt64, Digest?)
        case cut(WorkerID, connection: Int)
        case diskHasRoom
        case goOn
        case loseAllButOneWorker
    }

    /// What a seed's farm is like.
    struct Setting {
        var faults: Faults = []
        var workers: Int
        var stories: [StoryTerms]
        var mutant: Mutant?
        /// Whether another worker comes for one that is gone.
        var replacesWorkers = true
        /// Whether all work takes the time that is usual, and no other.
        var isSteady = false
        /// When all workers but one are lost for good.
        var lonelyAfter: Duration?
        var ledgerIsFile = false
        /// States are checked after every so many events.
        var checksEvery = 1
    }

    let seed: UInt64
    let setting: Setting
    var faults: Faults { setting.faults }
    var mutant: Mutant? { setting.mutant }
    /// Submitted, or to be, and not yet known to be durable.
    var unaccepted: [StoryID: StoryTerms] = [:]
    var now = Moment(microseconds: 0)
    var queue = EventQueue<Happening>()
    var network: SeededRandom
    var work: SeededRandom
    var chaos: SeededRandom
    var people: SeededRandom

    let head: HeadNode
    var epoch: UInt64 = 0
    var farm: FarmMachine?
    /// The coordinator's process is stopped until then, if it is not killed first.
    var stoppedUntil: Moment?
    /// What it will find when it goes on.
    var backlog: [Happening] = []
    var exchange = BoundaryExchange()
    /// Stories of whose streams the exchange knows nothing until they go on.
    var resting: Set<StoryID> = []
    var connections: [WorkerID: Int] = [:]
    var arrivals: [Route: Moment] = [:]
    /// Decided and not on the way to the disk.
    var decided: [FarmOutcome] = []
    /// On the way to the disk.
    var committing: [FarmOutcome] = []
    var workers: [WorkerID: WorkerNode] = [:]
    var workersEver: UInt64 = 0
    var isHealing = false
    var coordinatorAlarmAt: Moment?

    var oracle = Oracle()
    var counts: [String: Int] = [:]
    /// Over everything that anybody decided, in order.
    var trace: UInt64 = 0
    var events = 0

    init(seed: UInt64, _ setting: Setting) throws {
        (self.seed, self.setting) = (seed, setting)
        network = SeededRandom(seed, "network")
        work = SeededRandom(seed, "work")
        chaos = SeededRandom(seed, "chaos")
        people = SeededRandom(seed, "people")
        head = try HeadNode(hasFile: setting.ledgerIsFile)
        startCoordinator()
        for (index, terms) in setting.stories.enumerated() {
            let id = StoryID(rawValue: UInt64(index + 1))
            unaccepted[id] = terms
            schedule(.submit(id), in: setting.isSteady ? .zero : people.delay(3000))
        }
        for _ in 0..<setting.workers { startWorker() }
        if !faults.isEmpty { schedule(.fault, in: chaos.delay(2000)) }
        if faults.contains(.commands) { schedule(.command, in: people.delay(3000)) }
        if let time = setting.lonelyAfter { schedule(.loseAllButOneWorker, in: time) }
    }

    func schedule(_ happening: Happening, in delay: Duration) { queue.add(happening, at: now + delay) }

    func count(_ what: String) { counts[what, default: 0] += 1 }

    /// Hashes are seeded per process, so that a trace says nothing to another one; dictionaries are seeded one by one,
    /// so that an order that decided anything would show.
    func note(_ value: some Hashable) { trace = mix(trace, UInt64(bitPattern: Int64(value.hashValue))) }

    /// What work takes, in milliseconds as a rule.
    func time(_ usual: Int) -> Duration { setting.isSteady ? .milliseconds(usual) : work.delay(usual) }

    var isStopped: Bool { stoppedUntil != nil }

    // MARK: Running

    /// Runs with faults for a while, then without until every story has ended.
    ///
    /// - Throws: `Violation` with the seed.
    func run(faultsFor safety: Duration, endsWithin liveness: Duration) throws {
        try run(until: now + safety)
        heal()
        let end = now + liveness
        while now < end, !seemsOver { try runOne() }
        guard isOver else {
            throw Violation(seed: seed, "not over after \(liveness): " + describeWhatIsOpen())
        }
        try checkState()
        try oracle.checkEnd(
            farm!, head, seed: seed, isOfOneKind: faults.isDisjoint(with: [.mixedKinds, .deviceFaults]),
            mayFail: !faults.isDisjoint(with: [.deviceFaults, .commands]))
    }

    private func heal() {
        isHealing = true
        head.disk.heal()
        for id in workers.keys.sorted() { workers[id]!.pausedUntil = nil }
        goOn()
        resumeAll()
    }

    func resumeAll() {
        for story in oracle.stories.keys.sorted() where farm?.stories[story]?.isPaused == true {
            tell(.resumed(story))
        }
    }

    var isOver: Bool {
        guard let farm, decided.isEmpty, committing.isEmpty, unaccepted.isEmpty else { return false }
        return farm.stories.values.allSatisfy { $0.state.isTerminal && $0.touched.allSatisfy { $0.holding == nil } }
    }

    /// Looked at now and then: in a crowd it takes long.
    private var seemsOver: Bool { events % max(16, setting.checksEvery) == 0 && isOver }

    /// Until then, or until there is nothing left that a fault could hit.
    private func run(until end: Moment) throws {
        while let next = queue.nextTime, next <= end {
            try runOne()
            if !faults.contains(.commands), seemsOver { return }
        }
        now = end
    }

    func runOne() throws {
        guard let (happening, time) = queue.take() else {
            throw Violation(seed: seed, "nothing will ever happen again")
        }
        now = time
        if isStopped, happening.isTheCoordinators { backlog.append(happening) } else { take(happening) }
        events += 1
        if events % setting.checksEvery == 0 { try checkState() }
        if let violation = oracle.violation { throw Violation(seed: seed, violation) }
    }

    func take(_ happening: Happening) {
        switch happening {
        case .toCoordinator(let worker, let connection, let message):
            if farm != nil, connections[worker] == connection { receive(message, from: worker) }
        case .toWorker(let worker, let connection, let message):
            if workers[worker]?.connection == connection, workers[worker]?.isConnected == true {
                arrive(message, at: worker)
            }
        case .connect(let worker): connect(worker)
        case .finished(let worker, let work): finish(work, on: worker)
        case .workerAlarm(let worker): ring(worker)
        case .coordinatorAlarm: ring()
        case .committed(let epoch): if epoch == self.epoch { finishCommit() }
        case .assembled(let story, let revision, let segments, let epoch):
            if epoch == self.epoch { finishFilm(of: story, revision, segments) }
        case .told(let event, let epoch): if epoch == self.epoch { tell(event) }
        case .submit(let story): submit(story)
        case .startCoordinator: startCoordinator()
        case .startWorker: startWorker()
        case .fault: breakSomething()
        case .command: commandSomething()
        case .probe(let worker, let number, let digest): finishProbe(worker, number, digest)
        case .cut(let worker, let connection): if connections[worker] == connection { hangUp(worker) }
        case .goOn: if let time = stoppedUntil, time <= now { goOn() }
        case .diskHasRoom: head.disk.capacity = .max
        case .loseAllButOneWorker: loseAllButOneWorker()
        }
    }

    private func checkState() throws {
        guard let farm else { return }
        try oracle.check(farm, seed: seed)
    }
}

extension World.Happening {
    /// What a stopped coordinator finds when it goes on.
    fileprivate var isTheCoordinators: Bool {
        switch self {
        case .toCoordinator, .coordinatorAlarm, .committed, .assembled, .told: true
        default: false
        }
    }
}

extension WorkerID: Comparable {
    static func < (a: WorkerID, b: WorkerID) -> Bool { (a.high, a.low) < (b.high, b.low) }
}
