/// A node agent's side of the protocol: which workers it starts and stops, and what it says of them.
///
/// Workers run in *slots*, as many as the node's capacity; slot n computes on device n modulo the number of devices.
///
/// ```
/// free ──start──▶ starting ──started──▶ running ──surplus, stop──▶ stopping ──grace over──▶ killed
///   ▲                                      └──────────── ended ◀──────┴────────────────────────┘
///   └── the next start on its device waits: 1 s, doubled with each early end up to 1 min, with jitter
/// ```
///
/// Nothing is started while the coordinator is away: a worker could not join, and would stop by itself. A node on which
/// no worker has ever lived for long, and each ends over wrong input again and again, gives up: it would hold its
/// devices for nothing.
public struct NodeMachine: Sendable {
    /// UUIDs.
    public let devices: [String]
    /// The most workers at once.
    public let capacity: Int
    /// How long a worker may take to end after it was asked to, before it is made to.
    public let grace: Duration
    public private(set) var isConnected = false
    public private(set) var isStopping = false
    /// Workers that live, those that were here before this agent first, then by age.
    var workers: [Worker] = []
    /// Slots whose start was ordered and not confirmed.
    var starting: Set<Int> = []
    var backOffs: [BackOff]
    private(set) var want: NodeWant?
    private var exits: [(exit: WorkerExit, since: UInt64)] = []
    private var reports: UInt64 = 0
    private var lastReport: Moment?
    private var hasNews = false
    private var isFinished = false
    /// Ends over wrong input in a row, by slot.
    private var wrongStarts: [Int: Int] = [:]
    /// Whether any worker has lived for long enough.
    private var hasWorked = false
    var now: Moment
    var actions: [NodeAction] = []

    struct Worker: Hashable {
        let slot: Int
        let mark: ProcessMark
        let began: Moment
        /// When it was asked to end.
        var asked: Moment?
        var isKilled = false
    }

    public static let heartbeat = Duration.seconds(1)
    /// Whoever lived for so long did not end because it could not begin.
    public static let healthyTime = Duration.seconds(60)
    /// Ends over wrong input of one slot in a row: as often a file system may be mounted late.
    public static let wrongStartsMax = 5
    /// Exits that are kept while the coordinator is away; the oldest go first.
    static let exitsMax = 256

    /// - Parameters:
    ///   - devices: at least one.
    ///   - capacity: the most workers at once.
    public init(devices: [String], capacity: Int, grace: Duration, now: Moment) {
        precondition(!devices.isEmpty)
        (self.devices, self.capacity, self.grace, self.now) = (devices, capacity, grace, now)
        backOffs = Array(repeating: BackOff(), count: devices.count)
    }

    /// When it wants a ``NodeEvent/ticked``; nil for not at all.
    public var nextAlarm: Moment? {
        let kills = workers.filter { !$0.isKilled }.compactMap { $0.asked.map { $0 + grace } }
        let starts = isShort ? backOffs.map(\.end).filter { $0 > now } : []
        let report = isConnected ? [(lastReport ?? now) + Self.heartbeat] : []
        return (kills + starts + report).min()
    }

    public mutating func handle(_ event: NodeEvent, at now: Moment) -> [NodeAction] {
        self.now = max(now, self.now)
        switch event {
        case .welcomed: (isConnected, hasNews) = (true, true)
        case .disconnected: isConnected = false
        case .wanted(let want): self.want = want
        case .answered(let number): exits.removeAll { $0.since <= number }
        case .stopRequested: isStopping = true
        case .found(let slot, let mark): find(slot, mark)
        case .started(let slot, let mark): begin(slot, mark)
        case .startFailed(let slot, let jitter): failToStart(slot, jitter)
        case .ended(let mark, let cause, let code, let detail, let jitter): end(mark, cause, code, detail, jitter)
        case .ticked: break
        }
        settle()
        report()
        finish()
        defer { actions = [] }
        return actions
    }

    func device(of slot: Int) -> Int { slot % devices.count }

    // MARK: Processes

    /// A worker of an agent that was killed is stopped: how it ends, and what it writes, only its own agent would know.
    private mutating func find(_ slot: Int, _ mark: ProcessMark) {
        workers.append(Worker(slot: slot, mark: mark, began: now, asked: now))
        actions.append(.terminate(mark))
        hasNews = true
    }

    private mutating func begin(_ slot: Int, _ mark: ProcessMark) {
        starting.remove(slot)
        workers.append(Worker(slot: slot, mark: mark, began: now))
        hasNews = true
    }

    private mutating func failToStart(_ slot: Int, _ jitter: Double) {
        starting.remove(slot)
        backOffs[device(of: slot)].fail(at: now, jitter: jitter)
    }

    private mutating func end(
        _ mark: ProcessMark, _ cause: ExitCause, _ code: Int, _ detail: String, _ jitter: Double
    ) {
        guard let index = workers.firstIndex(where: { $0.mark == mark }) else { return }
        let worker = workers.remove(at: index)
        hasNews = true
        let device = device(of: worker.slot)
        let exit = WorkerExit(
            process: mark.process, device: devices[device], cause: worker.asked == nil ? cause : .stopped, code: code,
            detail: detail)
        if exits.count == Self.exitsMax { exits.removeFirst() }
        exits.append((exit, reports + 1))
        // Without its coordinator a worker stops by itself, and nothing is wrong with it.
        guard worker.asked == nil, isConnected else { return }
        if now - worker.began >= Self.healthyTime {
            hasWorked = true
            backOffs[device].succeed(at: now, jitter: jitter)
        } else {
            backOffs[device].fail(at: now, jitter: jitter)
        }
        wrongStarts[worker.slot] = exit.isWrongInput ? wrongStarts[worker.slot, default: 0] + 1 : 0
        if !isStopping, isHopeless {
            isStopping = true
            actions.append(.giveUp(exit))
        }
    }

    /// Whether whoever was started, or is, ended over wrong input too often, and nobody ever worked.
    private var isHopeless: Bool {
        let slots = starting.union(workers.map(\.slot)).union(wrongStarts.keys)
        return !hasWorked && slots.allSatisfy { wrongStarts[$0, default: 0] >= Self.wrongStartsMax }
            && workers.allSatisfy { now - $0.began < Self.healthyTime }
    }

    mutating func stop(_ index: Int) {
        workers[index].asked = now
        actions.append(.terminate(workers[index].mark))
        hasNews = true
    }

    // MARK: Reports

    private mutating func report() {
        guard isConnected, hasNews || lastReport.map({ now - $0 >= Self.heartbeat }) ?? true else { return }
        (lastReport, hasNews) = (now, false)
        reports += 1
        let processes = workers.map { worker in
            let isYoung = now - worker.began < Self.healthyTime
            return NodeProcess(
                process: worker.mark.process, device: devices[device(of: worker.slot)],
                stage: worker.asked != nil ? .stopping : isYoung ? .starting : .running)
        }
        let status = NodeStatus(revision: want?.revision ?? 0, workers: processes, exits: exits.map(\.exit))
        actions.append(.report(number: reports, status))
    }

    private mutating func finish() {
        guard isStopping, !isFinished, workers.isEmpty, starting.isEmpty else { return }
        isFinished = true
        actions.append(.finish)
    }
}
