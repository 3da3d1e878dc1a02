extension WorkerMachine {
    // MARK: Leases

    mutating func begin(_ grant: Grant, _ terms: StoryTerms, _ checkpointEvery: Int) {
        switch grant.phase {
        case .denoising:
            // An older one comes late: what it granted was taken back since.
            if let denoising, denoising.attempt.lease >= grant.attempt.lease { return }
            if let old = denoising { actions.append(.abandon(old.attempt)) }
            let step = grant.checkpoint?.step ?? 0
            denoising = Denoising(
                grant: grant, terms: terms, checkpointEvery: checkpointEvery, step: step, since: now,
                nextRecord: terms.handoff == .final ? terms.steps : step, saved: step)
            actions.append(.prepare(grant))
            read()
        case .delivering:
            if deliveries.contains(where: { $0.attempt == grant.attempt }) { return }
            guard let latents = grant.latents else { return }
            deliveries.append(Delivery(attempt: grant.attempt, since: now))
            actions.append(.deliver(grant.attempt, latents))
        }
    }

    mutating func recall(_ attempt: AttemptID, _ reason: RecallReason, _ saves: Bool) {
        if let index = deliveries.firstIndex(where: { $0.attempt == attempt }) {
            deliveries.remove(at: index)
            return actions.append(.abandon(attempt))
        }
        guard denoising?.attempt == attempt else {
            reports.removeAll { $0.attempt == attempt }
            return leaveWhenIdle()
        }
        // The coordinator has taken it back already: there is nothing to save and nobody to tell.
        if reason == .leaseLost || reason == .cancelled || reason == .superseded { return drop() }
        denoising!.recall = (reason, saves)
        giveBackIfBetweenSteps()
    }

    mutating func supersede(_ reader: AttemptID) {
        guard let denoising, denoising.attempt == reader else { return }
        let (attempt, step) = (denoising.attempt, denoising.step)
        drop()
        report(.released(attempt, .denoising, .superseded, step: step))
    }

    mutating func drop() {
        guard let denoising else { return }
        actions.append(.abandon(denoising.attempt))
        reports.removeAll { $0.attempt == denoising.attempt }
        self.denoising = nil
        leaveWhenIdle()
    }

    // MARK: Steps

    mutating func start(_ attempt: AttemptID) {
        guard denoising?.attempt == attempt, denoising!.stage == .preparing else { return }
        enter()
    }

    /// Enters a step: publishes its boundary, then takes the step as soon as the predecessor's record is there.
    mutating func enter() {
        guard var denoising else { return }
        if denoising.publishes {
            denoising.unstored.append(denoising.step)
            // Also where nobody hears it: only now is the state the one that this boundary is of.
            actions.append(.publish(denoising.attempt, step: denoising.step))
        }
        denoising.since = now
        if denoising.step == denoising.terms.steps {
            denoising.stage = .uploading
            self.denoising = denoising
            return uploadOnceStored()
        }
        denoising.stage = .waiting
        self.denoising = denoising
        if giveBackIfBetweenSteps() { return }
        if denoising.isCheckpointDue, denoising.saved < denoising.step, denoising.saving == nil {
            return save()
        }
        go()
    }

    mutating func go() {
        guard var denoising, denoising.stage == .waiting else { return }
        if let wanted = denoising.wanted, denoising.nextRecord <= wanted { return }
        denoising.waited = now - denoising.since
        denoising.stage = .stepping
        denoising.since = now
        self.denoising = denoising
        actions.append(.step(denoising.attempt, step: denoising.step, record: denoising.wanted))
    }

    mutating func finishStep(_ attempt: AttemptID, _ time: Duration) {
        guard denoising?.attempt == attempt, denoising!.stage == .stepping else { return }
        denoising!.step += 1
        denoising!.times.stepping += time
        denoising!.times.waiting += denoising!.waited
        if isConnected {
            actions.append(.say(stepped: attempt, step: denoising!.step, time, waited: denoising!.waited))
        }
        enter()
    }

    mutating func take(_ reader: AttemptID, _ step: Int) {
        guard denoising?.attempt == reader, denoising!.nextRecord == step else { return }
        denoising!.nextRecord += 1
        readOn()
        go()
    }

    mutating func confirm(_ segment: SegmentID, _ step: Int) {
        guard denoising?.attempt.segment == segment else { return }
        denoising!.unstored.removeAll { $0 == step }
        uploadOnceStored()
    }

    /// Finished latents follow when the whole stream is in the log, and no checkpoint comes behind them.
    mutating func uploadOnceStored() {
        guard let current = denoising, current.stage == .uploading, current.unstored.isEmpty, current.saving == nil,
            !current.hasBegunUpload
        else { return }
        denoising!.hasBegunUpload = true
        actions.append(.upload(current.attempt))
    }

    mutating func publish(_ segment: SegmentID, from step: Int) {
        guard let current = denoising, current.attempt.segment == segment, current.stage != .preparing,
            current.publishes, step <= current.step
        else { return }
        // Where the log can't take it, every record after it would ask for it again, and so on without end.
        if let lacked = current.lacked, lacked.step == step, now - lacked.at < Self.heartbeat { return }
        denoising!.lacked = (step, now)
        denoising!.unstored = Array(max(step, current.grant.checkpoint?.step ?? 0)...current.step)
        publishAgain()
    }

    /// Asks for the predecessor's records, as far as there are any that it has not got.
    ///
    /// No more than a window of them at once, so that no replay fills the connection.
    mutating func read() {
        guard let denoising else { return }
        ask(from: denoising.nextRecord, window: Self.window)
    }

    /// Asks for more when half of what it asked for has come, so that the other half bridges the way there and back.
    private mutating func readOn() {
        guard let denoising, denoising.nextRecord == denoising.askedBefore - Self.window / 2 else { return }
        ask(from: denoising.askedBefore, window: Self.window / 2)
    }

    private mutating func ask(from step: Int, window: Int) {
        guard isConnected, let denoising, let source = denoising.grant.source, step <= denoising.lastRecord
        else { return }
        self.denoising!.askedBefore = step + window
        actions.append(.read(denoising.attempt, source, from: step, window: window))
    }
}
