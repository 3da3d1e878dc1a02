import Farm
import Wire

/// What workers are asked to do.
extension MessageSampler {
    mutating func recipe() -> Message.Recipe {
        Message.Recipe(
            model: name(), modelDigest: digest(), settings: text(atMost: WireLimits.settingsBytes),
            scene: optionalText(atMost: WireLimits.promptBytes), action: optionalText(atMost: WireLimits.promptBytes),
            encoder: optionalText(atMost: WireLimits.nameBytes), noiseSeed: number())
    }

    mutating func leaseGrant() -> Message.LeaseGrant {
        let job: Message.LeaseGrant.Job =
            chance(3) ? .delivering(Message.DeliveringJob(latents: artifact())) : .denoising(denoisingJob())
        return Message.LeaseGrant(attempt: attempt(), recipe: recipe(), job: job)
    }

    private mutating func denoisingJob() -> Message.DenoisingJob {
        let steps = integer(2...WireLimits.steps)
        let resume = Message.ResumePoint(step: integer(0...steps), checkpoint: artifact(), consumed: consumed())
        return Message.DenoisingJob(
            steps: steps, checkpointEvery: step(), previewEvery: step(), predecessor: chance(3) ? nil : predecessor(),
            resume: chance(2) ? nil : resume)
    }

    private mutating func predecessor() -> Message.Predecessor {
        Message.Predecessor(
            endpoint: text(atMost: WireLimits.endpointBytes),
            serverKey: chance(2) ? "" : String(repeating: "k", count: WireLimits.keyBytes), stream: stream(),
            scene: optionalText(atMost: WireLimits.promptBytes), action: optionalText(atMost: WireLimits.promptBytes))
    }

    mutating func recall() -> Message.Recall {
        Message.Recall(attempt: attempt(), reason: open(RecallReason.self), checkpoint: chance(2))
    }

    mutating func release() -> Message.Release {
        Message.Release(
            attempt: attempt(), phase: code(LeasePhase.self), reason: open(ReleaseReason.self), step: step())
    }

    mutating func probed() -> Message.Probed {
        Message.Probed(number: number(), digest: chance(3) ? nil : digest(), detail: detail())
    }
}
