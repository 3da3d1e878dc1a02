import ClusterEngine
import Console
import Control
import Farm
import FarmClient
import Logging

/// Asks the farm and the engine again and again, has the rules decide, and does it.
struct AutoscaleRun {
    let engine: any JobEngine
    let farm: FarmAddress
    /// Whether everything is asked and nothing is done.
    let isDry: Bool
    let logger: Logger

    /// For so long the farm may not answer, or the engine: both are restarted now and then, and jobs stay meanwhile.
    private static let patience = Duration.seconds(600)

    /// - Parameter interval: between two looks.
    func follow(_ policy: ScalingPolicy, every interval: Duration, once: Bool) async throws {
        let (clock, start) = (ContinuousClock(), ContinuousClock.now)
        var scaler = Autoscaler(policy, now: Moment(microseconds: 0))
        // What is wrong from the beginning ends it at once.
        let found = try await look().jobs
        logger.notice(
            "watching",
            metadata: [
                "target": "\(policy.targetWait)", "min": "\(policy.minimum)", "max": "\(policy.maximum)",
                "coolDown": "\(policy.coolDown)", "jobs": "\(list(found.map(\.id)))", "isDry": "\(isDry)",
            ])
        var (answered, said) = (start, "")
        while true {
            do {
                let (view, jobs) = try await look()
                answered = clock.now
                for job in jobs {
                    if let note = job.note {
                        logger.warning("job waits", metadata: ["job": "\(job.id)", "why": "\(note)"])
                    }
                }
                let now = Moment(microseconds: Int64((answered - start) / .microseconds(1)))
                try await perform(scaler.decide(view, at: now), jobs, &scaler, &said)
            } catch let error where !(error is CancellationError || error is GaveUp) {
                guard !once, clock.now - answered < Self.patience else { throw error }
                logger.warning("not looked at", metadata: ["error": "\(error)"])
            }
            if once { return }
            try await clock.sleep(for: interval)
        }
    }

    private func look() async throws -> (view: ScalingView, jobs: [EngineJob]) {
        let (queue, workers) = try await farm.ask { client in (try await client.queue(), try await client.workers()) }
        let jobs = try await engine.jobs()
        return (ScalingView(queue, workers, jobs), jobs)
    }

    private func perform(
        _ decision: ScalingDecision, _ jobs: [EngineJob], _ scaler: inout Autoscaler, _ said: inout String
    ) async throws {
        switch decision {
        case .stay(let reason):
            // What has not changed is not said again.
            if reason != said { logger.debug("stays", metadata: ["because": "\(reason)"]) }
            said = reason
        case .submit(let count, let reason):
            try await submit(count, because: reason, &scaler)
        case .cancel(let names, let reason):
            logger.notice(
                isDry ? "would end" : "ends", metadata: ["jobs": "\(list(names))", "because": "\(reason)"])
            for job in jobs where names.contains(job.id) && !isDry {
                // It may have ended meanwhile; else it is told again later.
                do { try await engine.cancel(job) } catch {
                    logger.warning("not ended", metadata: ["job": "\(job.id)", "error": "\(error)"])
                }
            }
        case .giveUp(let reason):
            // Those that wait would end the same way.
            for job in jobs where job.stage == .pending && !isDry { try await engine.cancel(job) }
            throw GaveUp(description: "\(reason): the jobs' output says why, and Cluster/slurm/check what to do")
        }
    }

    private func submit(_ count: Int, because reason: String, _ scaler: inout Autoscaler) async throws {
        if isDry {
            return logger.notice("would submit", metadata: ["count": "\(count)", "because": "\(reason)"])
        }
        var names: [String] = []
        // Also where one of them is refused.
        defer {
            scaler.submitted(names)
            logger.notice("submitted", metadata: ["jobs": "\(list(names))", "because": "\(reason)"])
        }
        for _ in 0..<count { names.append(try await engine.submit()) }
    }

    private func list(_ names: [String]) -> String { names.joined(separator: " ") }
}

/// Going on would only submit what fails.
struct GaveUp: Error, CustomStringConvertible {
    let description: String
}
