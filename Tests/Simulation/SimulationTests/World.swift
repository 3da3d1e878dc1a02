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

    private enum Happening: Hashable {
        case toCoordinator(WorkerID, connection: Int, Message)
        case toWorker(WorkerID, connection: Int, Message)
        case connect(WorkerID)
        case finished(WorkerID, WorkerNode.Work)
        case workerAlarm(WorkerID)
        case coordinatorAlarm
        case committed(epoch: UInt64)
        case startCoordinator
        case startWorker
        case fault
        case command
        case probe(String)
    }

    let seed: UInt64
    let faults: Faults
    private(set) var now = Moment(microseconds: 0)
    private var queue = EventQueue<Happening>()
    private var network: SeededRandom
    private var work: SeededRandom
    private var chaos: SeededRandom
    private var people: SeededRandom

    private(set) var disk = Disk()
    private(set) var farm: FarmMachine?
    private var exchange = BoundaryExchange()
    private var connections: [WorkerID: Int] = [:]
    private var arrivals: [Route: Moment] = [:]
    /// Decided and not yet durable.
    private var uncommitted: [FarmOutcome] = []
    private(set) var workers: [WorkerID: WorkerNode] = [:]
    private var workersEver: UInt64 = 0
    private let workerCount: Int
    private var isHealing = false
    private var coordinatorAlarmAt: Moment?

    private(set) var oracle = Oracle()
    private(set) var counts: [String: Int] = [:]
    /// Over everything that anybody decided, in order.
    private(set) var trace: UInt64 = 0

    init(seed: UInt64, faults: Faults, workers: Int, stories: [StoryTerms]) {
        (self.seed, self.faults, workerCount) = (seed, faults, workers)
        network = SeededRandom(seed, "network")
        work = SeededRandom(seed, "work")
        chaos = SeededRandom(seed, "chaos")
        people = SeededRandom(seed, "people")
        startCoordinator()
        for (index, terms) in stories.enumerated() { submit(StoryID(rawValue: UInt64(index + 1)), terms) }
        for _ in 0..<workers { startWorker() }
        if !faults.isEmpty { schedule(.fault, in: chaos.delay(2000)) }
        if faults.contains(.commands) { schedule(.command, in: people.delay(3000)) }
    }

    private mutating func schedule(_ happening: Happening, in delay: Duration) {
        queue.add(happening, at: now + delay)
    }

    private mutating func count(_ what: String) { counts[what, default: 0] += 1 }

    private mutating func note(_ value: some Hashable) {
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

    private mutating func resumeAll() {
        for story in oracle.stories.keys.sorted() where farm?.stories[story]?.isPaused == true {
            tell(.resumed(story))
        }
    }

    private func describe(_ story: StoryRecord) -> String {
        let segments = story.touched.map { record in
            let holder = record.holding.flatMap { workers[$0.worker] }
            let held = holder.map { "\($0.id.low) connected \($0.isConnected) alive \($0.isAlive) \($0.machine.held)" }
            return "\(record.state) \(record.head) \(record.holding.map { "\($0)" } ?? "") \(held ?? "")"
        }
        return "\(story.id.rawValue) \(story.state) \(story.note ?? ""):\n  " + segments.joined(separator: "\n  ")
    }

    private func describeWorkers() -> String {
        workers.values.filter(\.isAlive).sorted { $0.id < $1.id }.map { node in
            let known = farm?.workers[node.id]
            return "\n  worker \(node.id.low) on \(node.description.device.uuid) connected \(node.isConnected) "
                + "draining \(known?.isDraining as Any) aside \(known?.isSetAside as Any) offers \(known?.offers.count as Any) "
                + "denoising \(known?.denoising as Any) kind \(node.description.device.kind.accelerator) stopping \(node.machine.isStopping) res \(known.map { "\($0)" } ?? "")"
        }.joined()
    }

    private var isOver: Bool {
        guard let farm else { return false }
        return uncommitted.isEmpty
            && farm.stories.values.allSatisfy { $0.state.isTerminal && $0.touched.allSatisfy { $0.holding == nil } }
    }

    private mutating func run(until end: Moment) throws {
        while let next = queue.nextTime, next <= end { try runOne() }
        now = end
    }

    private mutating func runOne() throws {
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
        case .startCoordinator: startCoordinator()
        case .startWorker: startWorker()
        case .fault: breakSomething()
        case .command: commandSomething()
        case .probe(let device): probe(device)
        }
        if let farm { try oracle.check(farm, workers, seed: seed) }
        if let violation = oracle.violation { throw Violation(seed: seed, violation) }
    }

    // MARK: Coordinator

    private mutating func startCoordinator() {
        disk.epoch += 1
        exchange = BoundaryExchange()
        connections = [:]
        uncommitted = []
        coordinatorAlarmAt = nil
        let stories = disk.restored()
        var heads: [SegmentID: Int] = [:]
        for story in stories {
            for number in story.touched.indices {
                let id = SegmentID(story: story.id, number: UInt32(number + 1))
                let records = disk.records(of: id)
                heads[id] = records.count
                exchange.restore(StreamID(segment: id, generation: story.touched[number].generation), records)
            }
        }
        if disk.epoch > 1 { count("coordinator restarted") }
        farm = FarmMachine(epoch: disk.epoch, restoring: stories, devices: disk.devices, heads: heads, now: now)
        tell(.ticked)
        if isHealing { resumeAll() }
    }

    private mutating func submit(_ id: StoryID, _ terms: StoryTerms) {
        oracle.submitted(id, terms)
        tell(.submitted(id, terms))
    }

    /// Gives the farm an event; what follows from it waits for the next commit.
    private mutating func tell(_ event: FarmEvent) {
        guard farm != nil else { return }
        let outcome = farm!.handle(event, at: now)
        note(outcome)
        if uncommitted.isEmpty { schedule(.committed(epoch: disk.epoch), in: work.delay(4)) }
        uncommitted.append(outcome)
        if let alarm = farm!.nextAlarm, coordinatorAlarmAt.map({ alarm < $0 }) ?? true {
            coordinatorAlarmAt = alarm
            schedule(.coordinatorAlarm, in: max(alarm - now, .zero) + .microseconds(1))
        }
    }

    /// One transaction for everything decided so far; then the actions, in order.
    private mutating func commit() {
        let outcomes = uncommitted
        uncommitted = []
        disk.commit(outcomes.flatMap(\.changes))
        if faults.contains(.coordinatorKills), !isHealing, chaos.chance(0.002) {
            count("killed between commit and send")
            return killCoordinator()
        }
        for outcome in outcomes {
            for action in outcome.actions { perform(action) }
        }
    }

    private mutating func perform(_ action: FarmAction) {
        switch action {
        case .grant(let worker, let grant):
            oracle.granted(grant)
            guard let terms = farm?.stories[grant.attempt.segment.story]?.terms else { return }
            send(.grant(grant, terms), to: worker)
        case .recall(let worker, let attempt, let reason, let saves):
            count("recalled: \(reason)")
            send(.recall(attempt, reason, saves: saves), to: worker)
        case .answer(let worker, let attempt, let report, let outcome):
            if outcome == .stale { count("late report fenced") }
            if outcome == .mismatch { count("result of other boundaries refused") }
            if outcome == .accepted, report == .denoised {
                oracle.accepted(attempt, of: farm?.segment(attempt.segment))
            }
            send(.answer(attempt, report, outcome), to: worker)
        case .drain(let worker): send(.drain, to: worker)
        case .hangUp(let worker): hangUp(worker)
        case .admit(let segment, let attempt): exchange.admit(segment, attempt)
        case .open(let stream, let step):
            count("generation opened")
            if let reader = exchange.open(stream, from: step) {
                count("reader superseded")
                if let holder = farm?.segment(reader.segment)?.holding?.worker { send(.superseded(reader), to: holder) }
            }
        case .drop(let segment, let file): if farm?.keeps(segment, file) != true { disk.files[file] = nil }
        case .assemble(let story, let revision, let segments):
            tell(.assembled(story, revision: revision, segments: segments))
        case .forget: break
        case .notice(let notice):
            switch notice {
            case .attemptKept: count("attempt kept over a reconnect")
            case .hung: count("hang noticed")
            case .deviceSetAside(let device):
                count("device set aside")
                queue.add(.probe(device), at: now + .seconds(60))
            case .recordConflict: count("record conflict")
            case .segmentFailed: count("segment failed")
            default: break
            }
        }
    }

    private mutating func receive(_ message: Message, from worker: WorkerID) {
        switch message {
        case .hello(let description, let held):
            send(.welcome, to: worker)
            tell(.connected(worker, description, held))
        case .offer(let offers): tell(.offered(worker, offers))
        case .heartbeat(let held): tell(.heartbeat(worker, held))
        case .stepped(let attempt, let step, let time): tell(.stepped(worker, attempt, step: step, time))
        case .report(let report): receive(report, from: worker)
        case .append(let attempt, let step, let checksum): append(attempt, step, checksum, from: worker)
        case .read(let attempt, let stream, let from): deliver(exchange.read(attempt, stream, from: from, window: 64))
        case .bye: tell(.left(worker, isCrash: false))
        default: oracle.fail("a worker said \(message)")
        }
    }

    private mutating func receive(_ report: WorkerReport, from worker: WorkerID) {
        if let file = report.file, disk.files[file] == nil, case let kind = report.kind, kind != .delivered {
            count("file asked for again")
            return send(.answer(report.attempt, kind, .damaged), to: worker)
        }
        switch report {
        case .checkpoint(let attempt, let step, let file, let consumed):
            disk.synced[attempt.segment] = disk.log[attempt.segment]?.count ?? 0
            tell(.checkpointed(worker, attempt, step: step, file, consumed))
        case .denoised(let attempt, let file, let consumed):
            disk.synced[attempt.segment] = disk.log[attempt.segment]?.count ?? 0
            tell(.denoised(worker, attempt, file, consumed, matches: matches(attempt, consumed)))
        case .delivered(let attempt, let file): tell(.delivered(worker, attempt, file))
        case .failed(let attempt, let phase, let failure): tell(.failed(worker, attempt, phase, failure))
        case .released(let attempt, let phase, let reason, let step):
            tell(.released(worker, attempt, phase, reason, step: step))
        }
    }

    /// Whether what an attempt says to have read is what the log holds.
    private func matches(_ attempt: AttemptID, _ consumed: Consumed) -> Bool {
        guard let terms = farm?.stories[attempt.segment.story]?.terms, attempt.segment.number > 1 else { return true }
        let before = SegmentID(story: attempt.segment.story, number: attempt.segment.number - 1)
        let read = terms.read(before: terms.steps).compactMap { exchange.record(of: before, at: $0)?.checksum }
        return Latents.digest(read.reduce(0, mix)) == consumed.digest
    }

    private mutating func append(_ attempt: AttemptID, _ step: Int, _ checksum: UInt64, from worker: WorkerID) {
        switch exchange.admission(of: attempt, step: step, checksum: checksum) {
        case .write:
            disk.log[attempt.segment, default: []].append(
                .init(generation: attempt.generation, step: step, checksum: checksum))
            let deliveries = exchange.stored(attempt, step: step, checksum: checksum)
            oracle.written(attempt, step, checksum)
            send(.stored(attempt.segment, step: step), to: worker)
            deliver(.records(deliveries))
            tell(.reached(attempt.stream, head: step + 1))
        case .duplicate:
            count("record written again")
            send(.stored(attempt.segment, step: step), to: worker)
        case .stale: count("boundary of a dead attempt discarded")
        case .conflict: tell(.conflicted(attempt.stream, step: step))
        case .gap(let expected):
            count("record out of order")
            send(.wanted(attempt.segment, from: expected), to: worker)
        }
    }

    private mutating func deliver(_ reading: BoundaryExchange.Reading) {
        switch reading {
        case .records(let deliveries):
            for delivery in deliveries {
                guard let holder = farm?.segment(delivery.reader.segment)?.holding?.worker else { continue }
                send(
                    .record(delivery.reader, delivery.stream, step: delivery.step, checksum: delivery.checksum),
                    to: holder)
            }
        case .superseded, .stale: count("reading refused")
        }
    }

    private mutating func send(_ message: Message, to worker: WorkerID) {
        guard let connection = connections[worker] else { return }
        transmit(.toWorker(worker, connection: connection, message), message, Route(worker, toWorker: true, message))
    }

    /// Two sockets each way keep the order of what they carry; between the two nothing is sure, and copies come late.
    private struct Route: Hashable {
        let worker: WorkerID
        let toWorker, isData: Bool

        init(_ worker: WorkerID, toWorker: Bool, _ message: Message) {
            (self.worker, self.toWorker, isData) = (worker, toWorker, message.isData)
        }
    }

    private mutating func transmit(_ happening: Happening, _ message: Message, _ route: Route) {
        let arrival = max(now + network.delay(4), arrivals[route] ?? now) + .microseconds(1)
        arrivals[route] = arrival
        queue.add(happening, at: arrival)
        if faults.contains(.duplicates), !isHealing, message.mayComeTwice, network.chance(0.03) {
            count("message came twice")
            queue.add(happening, at: arrival + network.delay(40))
        }
    }

    private mutating func killCoordinator() {
        guard farm != nil else { return }
        count("coordinator killed")
        farm = nil
        if faults.contains(.powerLoss), chaos.chance(0.5) {
            count("power lost")
            oracle.lost(disk.loseWhatIsNotSynced())
        }
        for id in workers.keys.sorted() where workers[id]!.isConnected { hangUp(id) }
        schedule(.startCoordinator, in: chaos.delay(3000))
    }

    // MARK: Workers

    private mutating func startWorker() {
        workersEver += 1
        let id = WorkerID(high: seed, low: workersEver)
        let isOther = faults.contains(.mixedKinds) && chaos.chance(0.3)
        let device = faults.contains(.deviceFaults) ? workersEver % UInt64(workerCount + 2) : workersEver
        let description = WorkerDescription(
            node: "node \(workersEver % 4)", process: Int(workersEver), encoder: "x264",
            device: WorkerDevice(
                uuid: "device \(device)", memoryBytes: 1 << 34, kind: .simulated(isOther ? "B" : "A")))
        workers[id] = WorkerNode(id: id, description: description, now: now)
        schedule(.connect(id), in: network.delay(20))
    }

    private mutating func connect(_ id: WorkerID) {
        guard workers[id]?.isAlive == true, !workers[id]!.isConnected else { return }
        guard farm != nil else { return schedule(.connect(id), in: network.delay(900)) }
        workers[id]!.connection += 1
        workers[id]!.isConnected = true
        connections[id] = workers[id]!.connection
        say(.hello(workers[id]!.description, workers[id]!.machine.held), id)
        say(.offer([ModelOffer(name: "embedded", digest: Latents.digest(1))]), id)
    }

    private mutating func hangUp(_ id: WorkerID) {
        guard workers[id]?.isConnected == true else { return }
        workers[id]!.isConnected = false
        connections[id] = nil
        tell(.disconnected(id))
        wake(id, .disconnected)
        schedule(.connect(id), in: network.delay(900))
    }

    private mutating func say(_ message: Message, _ id: WorkerID) {
        guard workers[id]!.isConnected else { return }
        let connection = workers[id]!.connection
        transmit(.toCoordinator(id, connection: connection, message), message, Route(id, toWorker: false, message))
    }

    private mutating func arrive(_ message: Message, at id: WorkerID) {
        if let paused = workers[id]?.pausedUntil, paused > now {
            let connection = workers[id]!.connection
            return queue.add(.toWorker(id, connection: connection, message), at: paused + .milliseconds(1))
        }
        switch message {
        case .welcome: wake(id, .welcomed)
        case .grant(let grant, let terms): wake(id, .granted(grant, terms, checkpointEvery: 4))
        case .recall(let attempt, let reason, let saves): wake(id, .recalled(attempt, reason, savesCheckpoint: saves))
        case .answer(let attempt, let report, let outcome): wake(id, .answered(attempt, report, outcome))
        case .drain: wake(id, .drainRequested)
        case .stored(let segment, let step): wake(id, .stored(segment, step: step))
        case .record(let reader, let stream, let step, let checksum):
            if workers[id]!.attempt == reader { workers[id]!.inbox[step] = (stream, checksum) }
            wake(id, .record(reader: reader, stream, step: step))
        case .wanted(let segment, let step): wake(id, .wanted(segment, from: step))
        case .superseded(let reader): wake(id, .superseded(reader: reader))
        default: oracle.fail("the coordinator said \(message)")
        }
    }

    private mutating func wake(_ id: WorkerID, _ event: WorkerEvent) {
        guard workers[id]?.isAlive == true else { return }
        if let paused = workers[id]!.pausedUntil, paused > now {
            if event == .ticked { queue.add(.workerAlarm(id), at: paused + .milliseconds(1)) }
            return
        }
        let actions = workers[id]!.machine.handle(event, at: now)
        note(actions)
        for action in actions { perform(action, by: id) }
        if event == .ticked || event == .welcomed || event == .disconnected, workers[id]?.isAlive == true {
            queue.add(.workerAlarm(id), at: max(workers[id]!.machine.nextAlarm, now + .milliseconds(1)))
        }
    }

    private mutating func perform(_ action: WorkerAction, by id: WorkerID) {
        switch action {
        case .heartbeat(let held): say(.heartbeat(held), id)
        case .publish(let attempt, let step):
            let checksum = workers[id]!.published[step] ?? workers[id]!.latents!.boundary(on: kind(of: id))
            workers[id]!.published[step] = checksum
            say(.append(attempt, step: step, checksum: checksum), id)
        case .read(let attempt, let stream, let from): say(.read(attempt, stream, from: from), id)
        case .report(let report): say(.report(report), id)
        case .say(stepped: let attempt, let step, let time): say(.stepped(attempt, step: step, time), id)
        case .prepare(let grant):
            workers[id]!.attempt = grant.attempt
            workers[id]!.inbox = [:]
            workers[id]!.published = [:]
            queue.add(.finished(id, .prepare(grant)), at: now + work.delay(200))
        case .step(let attempt, _, let record):
            workers[id]!.taken = nil
            if let record { take(record, on: id) }
            queue.add(.finished(id, .step(attempt)), at: now + work.delay(100))
        case .save(let attempt, let step):
            queue.add(.finished(id, .save(attempt, step: step)), at: now + work.delay(60))
        case .upload(let attempt): queue.add(.finished(id, .upload(attempt)), at: now + work.delay(60))
        case .deliver(let attempt, let latents):
            if disk.files[latents] == nil { oracle.fail("latents to deliver are gone") }
            queue.add(.finished(id, .deliver(attempt, latents)), at: now + work.delay(400))
        case .uploadVideo(let attempt):
            queue.add(
                .finished(id, .deliver(attempt, Artifact(bytes: 5, digest: Latents.digest(2)))),
                at: now + work.delay(60))
        case .abandon(let attempt): if workers[id]!.attempt == attempt { workers[id]!.attempt = nil }
        case .stop: stop(id)
        }
    }

    private func kind(of id: WorkerID) -> DeviceKind { workers[id]!.description.device.kind }

    private mutating func take(_ record: Int, on id: WorkerID) {
        guard let (stream, checksum) = workers[id]!.inbox[record] else {
            return oracle.fail("a step was taken without its boundary")
        }
        var latents = workers[id]!.latents!
        latents.read.append(checksum)
        if latents.spans.last?.generation != stream.generation {
            latents.spans.append(GenerationSpan(generation: stream.generation, fromStep: record))
        }
        workers[id]!.latents = latents
        workers[id]!.taken = checksum
    }

    private mutating func finish(_ work: WorkerNode.Work, on id: WorkerID) {
        guard workers[id]?.isAlive == true else { return }
        if let paused = workers[id]!.pausedUntil, paused > now {
            return queue.add(.finished(id, work), at: paused + .milliseconds(1))
        }
        switch work {
        case .prepare(let grant):
            guard workers[id]!.attempt == grant.attempt else { return }
            if let checkpoint = grant.checkpoint {
                guard let latents = disk.files[checkpoint.file] else {
                    return oracle.fail("the checkpoint of \(grant.attempt.segment) is gone")
                }
                workers[id]!.latents = latents
            } else {
                workers[id]!.latents = .noise(of: grant.attempt.segment)
            }
            wake(id, .prepared(grant.attempt))
        case .step(let attempt):
            guard workers[id]!.attempt == attempt else { return }
            if faults.contains(.deviceFaults), !isHealing, chaos.chance(0.004) { return breakDevice(id, attempt) }
            workers[id]!.latents = workers[id]!.latents!.advanced(with: workers[id]!.taken, on: kind(of: id))
            wake(id, .stepped(attempt, .milliseconds(50)))
        case .save(let attempt, let step):
            guard workers[id]!.attempt == attempt, let latents = workers[id]!.latents else { return }
            guard workers[id]!.isConnected else { return retry(work, on: id) }
            disk.files[latents.file] = latents
            wake(id, .saved(attempt, step: step, latents.file, latents.consumed))
        case .upload(let attempt):
            guard workers[id]!.attempt == attempt, let latents = workers[id]!.latents else { return }
            guard workers[id]!.isConnected else { return retry(work, on: id) }
            disk.files[latents.file] = latents
            wake(id, .uploaded(attempt, latents.file, latents.consumed))
        case .deliver(let attempt, let latents):
            guard workers[id]!.isConnected else { return retry(work, on: id) }
            let video = Artifact(bytes: 5, digest: latents.digest)
            wake(id, .delivered(attempt, video))
        }
    }

    private mutating func retry(_ work: WorkerNode.Work, on id: WorkerID) {
        queue.add(.finished(id, work), at: now + .milliseconds(300))
    }

    private mutating func stop(_ id: WorkerID) {
        say(.bye, id)
        end(id)
    }

    /// A process is gone; another one takes its place.
    private mutating func end(_ id: WorkerID) {
        guard workers[id]?.isAlive == true else { return }
        workers[id]!.isAlive = false
        schedule(.startWorker, in: chaos.delay(1500))
        guard workers[id]!.isConnected else { return }
        workers[id]!.isConnected = false
        let connection = workers[id]!.connection
        if connections[id] == connection {
            connections[id] = nil
            tell(.disconnected(id))
        }
    }

    // MARK: Faults

    private mutating func breakDevice(_ id: WorkerID, _ attempt: AttemptID) {
        let causes: [FailureClass] = [.deviceFault, .nonFinite, .hang, .inputOutput]
        let cause = chaos.pick(causes)
        count("failure: \(cause)")
        if cause == .hang {
            // It will never finish this step.
            return
        }
        let step = workers[id]!.latents?.step ?? 0
        wake(id, .failed(attempt, .denoising, Failure(cause: cause, step: step, detail: "simulated")))
    }

    /// A person, or the farm itself, finds out whether a device works again.
    private mutating func probe(_ device: String) {
        guard farm?.devices[device]?.isSetAside == true else {
            // Asked later where the coordinator is down.
            if farm == nil { queue.add(.probe(device), at: now + .seconds(5)) }
            return
        }
        tell(.probed(device: device))
    }

    private mutating func breakSomething() {
        guard !isHealing else { return }
        schedule(.fault, in: chaos.delay(2500))
        let living = workers.values.filter(\.isAlive).map(\.id).sorted()
        let victim = living.isEmpty ? nil : chaos.pick(living)
        switch chaos.number(0...5) {
        case 0, 1: if faults.contains(.workerKills), let victim { count("worker killed"); end(victim) }
        case 2: if faults.contains(.coordinatorKills) { killCoordinator() }
        case 3: if faults.contains(.disconnections), let victim { count("connection cut"); hangUp(victim) }
        case 4:
            guard faults.contains(.pauses), let victim else { return }
            count("worker stopped by a signal")
            workers[victim]!.pausedUntil = now + chaos.delay(6000)
        default: break
        }
    }

    private mutating func commandSomething() {
        guard !isHealing else { return }
        schedule(.command, in: people.delay(4000))
        guard farm != nil else { return }
        let story = people.pick(oracle.stories.keys.sorted())
        switch people.number(0...9) {
        case 0, 1: tell(.paused(story))
        case 2, 3, 4: tell(.resumed(story))
        case 5: tell(.prioritized(story, people.number(-1...2)))
        case 6:
            let from = people.number(1...oracle.stories[story]!.segmentCount)
            count("revised")
            tell(.revised(story, from: from))
        case 7: tell(.retried(story))
        case 8:
            let living = workers.values.filter(\.isAlive).map(\.id).sorted()
            if !living.isEmpty { tell(.drained(people.pick(living), true)) }
        default: if people.chance(0.2) { tell(.cancelled(story)) }
        }
    }
}

extension WorkerID: Comparable {
    static func < (a: WorkerID, b: WorkerID) -> Bool { (a.high, a.low) < (b.high, b.low) }
}
