import Farm
import Storage

extension World {
    // MARK: What workers say

    func receive(_ message: Message, from worker: WorkerID) {
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
        case .append(let attempt, let step, let boundary): append(attempt, step, boundary, from: worker)
        case .read(let attempt, let stream, let from, let window):
            deliver(exchange.read(attempt, stream, from: from, window: window))
        case .bye: tell(.left(worker, isCrash: false))
        default: oracle.fail("a worker said \(message)")
        }
    }

    private func receive(_ said: WorkerReport, from worker: WorkerID) {
        oracle.reported(said)
        let report = mutant == .believesEveryone ? believed(said) : said
        if let file = report.file, !head.holds(file, as: report.subject) {
            count("file asked for again")
            return send(.answer(report.attempt, report.kind, .damaged), to: worker)
        }
        switch report {
        case .checkpoint(let attempt, let step, let file, let consumed):
            guard synchronize(attempt) else { return }
            tell(.checkpointed(worker, attempt, step: step, file, consumed))
        case .denoised(let attempt, let file, let consumed):
            guard synchronize(attempt) else { return }
            tell(.denoised(worker, attempt, file, consumed, matches: matches(attempt, consumed)))
        case .delivered(let attempt, let file): tell(.delivered(worker, attempt, file))
        case .failed(let attempt, let phase, let failure): tell(.failed(worker, attempt, phase, failure))
        case .released(let attempt, let phase, let reason, let step):
            tell(.released(worker, attempt, phase, reason, step: step))
        }
    }

    /// What a checkpoint or finished latents stand on must outlive the machine.
    private func synchronize(_ attempt: AttemptID) -> Bool {
        guard farm?.segment(attempt.segment)?.head ?? 0 > 0 else { return true }
        do {
            try head.log.synchronize(attempt.segment)
            return true
        } catch {
            oracle.fail("not synchronized: \(error)")
            return false
        }
    }

    /// Whether what an attempt says to have read is what the log holds.
    private func matches(_ attempt: AttemptID, _ consumed: Consumed) -> Bool {
        if mutant == .mixesRecordsUp || mutant == .blendsTwice { return true }
        guard let terms = farm?.stories[attempt.segment.story]?.terms, attempt.segment.number > 1 else { return true }
        let before = SegmentID(story: attempt.segment.story, number: attempt.segment.number - 1)
        var digest = RunningDigest()
        for step in terms.read(before: terms.steps) {
            guard let record = exchange.record(of: before, at: step) else { return false }
            digest.add(step: UInt32(step), checksum: record.checksum)
        }
        return digest.value == consumed.digest
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
}

extension WorkerReport {
    var subject: ArtifactSubject {
        switch self {
        case .checkpoint: .checkpoint(attempt.segment)
        case .delivered: .video(attempt.segment)
        default: .latents(attempt.segment)
        }
    }
}
