import Control
import Coordinator
import Farm
import Foundation
import Storage
import Telemetry
import Testing
import Wire

/// Goal: what a coordinator says of itself to machines is what happened.
/// Method: scripted workers over real sockets, and the text that a scrape would get.
@Suite(.timeLimit(.minutes(5))) struct MeteringTests {
    /// The value of a series in a scrape; nil where there is none.
    private func value(_ series: String, _ farm: OpenFarm, _ metrics: PrometheusRegistry) async -> Double? {
        await farm.coordinator.measure()
        let line = metrics.text().split(separator: "\n").first { $0.hasPrefix("\(series) ") }
        return line.flatMap { Double($0.dropFirst(series.count + 1)) }
    }

    @Test func aStoryIsCountedFromTheQueueToItsVideos() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await withHome { home in
            try await home.open(metrics: metrics) { farm in
                try await farm.submit(OpenFarm.story(segments: 3))
                #expect(await value("storyfarm_queue_depth{state=\"ready\"}", farm, metrics) == 1)
                #expect(await value("storyfarm_queue_depth{state=\"blocked\"}", farm, metrics) == 2)
                #expect(await value("storyfarm_backlog_seconds", farm, metrics) == 12)
                #expect(await value("storyfarm_stories{state=\"queued\"}", farm, metrics) == 1)
                #expect(try #require(await value("storyfarm_oldest_ready_seconds", farm, metrics)) > 0)
                #expect(await value("storyfarm_workers{state=\"idle\"}", farm, metrics) == 0)
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
                while await value("storyfarm_stories{state=\"finished\"}", farm, metrics) != 1 { await Task.yield() }
                let expected: [String: Double] = [
                    "storyfarm_leases_granted_total{phase=\"denoising\"}": 3,
                    "storyfarm_leases_granted_total{phase=\"delivering\"}": 3,
                    "storyfarm_segments_finished_total": 3, "storyfarm_workers_joined_total": 1,
                    "storyfarm_workers_lost_total": 0, "storyfarm_queue_depth{state=\"blocked\"}": 0,
                    "storyfarm_stories{state=\"finished\"}": 1, "storyfarm_backlog_seconds": 0,
                    "storyfarm_oldest_ready_seconds": 0, "storyfarm_workers{state=\"idle\"}": 1,
                    "storyfarm_epoch": 1, "storyfarm_ledger_writable": 1,
                    "storyfarm_build_info{version=\"\(CoordinatorBuild.name)\"}": 1,
                    // To denoise and to deliver each.
                    "storyfarm_lease_seconds_count": 6,
                    // Five records of each segment, entering steps 0 to 4.
                    "storyfarm_handoff_seconds_count": 15,
                    "storyfarm_boundary_bytes_total": Double(boundaryBytes(segments: 3, steps: 4)),
                    "storyfarm_results_fenced_total{reason=\"lateDenoised\"}": 0,
                ]
                for (series, wanted) in expected {
                    let value = await value(series, farm, metrics)
                    #expect(value == wanted, "\(series)")
                }
                #expect(try #require(await value("storyfarm_ledger_commit_seconds_count", farm, metrics)) > 3)
            }
        }
    }

    /// As scripted workers make them.
    private func boundaryBytes(segments: Int, steps: Int) -> Int {
        (1...segments).reduce(0) { sum, number in
            let recipe = Message.Recipe(
                model: "", modelDigest: ScriptedWorker.digest(of: []), settings: "", scene: "place \(number)",
                action: "a corgi walks \(number) times", encoder: "", noiseSeed: 3)
            return sum + (0...steps).reduce(0) { $0 + ScriptedWorker.boundary(recipe, $1).count }
        }
    }

    @Test func stepsFailuresAndLateReportsAreCountedByTheirKind() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await withHome { home in
            try await home.open(metrics: metrics) { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 1))
                let grant = try await worker.grant()
                try await worker.say(
                    .progress(
                        .init(
                            attempt: grant.attempt, step: 1, stepTime: .milliseconds(1_500), waitTime: .zero,
                            sceneWeight: 0.5, noiseDeviation: 1, similarityDropped: false)))
                for outcome in [ReportOutcome.accepted, .stale] {
                    try await worker.say(
                        .failed(
                            .init(
                                attempt: grant.attempt, phase: .denoising, failureClass: .deviceFault, detail: "",
                                step: 1, neededBytes: 0, availableBytes: 0)))
                    #expect(try await worker.verdict(on: grant.attempt, .failed) == outcome)
                }
                let expected: [String: Double] = [
                    "storyfarm_attempts_failed_total{class=\"deviceFault\"}": 1,
                    "storyfarm_attempts_failed_total{class=\"hang\"}": 0,
                    "storyfarm_segments_failed_total{class=\"deviceFault\"}": 0,
                    "storyfarm_results_fenced_total{reason=\"lateFailed\"}": 1, "storyfarm_step_seconds_count": 1,
                    "storyfarm_step_seconds_sum": 1.5, "storyfarm_step_seconds_bucket{le=\"2\"}": 1,
                    "storyfarm_step_seconds_bucket{le=\"1\"}": 0, "storyfarm_devices_set_aside": 0,
                ]
                for (series, wanted) in expected {
                    let value = await value(series, farm, metrics)
                    #expect(value == wanted, "\(series)")
                }
            }
        }
    }

    /// Each leaves in its own way; the fourth does not say anything.
    @Test func whoTakesLeaveIsNotLost() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await withHome { home in
            try await home.open(metrics: metrics) { farm in
                let farewells: [Message?] = [
                    .drain(.init(reason: .known(.shutdown), grace: .zero)),
                    .bye(.init(reason: .known(.drained), detail: "")),
                    .bye(.init(reason: .known(.stopped), detail: "")),
                    nil,
                ]
                for farewell in farewells {
                    let worker = try ScriptedWorker(home)
                    try await worker.join(farm)
                    try await farm.workers { $0.count == 1 }
                    if let farewell {
                        try await worker.say(farewell)
                        // What is still on its way is dropped with the connection.
                        try await farm.workers { $0.isEmpty || $0[0].state == "draining" }
                    }
                    await worker.vanish()
                    try await farm.workers { $0.isEmpty }
                }
                #expect(await value("storyfarm_workers_joined_total", farm, metrics) == 4)
                // Counted once it is durable, which may be after the worker is gone from the list.
                while await value("storyfarm_workers_lost_total", farm, metrics) != 1 { await Task.yield() }
            }
        }
    }

    /// What scales a farm by its backlog is not to hold GPUs for what is done, or for what nobody wants now.
    @Test func theBacklogIsWhatIsLeftByMeasuredStepsWithoutPausedStories() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await withHome { home in
            try await home.open(metrics: metrics) { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 1))
                let grant = try await worker.grant()
                /// Not everything is counted for each scrape.
                func backlog(becomes seconds: Double) async {
                    while await value("storyfarm_backlog_seconds", farm, metrics) != seconds { await Task.yield() }
                }
                await backlog(becomes: 4)
                // Its heartbeats say so as well.
                await worker.hold(grant.attempt, .denoising, step: 1)
                try await worker.say(
                    .progress(
                        .init(
                            attempt: grant.attempt, step: 1, stepTime: .milliseconds(1_500), waitTime: .zero,
                            sceneWeight: 0.5, noiseDeviation: 1, similarityDropped: false)))
                await backlog(becomes: 4.5)
                // Of this one no step was measured yet: it is as slow as the other.
                let other = try await farm.submit(OpenFarm.story(segments: 2))
                await backlog(becomes: 16.5)
                try await farm.control.command(.pause, on: other)
                await backlog(becomes: 4.5)
                #expect(await value("storyfarm_queue_depth{state=\"paused\"}", farm, metrics) == 2)
                #expect(await value("storyfarm_queue_depth{state=\"ready\"}", farm, metrics) == 0)
                #expect(await value("storyfarm_oldest_ready_seconds", farm, metrics) == 0)
            }
        }
    }

    @Test(arguments: [(Duration.seconds(3600), 0.0), (.zero, 1)])
    func manyScrapesAreOneCount(pause: Duration, counted: Double) async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await withHome { home in
            try await home.open({ $0.censusPause = pause }, metrics: metrics) { farm in
                func queued() async -> Double? { await value("storyfarm_stories{state=\"queued\"}", farm, metrics) }
                #expect(await queued() == 0)
                try await farm.submit(OpenFarm.story(segments: 1))
                #expect(await queued() == counted)
            }
        }
    }

    @Test func theDiskIsMeasuredFromTheStart() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await withHome { home in
            try await home.open({ $0.retention.watermarkBytes = 77 }, metrics: metrics) { farm async throws in
                #expect(await value("storyfarm_disk_watermark_bytes", farm, metrics) == 77)
                while await value("storyfarm_disk_bytes{kind=\"free\"}", farm, metrics) == 0 { await Task.yield() }
                #expect(try #require(await value("storyfarm_disk_bytes{kind=\"ledger\"}", farm, metrics)) > 0)
                while await value("storyfarm_event_loop_lag_seconds_count", farm, metrics) == 0 { await Task.yield() }
                // Nothing is shared, so there is nothing to be alarmed about.
                #expect(await value("storyfarm_shared_disk_free_bytes", farm, metrics) == nil)
            }
        }
    }

    @Test func aSharedFoldersRoomIsMeasured() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await withHome { home in
            let shared = home.folder.appending(path: "shared")
            try FileManager.default.createDirectory(at: shared, withIntermediateDirectories: true)
            try await home.open({ $0.shared = shared.path }, metrics: metrics) { farm async throws in
                while await value("storyfarm_shared_disk_free_bytes", farm, metrics) == 0 { await Task.yield() }
            }
        }
    }

    @Test func aFarmIsReadyUntilItsDiskIsFull() async throws {
        try await withFarm { farm in
            let health = await farm.coordinator.health()
            #expect(health.isReady)
            #expect(health.checks.map(\.name) == ["ledger", "sockets", "disk"])
        }
        try await withFarm({ $0.retention.reservedBytes = .max }) { farm in
            let health = await farm.coordinator.health()
            #expect(!health.isReady)
            #expect(health.checks.filter { $0.problem != nil }.map(\.name) == ["disk"])
        }
    }
}
