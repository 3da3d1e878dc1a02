import Control
import Farm
import Ledger
import Logging
import Script
import Storage
import Synchronization
import Telemetry
import ThreadExecutor
import Transport
import Wire

/// The driver of the farm's rules: takes what happens, has it decided, made durable and then done.
///
/// It decides nothing itself. While a batch is being committed, more is decided and waits for the next one; what is
/// decided is done in order, and never before it is durable.
///
/// On a thread of its own: workers are heard and leases given however much the threads of everybody else have to do.
actor Dispatcher {
    /// Something that waits until it is durable; false where it never will be.
    typealias Waiter = CheckedContinuation<Bool, Never>

    let configuration: CoordinatorConfiguration
    let keeper: LedgerKeeper
    let relay: Relay
    let vault: Vault
    let films: FilmMaker
    let thumbnails: ThumbnailMaker
    let texts = TextDesk()
    let control: Link
    let welcoming: Welcoming
    let logger: Logger
    let clock: FarmClock
    let meters: FarmMeters

    var farm: FarmMachine
    var shelf = StoryShelf()
    nonisolated let board: NewsBoard
    /// What is known of workers and segments besides the farm's rules, for people.
    var sightings = Sightings()
    var catalog: ModelCatalog
    /// What submitters hold, for their quotas.
    var holdings: HoldingsBook
    /// The control connections.
    var peers: [PeerID: WorkerID] = [:]
    var connections: [WorkerID: PeerID] = [:]
    /// The control connections of nodes' agents, by the names of the nodes.
    var nodePeers: [PeerID: String] = [:]
    var nodeConnections: [String: PeerID] = [:]
    /// Whose connections are being closed.
    var refused: Set<PeerID> = []

    /// Films that are to be written, those that wait longest first; and of which stories they are to be removed.
    var filmOrders: [FilmOrder] = []
    var goneFilms: [(story: StoryID, revisions: Int)] = []
    let (filmings, filming) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Stories whose boundaries are about to be removed.
    var pruning: Set<StoryID> = []
    /// When room was made last because something found none.
    var madeRoom: Moment?
    let (housekeepings, housekeeping) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    let (offerings, offering) = AsyncStream.makeStream(of: (WorkerID, Message.Offer).self)

    private nonisolated let decisions = Atomic<UInt64>(0)
    /// The queue as it was counted last.
    var counted: (report: QueueReport, alterations: UInt64, time: Moment)?
    /// When it was counted last for machines that watch.
    var measured: Moment?

    /// What is to be said to others and rests on nothing.
    var errands: [@Sendable () async -> Void] = []
    /// Of submissions on their way into the ledger, with those that came with the same one and wait.
    var pendingTokens: [String: [CheckedContinuation<Void, Never>]] = [:]
    /// Stories whose texts are being replaced.
    var revising: Set<StoryID> = []
    private var outcomes: [(outcome: FarmOutcome, decided: ContinuousClock.Instant)] = []
    private var submissions: [Submission] = []
    private var waiters: [Waiter] = []
    private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private let executor = ThreadExecutor(name: "dispatcher")
    private let (alarms, alarm) = AsyncStream.makeStream(of: Moment.self)
    private var armed: Moment?
    /// Why the ledger does not take anything; nil while it does.
    private(set) var problem: String?
    /// Why it never will again in this process.
    private var failure: LedgerError?
    /// Whether workers are heard.
    private(set) var isServing = true

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Between two tries to commit what the ledger refused.
    private static let pause = Duration.seconds(1)

    init(
        _ configuration: CoordinatorConfiguration, farm: sending FarmMachine, keeper: LedgerKeeper, relay: Relay,
        vault: Vault, films: FilmMaker, control: Link, welcoming: Welcoming, clock: FarmClock,
        meters: FarmMeters, logger: Logger
    ) {
        self.configuration = configuration
        (self.keeper, self.relay, self.vault, self.films) = (keeper, relay, vault, films)
        (self.control, self.welcoming, self.logger) = (control, welcoming, logger)
        holdings = HoldingsBook(farm.stories.keys)
        board = NewsBoard(run: farm.epoch)
        (self.farm, self.clock, self.meters) = (farm, clock, meters)
        thumbnails = ThumbnailMaker(logger: logger)
        catalog = ModelCatalog(file: configuration.folder + "/models.json")
    }

    /// Serves until the control link is closed and everything decided is durable.
    ///
    /// - Throws: what the ledger failed with for good; nothing that rests on it was done.
    func run(_ reports: AsyncStream<Relay.Report>) async throws(LedgerError) {
        tell(.ticked)
        await withTaskGroup { group in
            group.addTask { await self.commitAll() }
            group.addTask { await self.ring() }
            group.addTask { await self.receive(reports) }
            group.addTask { await self.watchConnections() }
            group.addTask { await self.keepHouse() }
            group.addTask { await self.takeOffers() }
            group.addTask {
                await self.makeFilms()
                // The film that was just being written still counts.
                self.signal.finish()
            }
            for await message in control.messages { receive(message) }
            isServing = false
            filming.finish()
            alarm.finish()
            housekeeping.finish()
            offering.finish()
            board.cut()
        }
        if let failure { throw failure }
    }

    private func receive(_ reports: AsyncStream<Relay.Report>) async {
        for await report in reports {
            switch report {
            case .event(let event): tell(event)
            case .answer(let worker, let attempt, let report, let outcome):
                send(.verdict(.init(attempt, report, outcome)), to: worker)
            case .progress(let worker, let progress): note(progress, of: worker)
            case .diskFull: makeRoom()
            }
        }
    }

    // MARK: Deciding

    /// Has an event decided; what follows from it is done once it is durable.
    func tell(_ event: FarmEvent, with submission: Submission? = nil) {
        let outcome = farm.handle(event, at: clock.now)
        if !event.isUsual { alter() }
        for change in outcome.changes { holdings.note(change) }
        if let submission { submissions.append(submission) }
        if !outcome.changes.isEmpty || !outcome.actions.isEmpty || submission != nil {
            outcomes.append((outcome, .now))
            alter()
            signal.yield()
        }
        arm()
    }

    nonisolated var alterations: UInt64 { decisions.load(ordering: .acquiring) &+ board.alterations }

    private func alter() { decisions.wrappingAdd(1, ordering: .releasing) }

    /// The same, and waits until it is durable.
    ///
    /// - Throws: `unavailable` where it never will be.
    func decide(_ event: FarmEvent, with submission: Submission? = nil) async throws(ControlError) {
        tell(event, with: submission)
        let isDurable = await withCheckedContinuation { waiter in
            guard failure == nil else { return waiter.resume(returning: false) }
            waiters.append(waiter)
            signal.yield()
        }
        guard isDurable else { throw .unavailable(reason: "the ledger can't be written: \(problem ?? "")") }
    }

    /// Before what people ask for is decided: while the ledger takes nothing it would wait for it, as long as that may
    /// be, and nobody would know why.
    func requireLedger() throws(ControlError) {
        if let problem { throw .unavailable(reason: "the ledger can't be written: \(problem)") }
    }

    private func arm() {
        guard let next = farm.nextAlarm, armed.map({ next < $0 }) ?? true else { return }
        armed = next
        alarm.yield(next)
    }

    private func ring() async {
        await withDiscardingTaskGroup { group in
            for await moment in alarms {
                // One that an earlier one has overtaken rings for nothing.
                group.addTask {
                    try? await ContinuousClock().sleep(until: self.clock.instant(of: moment))
                    await self.rung(moment)
                }
            }
            group.cancelAll()
        }
    }

    private func rung(_ moment: Moment) {
        guard armed == moment else { return }
        armed = nil
        tell(.ticked)
    }

    // MARK: Committing

    private func commitAll() async {
        do throws(LedgerError) {
            for await _ in signals {
                while hasWork { try await commit() }
            }
            // What was decided last.
            while hasWork { try await commit() }
        } catch {
            giveUp(error)
        }
    }

    /// Nothing more can become durable: whoever waits for it is told so, and the farm ends, to be opened anew.
    private func giveUp(_ error: LedgerError) {
        failure = error
        for waiter in waiters { waiter.resume(returning: false) }
        waiters = []
        control.beginClosing()
        relay.stop()
    }

    private var hasWork: Bool {
        !outcomes.isEmpty || !submissions.isEmpty || !waiters.isEmpty || !errands.isEmpty
    }

    private func commit() async throws(LedgerError) {
        let batch = (outcomes, submissions, waiters)
        (outcomes, submissions, waiters) = ([], [], [])
        let said = errands
        errands = []
        for errand in said { await errand() }
        let changes = batch.0.flatMap(\.outcome.changes)
        do throws(LedgerError) {
            if !changes.isEmpty || !batch.1.isEmpty { try await makeDurable(changes, batch.1) }
        } catch {
            for waiter in batch.2 { waiter.resume(returning: false) }
            throw error
        }
        for waiter in batch.2 { waiter.resume(returning: true) }
        for (outcome, decided) in batch.0 {
            alter()
            for change in outcome.changes { note(change) }
            for action in outcome.actions {
                await perform(action)
                if case .grant = action { meters.leaseTime.record(since: decided) }
            }
            for case .story(let story) in outcome.changes { await rest(story.id) }
        }
    }

    /// Tries until the ledger takes it: what was decided can't be taken back, and nothing is done before.
    ///
    /// - Throws: what no other try would change, or what the last one failed with when the farm is to stop.
    private func makeDurable(_ changes: [FarmChange], _ submissions: [Submission]) async throws(LedgerError) {
        while true {
            do throws(LedgerError) {
                try await keeper.commit(changes, submissions)
                problem = nil
                return
            } catch {
                if problem == nil { logger.critical("ledger not written", metadata: ["error": "\(error)"]) }
                problem = "\(error)"
                guard error.isRetriable, isServing else { throw error }
                try? await ContinuousClock().sleep(for: Self.pause)
            }
        }
    }
}

extension FarmEvent {
    /// Comes all the time, and by itself says nothing that is counted.
    fileprivate var isUsual: Bool {
        if case .heartbeat = self { return true }
        if case .stepped = self { return true }
        if case .grantSent = self { return true }
        return self == .ticked
    }
}
