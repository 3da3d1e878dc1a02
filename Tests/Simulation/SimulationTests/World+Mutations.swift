@testable import Farm

extension World {
    /// What a mutant does wrong once something was decided.
    func spoil(_ outcome: FarmOutcome) {
        switch mutant {
        case .performsEarly: perform(outcome.actions)
        case .rollsDice: if Bool.random() { note(1) }
        case .forgetsWhoIsBusy:
            for case .grant(let worker, let grant) in outcome.actions where grant.phase == .denoising {
                farm!.workers[worker]!.denoising = nil
                farm!.enlist(worker)
            }
        case .forgetsTheQueue:
            for case .answer(_, let attempt, .denoised, .accepted) in outcome.actions
            where farm!.segment(attempt.segment)?.state == .denoised {
                farm!.unwantDelivery(attempt.segment)
            }
        case .acceptsTwice:
            // As if another attempt's result had been taken in place of the one that was accepted.
            for case .answer(_, let attempt, .delivered, .accepted) in outcome.actions {
                guard let latents = farm!.segment(attempt.segment)?.latents else { continue }
                farm!.changeSegment(attempt.segment) {
                    $0.latents = .init(file: latents.file, consumed: latents.consumed, lease: attempt.lease)
                }
            }
        default: break
        }
    }
}

extension StoryTerms {
    func submitted(by submitter: String) -> StoryTerms {
        StoryTerms(
            submitter: Submitter(rawValue: submitter), priority: priority, segmentCount: segmentCount, steps: steps,
            handoff: handoff, firstBlend: firstBlend, model: model, segmentTime: segmentTime,
            allowsSimulation: allowsSimulation)
    }
}

extension FarmChange {
    /// As ``Mutant/forgetsLeases`` writes it.
    var withoutLease: FarmChange {
        guard case .segment(let id, let record) = self else { return self }
        return .segment(
            id,
            SegmentRecord(
                state: record.state, generations: record.generations, checkpoints: record.checkpoints,
                latents: record.latents, video: record.video, failures: record.failures, losses: record.losses,
                failedOn: record.failedOn, notFinite: record.notFinite, memoryFloor: record.memoryFloor,
                writer: record.writer, note: record.note))
    }
}
