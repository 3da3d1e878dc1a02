import Ledger
import Storage
import StorageSamples

@testable import Farm

extension World {
    // MARK: Beginning

    func startCoordinator() {
        exchange = BoundaryExchange()
        connections = [:]
        (decided, committing) = ([], [])
        (coordinatorAlarmAt, stoppedUntil) = (nil, nil)
        do {
            if epoch > 0 {
                count("coordinator restarted")
                try head.reopen()
            }
            epoch = try head.ledger.raiseEpoch()
            let restored = try head.ledger.restore()
            var heads: [SegmentID: Int] = [:]
            resting = []
            for story in restored.stories { heads.merge(try readLog(of: story)) { $1 } }
            oracle.restarted(restored.stories, head)
            farm = FarmMachine(
                epoch: epoch, restoring: restored.stories, devices: restored.devices, heads: heads, now: now)
            try head.sweep(keeping: farm!)
        } catch {
            return oracle.fail("the coordinator can't start: \(error)")
        }
        tell(.ticked)
        if isHealing { resumeAll() }
    }

    /// What the log holds of a story's streams.
    private func readLog(of story: StoryRecord) throws -> [SegmentID: Int] {
        var heads: [SegmentID: Int] = [:]
        for (index, record) in story.touched.enumerated() {
            let id = SegmentID(story: story.id, number: UInt32(index + 1))
            let records = try head.records(of: id, record.generations)
            heads[id] = records.count
            exchange.restore(id, record.generations, records)
        }
        return heads
    }

    private func admit(_ segment: SegmentID, _ attempt: AttemptID?) {
        if attempt != nil, resting.remove(segment.story) != nil, let story = farm?.stories[segment.story] {
            do { _ = try readLog(of: story) } catch { oracle.fail("not read: \(error)") }
        }
        exchange.admit(segment, attempt)
    }

    /// A client submits until it hears that its story is accepted.
    func submit(_ id: StoryID) {
        guard var terms = unaccepted[id] else { return }
        schedule(.submit(id), in: .seconds(4))
        guard farm != nil, !isStopped else { return }
        if head.isNearlyFull {
            count("submission refused on a full disk")
            guard mutant == .submitsToAFullDisk else { return }
        }
        if mutant == .acceptsEarly { accept(id) }
        if mutant == .blursSubmitters { terms = terms.submitted(by: "story \(id.rawValue)") }
        if farm!.stories[id] == nil { oracle.took(id, diskIsFull: head.isNearlyFull) }
        tell(.submitted(id, terms))
    }

    private func accept(_ id: StoryID) {
        guard let terms = unaccepted.removeValue(forKey: id) else { return }
        oracle.submitted(id, terms)
    }

    // MARK: Deciding

    /// Gives the farm an event; what follows from it waits for the next commit.
    func tell(_ event: FarmEvent) {
        guard farm != nil else { return }
        if isStopped { return backlog.append(.told(event, epoch: epoch)) }
        let outcome = farm!.handle(event, at: mutant == .isNeverLate ? Moment(microseconds: 0) : now)
        note(outcome)
        oracle.decided(outcome, farm!, setting)
        if mutant != nil { spoil(outcome) }
        decided.append(outcome)
        beginCommit()
        armAlarm()
    }

    private func armAlarm() {
        guard mutant != .isNeverLate, let alarm = farm?.nextAlarm, coordinatorAlarmAt.map({ alarm < $0 }) ?? true
        else { return }
        coordinatorAlarmAt = alarm
        schedule(.coordinatorAlarm, in: max(alarm - now, .zero) + .microseconds(1))
    }

    func ring() {
        guard let time = coordinatorAlarmAt, time <= now else { return }
        coordinatorAlarmAt = nil
        tell(.ticked)
    }

    // MARK: Committing

    /// One transaction at a time, for everything that was decided while the one before was written.
    private func beginCommit() {
        guard committing.isEmpty, !decided.isEmpty else { return }
        swap(&committing, &decided)
        let isSlow = faults.contains(.slowDisk) && !isHealing && work.chance(0.05)
        if isSlow { count("commit was slow") }
        schedule(.committed(epoch: epoch), in: isSlow ? work.delay(4000) : time(4))
    }

    func finishCommit() {
        let mayBeKilled = faults.contains(.coordinatorKills) && !isHealing
        if mayBeKilled, chaos.chance(0.002) {
            count("killed before a commit")
            return killCoordinator()
        }
        let changes = committing.flatMap(\.changes)
        if !changes.isEmpty {
            if head.isFull {
                // The ledger throws `full`, and nothing of it leaves; it is tried again.
                count("commit refused on a full disk")
                return schedule(.committed(epoch: epoch), in: .milliseconds(200))
            }
            do { try head.ledger.commit(mutant == .forgetsLeases ? changes.map(\.withoutLease) : changes, at: 0) } catch
            {
                return oracle.fail("not committed: \(error)")
            }
            oracle.committed(changes)
            for case .story(let story) in changes where unaccepted[story.id] != nil { accept(story.id) }
        }
        if mayBeKilled, chaos.chance(0.002) {
            count("killed between commit and send")
            return killCoordinator()
        }
        var outcomes: [FarmOutcome] = []
        swap(&outcomes, &committing)
        if mutant != .performsEarly { for outcome in outcomes { perform(outcome.actions) } }
        beginCommit()
    }

