import Farm

extension World {
    // MARK: Coordinator

    mutating func startCoordinator() {
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

    /// A client submits until it hears that its story is accepted.
    mutating func submit(_ id: StoryID) {
        guard let terms = unaccepted[id] else { return }
        schedule(.submit(id), in: .seconds(4))
        guard farm != nil else { return }
        if mutant == .acceptsEarly { accept(id) }
        tell(.submitted(id, terms))
    }

    private mutating func accept(_ id: StoryID) {
        guard let terms = unaccepted.removeValue(forKey: id) else { return }
        oracle.submitted(id, terms)
    }

    /// Gives the farm an event; what follows from it waits for the next commit.
    mutating func tell(_ event: FarmEvent) {
        guard farm != nil else { return }
        let outcome = farm!.handle(event, at: mutant == .isNeverLate ? Moment(microseconds: 0) : now)
        note(outcome)
        if uncommitted.isEmpty { schedule(.committed(epoch: disk.epoch), in: work.delay(4)) }
        uncommitted.append(outcome)
        if mutant != .isNeverLate, let alarm = farm!.nextAlarm, coordinatorAlarmAt.map({ alarm < $0 }) ?? true {
            coordinatorAlarmAt = alarm
            schedule(.coordinatorAlarm, in: max(alarm - now, .zero) + .microseconds(1))
        }
    }

    /// One transaction for everything decided so far; then the actions, in order.
    mutating func commit() {
        if faults.contains(.coordinatorKills), !isHealing, chaos.chance(0.004) {
            count("killed before a commit")
            return killCoordinator()
        }
        let outcomes = uncommitted
        uncommitted = []
        disk.commit(outcomes.flatMap(\.changes), forgettingLeases: mutant == .forgetsLeases)
        oracle.committed(outcomes.flatMap(\.changes), disk.stories)
        for id in unaccepted.keys.sorted() where disk.stories[id] != nil { accept(id) }
        if faults.contains(.coordinatorKills), !isHealing, chaos.chance(0.002) {
            count("killed between commit and send")
            return killCoordinator()
        }
        for outcome in outcomes {
            for action in outcome.actions { perform(action) }
        }
    }

    mutating func perform(_ action: FarmAction) {
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
            if outcome == .accepted { oracle.accepted(attempt, report, of: farm?.segment(attempt.segment)) }
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

    mutating func receive(_ message: Message, from worker: WorkerID) {
        switch message {
        case .hello(let description, let held):
            send(.welcome, to: worker)
            tell(.connected(worker, description, held))
            // What it wrote and the log has lost is wanted again.
            for item in held where item.phase == .denoising && exchange.head(of: item.attempt.segment) <= item.step {
                let segment = item.attempt.segment
                send(.wanted(segment, from: exchange.head(of: segment)), to: worker)
            }
        case .offer(let offers): tell(.offered(worker, offers))
        case .heartbeat(let held): tell(.heartbeat(worker, held))
        case .stepped(let attempt, let step, let time): tell(.stepped(worker, attempt, step: step, time))
        case .report(let report): receive(report, from: worker)
        case .append(let attempt, let step, let checksum): append(attempt, step, checksum, from: worker)
        case .read(let attempt, let stream, let from, let window):
            deliver(exchange.read(attempt, stream, from: from, window: window))
        case .bye: tell(.left(worker, isCrash: false))
        default: oracle.fail("a worker said \(message)")
        }
    }

    mutating func receive(_ said: WorkerReport, from worker: WorkerID) {
        oracle.reported(said)
        let report = mutant == .believesEveryone ? believed(said) : said
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

    private func believed(_ report: WorkerReport) -> WorkerReport {
        guard let record = farm?.segment(report.attempt.segment), let holding = record.holding else { return report }
        let current = AttemptID(
            segment: report.attempt.segment, lease: holding.lease, generation: record.generation)
        switch report {
        case .checkpoint(_, let step, let file, let consumed):
            return .checkpoint(current, step: step, file, consumed)
        case .denoised(_, let file, let consumed): return .denoised(current, file, consumed)
        case .delivered(_, let file): return .delivered(current, file)
        case .failed(_, let phase, let failure): return .failed(current, phase, failure)
        case .released(_, let phase, let reason, let step): return .released(current, phase, reason, step: step)
        }
    }

    /// Whether what an attempt says to have read is what the log holds.
    func matches(_ attempt: AttemptID, _ consumed: Consumed) -> Bool {
        if mutant == .mixesRecordsUp { return true }
        guard let terms = farm?.stories[attempt.segment.story]?.terms, attempt.segment.number > 1 else { return true }
        let before = SegmentID(story: attempt.segment.story, number: attempt.segment.number - 1)
        let read = terms.read(before: terms.steps).compactMap { exchange.record(of: before, at: $0)?.checksum }
        return Latents.digest(read.reduce(0, mix)) == consumed.digest
    }

    mutating func append(_ attempt: AttemptID, _ step: Int, _ checksum: UInt64, from worker: WorkerID) {
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
        case .conflict:
            if mutant == .overwritesRecords { oracle.written(attempt, step, checksum) }
            tell(.conflicted(attempt.stream, step: step))
        case .gap(let expected):
            count("record out of order")
            send(.wanted(attempt.segment, from: expected), to: worker)
        }
    }

    mutating func deliver(_ reading: BoundaryExchange.Reading) {
        switch reading {
        case .records(let deliveries):
            for delivery in deliveries {
                guard let holder = farm?.segment(delivery.reader.segment)?.holding?.worker else { continue }
                let slip: UInt64 = mutant == .mixesRecordsUp && delivery.step == 1 ? 1 : 0
                send(
                    .record(delivery.reader, delivery.stream, step: delivery.step, checksum: delivery.checksum ^ slip),
                    to: holder)
            }
        case .superseded, .stale: count("reading refused")
        }
    }

    mutating func send(_ message: Message, to worker: WorkerID) {
        guard let connection = connections[worker] else { return }
        transmit(.toWorker(worker, connection: connection, message), message, Route(worker, toWorker: true, message))
    }

    /// Two sockets each way keep the order of what they carry; between the two nothing is sure, and copies come late.
    struct Route: Hashable {
        let worker: WorkerID
        let toWorker, isData: Bool

        init(_ worker: WorkerID, toWorker: Bool, _ message: Message) {
            (self.worker, self.toWorker, isData) = (worker, toWorker, message.isData)
        }
    }

    mutating func transmit(_ happening: Happening, _ message: Message, _ route: Route) {
        let arrival = max(now + network.delay(4), arrivals[route] ?? now) + .microseconds(1)
        arrivals[route] = arrival
        queue.add(happening, at: arrival)
        if faults.contains(.duplicates), !isHealing, message.mayComeTwice, network.chance(0.03) {
            count("message came twice")
            queue.add(happening, at: arrival + network.delay(40))
        }
    }

    mutating func killCoordinator() {
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
}
