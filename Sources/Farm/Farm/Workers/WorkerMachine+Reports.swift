extension WorkerMachine {
    // MARK: Giving back

    /// Between two steps a recalled segment goes back, with a checkpoint where one is wanted.
    @discardableResult
    mutating func giveBackIfBetweenSteps() -> Bool {
        guard let denoising, let recall = denoising.recall,
            denoising.stage == .waiting || denoising.stage == .preparing
        else { return false }
        if recall.saves, denoising.stage == .waiting, denoising.step > denoising.saved {
            // One after the other; the one that is on its way may be of this step.
            if denoising.saving == nil { save() } else { self.denoising!.stage = .saving }
        } else if recall.saves, reports.contains(where: { $0.attempt == denoising.attempt && $0.kind == .checkpoint }) {
            self.denoising!.stage = .yielding
            self.denoising!.since = now
        } else {
            giveBack()
        }
        return true
    }

    mutating func save() {
        denoising!.stage = .saving
        denoising!.saving = denoising!.step
        denoising!.since = now
        actions.append(.save(denoising!.attempt, step: denoising!.step))
    }

    /// A device has better to do than to wait for somebody else's disk.
    mutating func goOnBesideUpload(_ attempt: AttemptID) {
        guard denoising?.attempt == attempt, denoising!.stage == .saving, denoising!.recall == nil else { return }
        denoising!.stage = .waiting
        denoising!.since = now
        go()
    }

    mutating func finishSaving(_ attempt: AttemptID, _ step: Int, _ file: Artifact, _ consumed: Consumed) {
        guard denoising?.attempt == attempt, denoising!.saving == step else { return }
        denoising!.saving = nil
        denoising!.saved = step
        report(.checkpoint(attempt, step: step, file, consumed))
        if denoising!.stage == .saving {
            denoising!.stage = .waiting
            denoising!.since = now
        }
        if !giveBackIfBetweenSteps() { go() }
        uploadOnceStored()
    }

    mutating func giveBack() {
        guard let denoising, let recall = denoising.recall else { return }
        self.denoising = nil
        actions.append(.abandon(denoising.attempt))
        report(
            .released(
                denoising.attempt, .denoising, recall.reason == .drained ? .drained : .recalled, step: denoising.step))
    }

    // MARK: Reports

    mutating func report(_ report: WorkerReport) {
        reports.append(report)
        guard isConnected else { return }
        actions.append(.report(report))
        lastReported = now
    }

    mutating func finishUpload(_ attempt: AttemptID, _ file: Artifact, _ consumed: Consumed) {
        guard denoising?.attempt == attempt, denoising!.stage == .uploading else { return }
        report(.denoised(attempt, file, consumed))
    }

    mutating func finishDelivery(_ attempt: AttemptID, _ file: Artifact) {
        guard deliveries.contains(where: { $0.attempt == attempt }) else { return }
        report(.delivered(attempt, file))
    }

    mutating func fail(_ attempt: AttemptID, _ phase: LeasePhase, _ failure: Failure) {
        switch phase {
        case .denoising:
            guard denoising?.attempt == attempt else { return }
            denoising = nil
        case .delivering:
            guard let index = deliveries.firstIndex(where: { $0.attempt == attempt }) else { return }
            deliveries.remove(at: index)
        }
        actions.append(.abandon(attempt))
        report(.failed(attempt, phase, failure))
    }

    mutating func settle(_ attempt: AttemptID, _ kind: FarmReport, _ outcome: ReportOutcome) {
        reports.removeAll { $0.attempt == attempt && $0.kind == kind }
        switch kind {
        case .denoised:
            if outcome == .damaged, denoising?.attempt == attempt {
                actions.append(.upload(attempt))
            } else if denoising?.attempt == attempt {
                actions.append(.abandon(attempt))
                denoising = nil
            }
        case .delivered:
            guard let index = deliveries.firstIndex(where: { $0.attempt == attempt }) else { break }
            if outcome == .damaged {
                actions.append(.uploadVideo(attempt))
            } else {
                deliveries.remove(at: index)
                actions.append(.abandon(attempt))
            }
        case .checkpoint:
            // Another one holds the segment, or what it was made of is void. A damaged one is done without.
            guard let denoising, denoising.attempt == attempt else { break }
            if outcome == .stale || outcome == .mismatch { return drop() }
            if outcome == .damaged { self.denoising!.saved = 0 }
            if denoising.stage == .yielding { giveBack() }
        case .failed, .release: break
        }
        leaveWhenIdle()
    }
}

extension WorkerReport {
    public var attempt: AttemptID {
        switch self {
        case .checkpoint(let attempt, _, _, _), .denoised(let attempt, _, _), .delivered(let attempt, _),
            .failed(let attempt, _, _), .released(let attempt, _, _, _):
            attempt
        }
    }

    /// What it names on the coordinator's disk; nil for none.
    public var file: Artifact? {
        switch self {
        case .checkpoint(_, _, let file, _), .denoised(_, let file, _), .delivered(_, let file): file
        case .failed, .released: nil
        }
    }

    public var kind: FarmReport {
        switch self {
        case .checkpoint: .checkpoint
        case .denoised: .denoised
        case .delivered: .delivered
        case .failed: .failed
        case .released: .release
        }
    }
}
