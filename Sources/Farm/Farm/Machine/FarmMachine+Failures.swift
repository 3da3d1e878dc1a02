extension FarmMachine {
    mutating func fail(_ worker: WorkerID, _ attempt: AttemptID, _ phase: LeasePhase, _ failure: Failure) {
        let id = attempt.segment
        guard let holding = segment(id)?.holding, holding.lease == attempt.lease, holding.worker == worker,
            holding.phase == phase, let device = workers[worker]?.description.device
        else {
            notice(.fenced(attempt, .failed))
            return act(.answer(worker, attempt, .failed, .stale))
        }
        workers[worker]!.heard = now
        act(.answer(worker, attempt, .failed, .accepted))
        endLease(of: id)
        count(failure, of: attempt, by: worker, on: device, in: phase)
    }

    /// What a failure means for its segment and its device; the lease has ended.
    ///
    /// What fails in delivering says nothing of the latents, which are accepted: nothing is denoised again.
    mutating func count(
        _ failure: Failure, of attempt: AttemptID, by worker: WorkerID, on device: WorkerDevice, in phase: LeasePhase
    ) {
        let id = attempt.segment
        notice(.attemptFailed(attempt, worker, failure))
        switch failure.cause {
        case .badInput:
            end(id, failure)
        case .outOfMemory:
            // Rounded, so that the lanes of stories that need more are few.
            let floor = max(device.memoryBytes, (failure.neededBytes - 1) & ~(FarmLimits.memoryGrain - 1))
            changeSegment(id) { $0.memoryFloor = max($0.memoryFloor, floor) }
            if !hasMemory(for: id) { return end(id, failure) }
            guard phase == .delivering else { return }
            // It waits among those that need more.
            unwantDelivery(id)
            wantDelivery(id, by: nil)
        case .inputOutput:
            // Whoever has no room on its disk is idle again at once, and would be the first to get it.
            avoid(device, for: id)
            countLoss(of: id, because: failure.detail)
        case .nonFinite, .deviceFault, .crash, .hang:
            if phase == .denoising, failure.cause == .nonFinite {
                countNotFinite(failure, of: id, on: device)
            } else {
                if phase == .denoising, failure.cause == .deviceFault { reopenWhereItResumes(id) }
                countFailure(failure, of: id, on: device, blamesDevice: failure.cause != .nonFinite)
            }
        }
    }

    private mutating func countNotFinite(_ failure: Failure, of id: SegmentID, on device: WorkerDevice) {
        let seen = SegmentRecord.NotFinite(step: failure.step, device: device.uuid)
        let isOfTheModel =
            segment(id)?.notFinite.contains { $0.step == failure.step && $0.device != device.uuid } ?? false
        changeSegment(id) { $0.notFinite.append(seen) }
        // At the same step on two devices: of the prompt or of the model, and no device is to blame.
        if isOfTheModel { return end(id, failure) }
        reopenWhereItResumes(id)
        countFailure(failure, of: id, on: device, blamesDevice: false)
    }

    /// What a suspect device has written since the last checkpoint is not to be read.
    private mutating func reopenWhereItResumes(_ id: SegmentID) {
        guard let record = segment(id) else { return }
        reopen(id, at: record.resumeStep)
    }

    private mutating func countFailure(
        _ failure: Failure, of id: SegmentID, on device: WorkerDevice, blamesDevice: Bool
    ) {
        guard let record = segment(id), record.state != .failed, record.state != .cancelled else { return }
        changeSegment(id) { $0.failures += 1 }
        avoid(device, for: id)
        touch(id)
        if blamesDevice { blame(device.uuid, for: id) }
        if record.failures + 1 >= FarmLimits.failuresPerSegment { end(id, failure) }
    }

    /// A segment goes to other devices from now on, while there are any.
    mutating func avoid(_ device: WorkerDevice, for id: SegmentID) {
        changeSegment(id) { if !$0.failedOn.contains(device.uuid) { $0.failedOn.append(device.uuid) } }
    }

    /// Nobody is to blame, but not for ever.
    mutating func countLoss(of id: SegmentID, because reason: String = "") {
        guard let record = segment(id), record.state != .failed, record.state != .cancelled else { return }
        changeSegment(id) { $0.losses += 1 }
        if record.losses + 1 >= FarmLimits.lossesPerSegment {
            notice(.segmentHeld(id))
            let why = reason.isEmpty ? "" : " (the last time: \(reason))"
            let detail = "lost \(record.losses + 1) times without a checkpoint in between\(why); retry to go on"
            end(id, Failure(cause: .inputOutput, step: 0, detail: detail))
        }
    }

    private func hasMemory(for id: SegmentID) -> Bool {
        guard let record = segment(id), let story = stories[id.story] else { return false }
        let key = laneKey(of: story, floor: record.memoryFloor)
        return workers.values.contains { worker in worker.crew.map { serves(crews[$0].key, key) } ?? false }
    }

    /// A segment has failed for good: its successors are cancelled, what is before it goes on to its end.
    mutating func end(_ id: SegmentID, _ failure: Failure) {
        guard let story = stories[id.story], let record = segment(id), record.state != .failed else { return }
        notice(.segmentFailed(id, failure))
        if record.holding != nil { revoke(id, because: .leaseLost) }
        unwantDelivery(id)
        move(id, to: .failed) { $0.note = failure.detail }
        touch(id)
        for number in stride(from: Int(id.number) + 1, through: story.touched.count, by: 1) {
            close(SegmentID(story: id.story, number: UInt32(number)))
        }
        changeStory(id.story) {
            $0.state = .failed
            $0.note = "segment \(id.number): \(failure.detail)"
        }
        // Nothing before it is given up, but nothing new begins: a story that has ended holds no lease.
        for number in 1..<Int(id.number) where !story.segment(number).isDenoised {
            close(SegmentID(story: id.story, number: UInt32(number)))
        }
        touchedStories.append(id.story)
    }

    /// Cancels a segment, whatever it does.
    mutating func close(_ id: SegmentID) {
        guard let record = segment(id), record.state != .cancelled, record.state != .failed,
            record.state != .finished
        else { return }
        if record.holding != nil { revoke(id, because: .cancelled) }
        unwantDelivery(id)
        move(id, to: .cancelled)
        touch(id)
    }

    // MARK: Devices

    private mutating func blame(_ device: String, for id: SegmentID) {
        var record = devices[device] ?? DeviceRecord()
        guard !record.failed.contains(id) else { return }
        record.failed.append(id)
        let isTooMuch = record.failed.count >= FarmLimits.segmentsFailedPerDevice && !record.isSetAside
        record.isSetAside = record.isSetAside || isTooMuch
        devices[device] = record
        outcome.changes.append(.device(device, record))
        guard isTooMuch else { return }
        notice(.deviceSetAside(device))
        scheduleProbe(of: device)
        for worker in workers.values.filter({ $0.description.device.uuid == device }).sorted(by: {
            $0.number < $1.number
        }) {
            workers[worker.id]!.isSetAside = true
            enlist(worker.id)
            touchedWorkers.append(worker.id)
            if let segment = worker.denoising { recall(segment, because: .drained) }
        }
    }
}
