/// What is looked at again when its time comes.
enum Alarm: Hashable, Sendable {
    case silence(WorkerID)
    case reconnection(WorkerID)
    case hang(WorkerID)
    /// Workers have not come back since the restart.
    case recollection
    /// A segment of the story lies while a later one holds a worker.
    case unplaced(StoryID)
    /// A device that was set aside is to be looked at.
    case probe(String)
    /// Of the agent of the node with this name.
    case nodeSilence(String)

    /// Whether it is about somebody who has not been heard.
    var isOfHearing: Bool {
        switch self {
        case .silence, .reconnection, .hang, .recollection, .nodeSilence: true
        case .unplaced, .probe: false
        }
    }
}

/// Equal times ring in the order in which they were set.
struct AlarmTime: Comparable, Sendable {
    let time: Moment
    let number: UInt64

    static func < (a: AlarmTime, b: AlarmTime) -> Bool { (a.time, a.number) < (b.time, b.number) }
}

extension FarmMachine {
    mutating func setAlarm(_ alarm: Alarm, at time: Moment) {
        postponed.remove(alarm)
        put(alarm, at: time)
    }

    private mutating func put(_ alarm: Alarm, at time: Moment) {
        alarmsEver += 1
        alarms.set(alarm, to: AlarmTime(time: time, number: alarmsEver))
    }

    mutating func clearAlarm(_ alarm: Alarm) {
        postponed.remove(alarm)
        alarms.remove(alarm)
    }

    /// Where the coordinator stood still, nobody could be heard: all alarms are put off by that time.
    mutating func excuseStandstill() {
        guard let due = alarms.first?.key.time, now - due > FarmLimits.standstill else { return }
        // And a little more, to hear what came meanwhile.
        let time = now - due + FarmLimits.reconnection
        alarms.shift { AlarmTime(time: $0.time + time, number: $0.number) }
        for name in presences.keys { presences[name]!.heard = presences[name]!.heard + time }
        for id in workers.keys {
            workers[id]!.heard = workers[id]!.heard + time
            workers[id]!.missing = workers[id]!.missing.mapValues { $0 + time }
            if let watch = workers[id]!.watch { workers[id]!.watch!.since = watch.since + time }
        }
    }

    /// Rings what is due.
    mutating func ring() {
        while let (alarm, key) = alarms.first, key.time <= now {
            alarms.remove(alarm)
            if isTooLate(alarm, due: key.time) {
                put(alarm, at: now + FarmLimits.unread)
                continue
            }
            switch alarm {
            case .silence(let worker): checkSilence(of: worker)
            case .reconnection(let worker):
                if workers[worker]?.closed != nil { lose(worker, isCrash: false) }
            case .hang(let worker): checkHang(of: worker)
            case .recollection: giveUpUnclaimed()
            case .unplaced(let story): makeRoom(in: story)
            case .probe(let device): probe(device)
            case .nodeSilence(let node): checkSilence(ofNode: node)
            }
        }
    }

    /// Whether an alarm rings so late that what somebody said in time may lie unread: it rings once more, after that.
    private mutating func isTooLate(_ alarm: Alarm, due: Moment) -> Bool {
        guard alarm.isOfHearing, postponed.remove(alarm) == nil, now - due > FarmLimits.punctual else { return false }
        postponed.insert(alarm)
        return true
    }

    private mutating func checkSilence(of id: WorkerID) {
        guard let worker = workers[id] else { return }
        let limit = worker.heard + FarmLimits.silence
        if limit <= now { lose(id, isCrash: false) } else { setAlarm(.silence(id), at: limit) }
    }

    /// A worker is here, and so is the network: those of before the restart have no longer than the silence that is
    /// allowed to anybody.
    ///
    /// - Parameter isAwaited: whether it held something. While those come back the others have as long again; somebody
    ///   with nothing, who may be new, gives them no more time than they had.
    mutating func comeBack(isAwaited: Bool) {
        let limit = min(now + FarmLimits.silence, restored + FarmLimits.recollection)
        guard isAwaited || alarms.key(of: .recollection).map({ limit < $0.time }) ?? false else { return }
        setAlarm(.recollection, at: limit)
    }

    private mutating func giveUpUnclaimed() {
        let lost = unclaimed.flatMap { worker, segments in segments.map { (segment: $0, worker: worker) } }
        unclaimed = [:]
        for (id, worker) in lost.sorted(by: { $0.segment < $1.segment }) where segment(id)?.holding?.worker == worker {
            endLease(of: id)
            countLoss(of: id)
        }
    }

    // MARK: Hangs and long waits

    func hangLimit(of id: WorkerID) -> Duration {
        guard let worker = workers[id], let segment = worker.denoising, let watch = worker.watch else {
            return FarmLimits.hang
        }
        switch watch.activity {
        case .loading: return FarmLimits.loading
        case .saving, .uploading: return FarmLimits.storing
        case .waiting, .stepping, .decoding, .encoding: break
        }
        let usual = stories[segment.story]?.usualStep ?? .zero
        return max(FarmLimits.hang, usual * FarmLimits.hangSteps)
    }

    private func deliveryLimit(of id: SegmentID) -> Duration {
        guard let usual = stories[id.story]?.usualStep else { return FarmLimits.delivery }
        return max(FarmLimits.storing, usual * FarmLimits.deliverySteps)
    }

