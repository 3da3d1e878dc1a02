extension FarmMachine {
    mutating func connect(_ id: WorkerID, _ description: WorkerDescription, _ held: [Held]) {
        let isKnown = workers[id] != nil
        if !isKnown {
            workersEver += 1
            workers[id] = WorkerRecord(id: id, description: description, number: workersEver, heard: now)
            population[description.device.kind, default: 0] += 1
            workers[id]!.isSetAside = devices[description.device.uuid]?.isSetAside ?? false
        }
        workers[id]!.heard = now
        workers[id]!.closed = nil
        setAlarm(.silence(id), at: now + FarmLimits.silence)
        clearAlarm(.reconnection(id))
        agree(id, with: held)
        askAgain(id)
        recallWhatMayNotGoOn(with: id)
        touchedWorkers.append(id)
    }

    /// What a worker goes on with after a restart may have been paused, or its device set aside, before the recall
    /// left.
    private mutating func recallWhatMayNotGoOn(with id: WorkerID) {
        guard let worker = workers[id], let segment = worker.denoising else { return }
        if stories[segment.story]?.isPaused == true {
            recall(segment, because: .paused)
        } else if worker.isSetAside {
            recall(segment, because: .drained)
        }
    }

    /// What it was asked for may have been lost with its connection.
    private mutating func askAgain(_ id: WorkerID) {
        guard let worker = workers[id] else { return }
        workers[id]!.asked = nil
        if worker.isDraining {
            act(.drain(id))
            workers[id]!.asked = now
        }
        if let reason = worker.recalled, let segment = worker.denoising {
            workers[id]!.recalled = nil
            recall(segment, because: reason)
        }
    }

    /// What the worker holds and what the farm gave it are made the same.
    private mutating func agree(_ id: WorkerID, with held: [Held]) {
        var confirmed: Set<SegmentID> = []
        for item in held {
            let segment = item.attempt.segment
            guard let holding = self.segment(segment)?.holding, holding.lease == item.attempt.lease,
                holding.worker == id
            else {
                act(.recall(id, item.attempt, .leaseLost, savesCheckpoint: false))
                continue
            }
            confirmed.insert(segment)
            notice(.attemptKept(segment))
            adopt(id, segment, item)
        }
        comeBack(isAwaited: unclaimed[id] != nil)
        // What it was given and does not know of, the grant was lost with its connection, or with the coordinator.
        guard let worker = workers[id] else { return }
        let given =
            [worker.denoising].compactMap { $0 } + worker.delivering + (unclaimed.removeValue(forKey: id) ?? [])
        for segment in given where !confirmed.contains(segment) && self.segment(segment)?.holding?.worker == id {
            endLease(of: segment)
        }
    }

    private mutating func adopt(_ id: WorkerID, _ segment: SegmentID, _ held: Held) {
        switch held.phase {
        case .denoising:
            workers[id]!.denoising = segment
            if workers[id]!.watch == nil {
                workers[id]!.watch = .init(step: held.step, since: now, activity: held.activity, began: now)
                setAlarm(.hang(id), at: now + hangLimit(of: id))
            }
            if let attempt = attempt(at: segment) { act(.admit(segment, attempt)) }
        case .delivering:
            if !workers[id]!.delivering.contains(segment) { workers[id]!.delivering.append(segment) }
        }
        touch(segment)
    }

    mutating func offer(_ id: WorkerID, _ offers: [ModelOffer]) {
        guard let worker = workers[id] else { return }
        if worker.isSetAside, worker.offers.isEmpty { probeNow(worker.description.device.uuid) }
        workers[id]!.offers = offers
        touchedWorkers.append(id)
    }

    mutating func disconnect(_ id: WorkerID) {
        guard workers[id] != nil else { return }
        workers[id]!.closed = now
        enlist(id)
        setAlarm(.reconnection(id), at: now + FarmLimits.reconnection)
        touchedWorkers.append(id)
    }

    mutating func hear(_ id: WorkerID, _ held: [Held]) {
        guard workers[id] != nil else { return }
        workers[id]!.heard = now
        for item in held {
            switch item.phase {
            case .denoising: observe(id, item)
            case .delivering: observeDelivery(id, item)
            }
        }
        compare(id, with: held)
        guard let worker = workers[id], let asked = worker.asked, now - asked >= FarmLimits.asking else { return }
        askAgain(id)
    }

    /// What only one side knows of: a grant, a recall or an answer was lost between them.
    private mutating func compare(_ id: WorkerID, with held: [Held]) {
        var named: Set<SegmentID> = []
        for item in held {
            let segment = item.attempt.segment
            if let holding = self.segment(segment)?.holding, holding.lease == item.attempt.lease, holding.worker == id {
                named.insert(segment)
            } else {
                act(.recall(id, item.attempt, .leaseLost, savesCheckpoint: false))
            }
        }
        guard let worker = workers[id] else { return }
        var missing: [SegmentID: Moment] = [:]
        for segment in [worker.denoising].compactMap({ $0 }) + worker.delivering
        where !named.contains(segment) && !worker.isUnsent(attempt(at: segment)) {
            missing[segment] = worker.missing[segment] ?? now
        }
        workers[id]!.missing = missing
        for (segment, since) in missing.sorted(by: { $0.key < $1.key }) where now - since >= FarmLimits.confirmation {
            workers[id]!.missing[segment] = nil
            notice(.leaseUnknown(segment))
            endLease(of: segment)
            countLoss(of: segment)
        }
    }

    /// A grant has left: from now on its worker can know of it, and its time runs.
    mutating func noteSent(_ id: WorkerID, _ attempt: AttemptID) {
        guard workers[id]?.unsent.remove(attempt.lease) != nil else { return }
        if workers[id]!.denoising == attempt.segment { workers[id]!.watch?.since = now }
    }

    mutating func leave(_ id: WorkerID, isCrash: Bool) {
        guard workers[id] != nil else { return }
        lose(id, isCrash: isCrash)
    }

    /// A person or the worker itself wants it to stop.
    mutating func drain(_ id: WorkerID, _ isDraining: Bool) {
        guard let worker = workers[id], worker.isDraining != isDraining else { return }
        workers[id]!.isDraining = isDraining
        enlist(id)
        touchedWorkers.append(id)
        guard isDraining else { return }
        if let segment = worker.denoising { recall(segment, because: .drained) }
        act(.drain(id))
        workers[id]!.asked = now
    }

    /// A worker is gone: its leases end, which is nobody's fault unless its process broke.
    mutating func lose(_ id: WorkerID, isCrash: Bool, how: String = "the worker's process ended") {
        guard let worker = workers[id] else { return }
        notice(.workerLost(id))
        act(.hangUp(id))
        dismiss(id)
        for alarm in [Alarm.silence(id), .reconnection(id), .hang(id)] { clearAlarm(alarm) }
        let held = ([worker.denoising].compactMap { $0 } + worker.delivering)
        let device = worker.description.device
        for segment in held {
            let (attempt, phase) = (self.attempt(at: segment), self.segment(segment)?.holding?.phase)
            endLease(of: segment)
            if isCrash, phase == .denoising, let attempt {
                let failure = Failure(cause: .crash, step: 0, detail: how)
                count(failure, of: attempt, by: id, on: device, in: .denoising)
            } else {
                countLoss(of: segment)
            }
        }
        workers[id] = nil
        giveUpProbe(by: id, of: device.uuid)
        population[device.kind, default: 1] -= 1
        if population[device.kind] == 0 {
            population[device.kind] = nil
            // Its stories may go elsewhere now.
            touchedWorkers += workers.values.sorted { $0.number < $1.number }.map(\.id)
        }
    }

    /// The lease of a segment, as its worker names it.
    func attempt(at id: SegmentID) -> AttemptID? {
        guard let record = segment(id), let holding = record.holding else { return nil }
        return AttemptID(segment: id, lease: holding.lease, generation: record.generation)
    }

    /// Ends a segment's lease without a result; it may be given again at once.
    mutating func endLease(of id: SegmentID) {
        guard let record = segment(id), let holding = record.holding else { return }
        settleShare(of: id, holding)
        if workers[holding.worker]?.denoising == id {
            workers[holding.worker]!.denoising = nil
            workers[holding.worker]!.watch = nil
            workers[holding.worker]!.recalled = nil
            clearAlarm(.hang(holding.worker))
        }
        workers[holding.worker]?.delivering.removeAll { $0 == id }
        workers[holding.worker]?.unsent.remove(holding.lease)
        touchedWorkers.append(holding.worker)
        switch holding.phase {
        case .denoising:
            act(.admit(id, nil))
            move(id, to: .ready) { $0.holding = nil }
        case .delivering:
            move(id, to: .denoised) { $0.holding = nil }
            wantDelivery(id, by: nil)
        }
        touch(id)
    }

    /// What a submitter was charged for a turn becomes what it took.
    mutating func settleShare(of id: SegmentID, _ holding: SegmentRecord.Holding) {
        guard holding.phase == .denoising, let story = stories[id.story],
            let watch = workers[holding.worker]?.watch
        else { return }
        correctShare(story, by: (now - watch.began) - watch.excused - story.terms.segmentTime)
    }

    /// Asks for a segment back at its next step.
    mutating func recall(_ id: SegmentID, because reason: RecallReason) {
        guard let attempt = attempt(at: id), let holding = segment(id)?.holding, holding.phase == .denoising,
            workers[holding.worker] != nil, workers[holding.worker]!.recalled == nil
        else { return }
        workers[holding.worker]!.recalled = reason
        workers[holding.worker]!.asked = now
        notice(.recalled(attempt, reason))
        let saves = reason != .cancelled && reason != .superseded && reason != .leaseLost
        act(.recall(holding.worker, attempt, reason, savesCheckpoint: saves))
    }

    /// Takes a segment from its worker at once: what it does is for nothing.
    mutating func revoke(_ id: SegmentID, because reason: RecallReason) {
        guard let attempt = attempt(at: id), let holding = segment(id)?.holding else { return }
        act(.recall(holding.worker, attempt, reason, savesCheckpoint: false))
        endLease(of: id)
    }
}