    func killCoordinator() {
        guard farm != nil else { return }
        count("coordinator killed")
        farm = nil
        (stoppedUntil, backlog) = (nil, [])
        if faults.contains(.powerLoss), chaos.chance(0.5) {
            count("power lost")
            head.disk.crash(using: &chaos)
        }
        for id in workers.keys.sorted() where workers[id]!.isConnected { hangUp(id) }
        schedule(.startCoordinator, in: chaos.delay(3000))
    }

    // MARK: Performing

    func perform(_ actions: [FarmAction]) { for action in actions { perform(action) } }

    private func perform(_ action: FarmAction) {
        switch action {
        case .grant(let worker, let grant):
            oracle.granted(grant)
            if let terms = farm?.stories[grant.attempt.segment.story]?.terms {
                send(.grant(grant, terms), to: worker)
            }
            tell(.grantSent(worker, grant.attempt))
        case .recall(let worker, let attempt, let reason, let saves):
            count("recalled: \(reason)")
            if mutant == .swallowsRecalls, reason == .neededEarlier { return }
            send(.recall(attempt, reason, saves: saves), to: worker)
        case .answer(let worker, let attempt, let report, let outcome):
            if outcome == .stale { count("late report fenced") }
            if outcome == .mismatch { count("result of other boundaries refused") }
            if outcome == .damaged, report == .checkpoint { count("checkpoint overtook its records") }
            if outcome == .accepted { oracle.accepted(attempt, report, of: farm?.segment(attempt.segment)) }
            send(.answer(attempt, report, outcome), to: worker)
        case .drain(let worker): send(.drain, to: worker)
        // No node's agent takes part.
        case .want, .answerNode: break
        case .probe(let worker, let number, let segment):
            // Every third one fails.
            let digest = number.isMultiple(of: 3) ? nil : farm?.segment(segment)?.latents?.file.digest
            queue.add(.probe(worker, number: number, digest), at: now + .seconds(5))
        case .hangUp(let worker): hangUp(worker)
        case .admit(let segment, let attempt): admit(segment, attempt)
        case .open(let stream, let step): open(stream, from: step)
        case .drop(let segment, let file): drop(file, of: segment)
        case .assemble(let story, let revision, let segments):
            schedule(.assembled(story, revision: revision, segments: segments, epoch: epoch), in: time(50))
        case .prune(let story): prune(story)
        case .forget(let story): forget(story)
        case .notice(let notice): note(notice)
        }
    }

    private func drop(_ file: Artifact, of segment: SegmentID) {
        guard mutant != .dropsNothing, mutant == .dropsTooMuch || farm?.keeps(segment, file) != true else { return }
        do { try head.drop(file, of: segment) } catch { oracle.fail("not removed: \(error)") }
    }

    private func prune(_ story: StoryID) {
        resting.insert(story)
        exchange.forget(story, segments: setting.stories[Int(story.rawValue) - 1].segmentCount)
        do { try head.log.remove(story) } catch { oracle.fail("not removed: \(error)") }
    }

    private func forget(_ story: StoryID) {
        exchange.forget(story, segments: setting.stories[Int(story.rawValue) - 1].segmentCount)
        do {
            try head.log.remove(story)
            try head.store.remove(story)
        } catch { oracle.fail("not removed: \(error)") }
    }

    private func note(_ notice: FarmNotice) {
        switch notice {
        case .attemptKept: count("attempt kept over a reconnect")
        case .hung: count("hang noticed")
        case .leaseUnknown: count("lost grant noticed")
        case .deviceSetAside:
            count("device set aside")
        case .probeFailed: count("probe failed")
        case .deviceReadmitted: count("device trusted again")
        case .recordConflict: count("record conflict")
        case .segmentFailed: count("segment failed")
        case .segmentHeld: count("segment held")
        case .workerLost: count("worker lost")
        default: break
        }
    }

    func finishFilm(of story: StoryID, _ revision: Int, _ segments: Int) {
        guard let record = farm?.stories[story], record.revision == revision else { return }
        for number in 1...segments {
            let id = SegmentID(story: story, number: UInt32(number))
            guard let video = record.segment(number).video?.file, head.holds(video, as: .video(id)) else {
                return oracle.fail("the video of \(id) is gone before its story's is joined")
            }
        }
        tell(.assembled(story, revision: revision, segments: segments))
    }
}
