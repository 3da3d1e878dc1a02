public import Control
public import Farm

extension ScalingView {
    /// What the coordinator and the engine say, together.
    public init(_ queue: QueueReport, _ workers: [WorkerOverview], _ jobs: [EngineJob]) {
        func count(_ states: String...) -> Int { states.reduce(0) { $0 + queue.segments[$1, default: 0] } }
        var activities: [String: [ScalingJob.Activity]] = [:]
        for worker in workers {
            guard let job = JobName.job(ofNode: worker.node) else { continue }
            activities[job, default: []].append(ScalingJob.Activity(worker))
        }
        self.init(
            backlog: .seconds(queue.backlogSeconds.isFinite ? max(0, queue.backlogSeconds) : 0),
            openSegments: count("blocked", "ready", "denoising"), readySegments: count("ready"),
            undeliveredSegments: count("denoised", "delivering"),
            jobs: jobs.map { job in
                let stage: ScalingJob.Stage =
                    switch job.stage {
                    case .pending: .pending
                    case .running: .running
                    case .leaving: .leaving
                    case .held: .held
                    }
                // A job that waits has none, whatever an earlier run of it left behind.
                let waits = stage == .pending || stage == .held
                return ScalingJob(id: job.id, stage: stage, workers: waits ? [] : activities[job.id] ?? [])
            })
    }
}

extension ScalingJob.Activity {
    fileprivate init(_ worker: WorkerOverview) {
        if let work = worker.denoising {
            self = work.activity == "waiting" ? .waiting : .denoising
        } else {
            let isBarred = worker.state == "setAside" || worker.state == "draining"
            self = !worker.delivering.isEmpty ? .delivering : isBarred ? .barred : .idle
        }
    }
}