    /// What a worker says of a segment that it delivers. Whether its device or the coordinator's disk keeps it from
    /// getting on, nobody can tell from here: another one may try, and no device is to blame.
    mutating func observeDelivery(_ id: WorkerID, _ held: Held) {
        let segment = held.attempt.segment
        guard let holding = self.segment(segment)?.holding, holding.lease == held.attempt.lease, holding.worker == id,
            held.activityTime >= deliveryLimit(of: segment), let device = workers[id]?.description.device
        else { return }
        notice(.hung(segment))
        avoid(device, for: segment)
        revoke(segment, because: .leaseLost)
        countLoss(of: segment)
    }

    /// What a worker says of the segment that it denoises.
    mutating func observe(_ id: WorkerID, _ held: Held) {
        guard let worker = workers[id], var watch = worker.watch, let segment = worker.denoising,
            segment == held.attempt.segment, self.segment(segment)?.holding?.lease == held.attempt.lease
        else { return }
        if held.step > watch.step || held.activity != watch.activity || held.activity == .waiting {
            // Waiting is no hang; nor is whatever only just began.
            watch.since = now
        }
        watch.step = max(watch.step, held.step)
        watch.activity = held.activity
        workers[id]!.watch = watch
        if held.activity == .waiting, held.activityTime >= FarmLimits.waiting, worker.recalled == nil,
            couldDoBetter(id)
        {
            recall(segment, because: .waited)
        }
    }

    private mutating func checkHang(of id: WorkerID) {
        guard let worker = workers[id], let segment = worker.denoising, let watch = worker.watch,
            let attempt = attempt(at: segment)
        else { return }
        let limit = watch.since + hangLimit(of: id)
        guard limit <= now, watch.activity != .waiting, !worker.isUnsent(attempt) else {
            // What is allowed changes with what the worker does, so it is looked at again before the longest limit.
            let next = min(max(limit, now + .seconds(1)), now + FarmLimits.hang)
            return setAlarm(.hang(id), at: next)
        }
        notice(.hung(segment))
        revoke(segment, because: .leaseLost)
        // What waits for the coordinator's disk has nothing to do with its device.
        if watch.activity == .saving || watch.activity == .uploading { return countLoss(of: segment) }
        count(
            Failure(cause: .hang, step: watch.step, detail: "no step finished in time"), of: attempt,
            by: id, on: worker.description.device, in: .denoising)
    }

    /// Whether something ready could use a worker that waits.
    private mutating func couldDoBetter(_ id: WorkerID) -> Bool {
        guard let crew = workers[id]?.crew else { return false }
        return lanes.contains { !$0.isEmpty && serves(crews[crew].key, $0.key) }
    }

    // MARK: The progress rule

    /// A story that is denoised somewhere must have its lowest segment somewhere, or it waits for itself; and what
    /// waits for a segment that lies holds a worker for nothing.
    mutating func watchGaps(of id: StoryID) {
        guard let story = stories[id] else { return clearAlarm(.unplaced(id)) }
        if story.isRunnable, story.isLowestWanted || story.gap != nil {
            if !alarms.contains(.unplaced(id)) { setAlarm(.unplaced(id), at: now + FarmLimits.unplaced) }
        } else {
            clearAlarm(.unplaced(id))
        }
    }

    /// Takes the story's highest segment from a worker that may take the one that lies: for the lowest in any case, for
    /// any other where the worker has nothing to do but wait.
    private mutating func makeRoom(in id: StoryID) {
        guard let story = stories[id], story.isRunnable, let place = story.place,
            let number = story.isLowestWanted ? story.lowest : story.gap
        else { return }
        let wanted = SegmentID(story: id, number: UInt32(number))
        let key = lanes[place.lane].key
        let holders = story.touched.indices.dropFirst(number).reversed().compactMap {
            index -> (SegmentID, WorkerRecord)? in
            guard let holding = story.touched[index].holding, holding.phase == .denoising,
                let worker = workers[holding.worker], story.isLowestWanted || worker.watch?.activity == .waiting
            else { return nil }
            return (SegmentID(story: id, number: UInt32(index + 1)), worker)
        }
        let candidates = holders.filter { _, worker in
            guard let crew = worker.crew, worker.recalled == nil, !worker.isDraining, !worker.isSetAside,
                worker.closed == nil
            else { return false }
            return serves(crews[crew].key, key) && mayTake(worker.id, wanted)
        }
        let sameKind = candidates.first { $0.1.description.device.kind == story.pin?.kind }
        if let (segment, worker) = sameKind ?? candidates.first {
            workers[worker.id]!.reservation = id
            recall(segment, because: .neededEarlier)
            let patience = max(FarmLimits.recallAnswer, (story.usualStep ?? .zero) * 2)
            setAlarm(.unplaced(id), at: now + patience)
        } else if !story.isLowestWanted {
            // All that could be used is busy, and may come to wait at any time.
            setAlarm(.unplaced(id), at: now + FarmLimits.unplaced)
        } else if holders.allSatisfy({ $0.1.recalled == nil }) {
            // Nobody of the story may take it: those who only wait for it make way.
            for (segment, worker) in holders where worker.watch?.activity == .waiting {
                recall(segment, because: .neededEarlier)
            }
            changeStory(id) { $0.note = "segment \(story.lowest) needs another worker than those of this story" }
            setAlarm(.unplaced(id), at: now + FarmLimits.recallAnswer)
        } else {
            setAlarm(.unplaced(id), at: now + FarmLimits.recallAnswer)
        }
    }
}
