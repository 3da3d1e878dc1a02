import Control
import CoreMetrics
import Farm
import Logging
import Telemetry
import Wire

extension Dispatcher {
    // MARK: For people

    func note(_ change: FarmChange) {
        switch change {
        case .story(let story):
            guard sightings.note(story, at: clock.now) else { return }
            let text = story.isPaused ? "paused" : "\(story.state)"
            board.publish(.story, story: story.id.rawValue, story.note.map { "\(text): \($0)" } ?? text)
        case .segment(let id, let segment):
            guard sightings.note(id, segment, at: clock.now) else { return }
            if segment.state == .finished { meters.segmentsFinished.increment() }
            board.publish(
                .segment, story: id.story.rawValue, segment: Int(id.number),
                worker: segment.holding?.worker.hexadecimal,
                segment.note.map { "\(segment.state): \($0)" } ?? "\(segment.state)")
        case .device, .node, .removed: break
        }
    }

    func note(_ progress: Message.Progress, of worker: WorkerID) {
        let id = progress.attempt.segment
        sightings.note(progress, of: worker)
        tell(.stepped(worker, progress.attempt, step: progress.step, progress.stepTime))
        guard progress.preview == nil else {
            return board.publish(
                .preview, story: id.story.rawValue, segment: Int(id.number), worker: worker.hexadecimal, "preview",
                step: progress.step)
        }
        meters.steps.record(progress.stepTime)
        board.publish(
            .step, story: id.story.rawValue, segment: Int(id.number), worker: worker.hexadecimal, "step",
            step: progress.step, steps: farm.stories[id.story]?.terms.steps,
            seconds: progress.stepTime / .seconds(1))
    }

    func note(_ notice: FarmNotice) {
        switch notice {
        case .workerLost(let worker):
            let hasLeft = sightings.forget(worker)
            if !hasLeft { meters.workersLost.increment() }
            board.publish(
                .workerLost, worker: worker.hexadecimal, hasLeft ? "left" : "lost", cause: hasLeft ? nil : "workerLost")
            logger.notice(hasLeft ? "worker left" : "worker lost", metadata: ["worker": "\(worker.hexadecimal)"])
        case .fenced(let attempt, let report):
            tell(about: attempt.segment, "a late \(report) of an earlier lease was refused", attempt: attempt)
        case .mismatched(let id): tell(about: id, "a result made of other boundaries was refused")
        case .attemptFailed(let attempt, let worker, let failure): tell(of: failure, of: attempt, by: worker)
        case .generationOpened(let stream, let step):
            tell(about: stream.segment, "its boundaries from step \(step) on are made anew")
        case .recordConflict(let stream, let step):
            tell(about: stream.segment, "other bytes came for the boundary of step \(step)")
        case .segmentFailed(let id, let failure):
            tell(about: id, "failed (\(failure.cause)): \(failure.detail)", cause: "\(failure.cause)")
        case .segmentHeld(let id): tell(about: id, "was lost too often and waits for retry")
        case .deviceSetAside(let device):
            board.publish(.notice, "device \(device) is set aside: it failed too often", cause: "deviceSetAside")
            logger.error("device set aside", metadata: ["device": "\(device)"])
        case .probeFailed(let device):
            board.publish(.notice, "device \(device) failed its probe and stays set aside", cause: "probeFailed")
            logger.error("probe failed", metadata: ["device": "\(device)"])
        case .deviceReadmitted(let device):
            board.publish(.notice, "device \(device) is trusted again")
            logger.notice("device trusted again", metadata: ["device": "\(device)"])
        case .nodeLost(let node):
            board.publish(.notice, "node \(node) is lost")
            logger.notice("node lost", metadata: ["node": "\(node)"])
        case .workerExited(let node, let exit, let worker):
            // One that had joined is said to be lost, next: a failure is listed once.
            board.publish(
                .notice, worker: worker?.hexadecimal, "on node \(node), \(exit)",
                cause: worker == nil ? "workerExited" : nil)
            logger.warning("worker's process ended", metadata: ["node": "\(node)", "how": "\(exit)"])
        case .recalled(let attempt, let reason): tell(about: attempt.segment, "recalled: \(reason)", attempt: attempt)
        case .leaseUnknown(let id): tell(about: id, "its worker did not know of the lease; it is given again")
        case .hung(let id): tell(about: id, "came no further in time")
        case .attemptKept(let id):
            tell(about: id, "its worker came back and goes on", by: farm.segment(id)?.holding?.worker)
        }
    }

    /// With its worker: who holds the segment when this is said may be another already.
    private func tell(of failure: Failure, of attempt: AttemptID, by worker: WorkerID) {
        let id = attempt.segment
        logger.notice(
            "attempt failed",
            metadata: .attempt(attempt).adding(["class": "\(failure.cause)", "detail": "\(failure.detail)"]))
        // The last one is said as the segment's own failure, next.
        if let segment = farm.segment(id), segment.state == .failed, segment.note == failure.detail { return }
        board.publish(
            .notice, story: id.story.rawValue, segment: Int(id.number), worker: worker.hexadecimal,
            "attempt failed (\(failure.cause)): \(failure.detail)", cause: "\(failure.cause)")
    }

    /// - Parameter attempt: which of the segment's, where it is about one.
    private func tell(
        about id: SegmentID, _ text: String, attempt: AttemptID? = nil, by worker: WorkerID? = nil,
        cause: String? = nil
    ) {
        board.publish(
            .notice, story: id.story.rawValue, segment: Int(id.number), worker: worker?.hexadecimal, text, cause: cause)
        logger.info("\(text)", metadata: attempt.map { .attempt($0) } ?? .segment(id))
    }
}
