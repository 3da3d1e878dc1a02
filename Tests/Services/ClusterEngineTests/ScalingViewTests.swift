import ClusterEngine
import Control
import Farm
import Testing

/// Goal: what the coordinator says of workers and what Slurm says of jobs come together.
@Suite struct ScalingViewTests {
    private func worker(
        _ node: String, activity: String? = nil, delivers: Bool = false, state: String = "denoising"
    ) -> WorkerOverview {
        let work = WorkerOverview.Work(story: 1, segment: 1, step: 3, activity: activity)
        return WorkerOverview(
            id: node, node: node, process: 1, device: "GPU", accelerator: "H100", memoryBytes: 1, models: [],
            state: state, denoising: activity == nil ? nil : work, delivering: delivers ? [work] : [])
    }

    @Test func workersBelongToTheJobsThatTheirNodesAreNamedAfter() {
        let queue = QueueReport(
            segments: ["blocked": 3, "ready": 2, "denoising": 4, "denoised": 5, "delivering": 1], stories: [:],
            workers: [:], backlogSeconds: 90.5)
        let workers = [
            worker("n1-job7", activity: "stepping"), worker("n1-job7", activity: "waiting"),
            worker("n2-job8", delivers: true), worker("n2-job8", state: "idle"),
            worker("by-hand", activity: "stepping"),
            worker("n5-job11", state: "setAside"), worker("n5-job11", state: "draining"),
            worker("n5-job11", activity: "stepping", state: "draining"),
            worker("n5-job11", delivers: true, state: "setAside"),
            // What an earlier run of a requeued job left behind.
            worker("n3-job9", activity: "stepping"), worker("n4-job12", activity: "stepping"),
        ]
        let jobs = [
            EngineJob(id: "7", stage: .running), EngineJob(id: "8", stage: .running),
            EngineJob(id: "9", stage: .pending), EngineJob(id: "10", stage: .leaving),
            EngineJob(id: "11", stage: .running), EngineJob(id: "12", stage: .held, note: "is held"),
        ]
        let expected = ScalingView(
            backlog: .seconds(90.5), openSegments: 9, readySegments: 2, undeliveredSegments: 6,
            jobs: [
                ScalingJob(id: "7", stage: .running, workers: [.denoising, .waiting]),
                ScalingJob(id: "8", stage: .running, workers: [.delivering, .idle]),
                ScalingJob(id: "9", stage: .pending), ScalingJob(id: "10", stage: .leaving),
                ScalingJob(id: "11", stage: .running, workers: [.barred, .barred, .denoising, .delivering]),
                ScalingJob(id: "12", stage: .held),
            ])
        #expect(ScalingView(queue, workers, jobs) == expected)
    }

    @Test(arguments: [Double.nan, .infinity, -3])
    func whatIsNoTimeIsNone(seconds: Double) {
        let queue = QueueReport(segments: [:], stories: [:], workers: [:], backlogSeconds: seconds)
        #expect(ScalingView(queue, [], []).backlog == .zero)
    }
}
