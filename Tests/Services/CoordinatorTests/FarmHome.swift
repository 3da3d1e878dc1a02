import Control
import Coordinator
import Foundation
import Logging
import Storage
import Telemetry
import Transport

/// A folder in which one coordinator after the other runs, and the keys of whoever talks to them.
struct FarmHome: Sendable {
    let folder: URL
    let keys: CurveKeyPair
    let workerKeys: CurveKeyPair

    /// Runs a coordinator in this process while `body` runs; afterwards it has ended, and the next one may open it.
    func open(
        _ change: (inout CoordinatorConfiguration) -> Void = { _ in },
        metrics: PrometheusRegistry = PrometheusRegistry(FarmMetric.all),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: (OpenFarm) async throws -> Void
    ) async throws {
        var configuration = CoordinatorConfiguration(
            folder: folder.path, keys: keys, admitted: [(workerKeys.publicKey, "pool")])
        (configuration.retention.reservedBytes, configuration.retention.watermarkBytes) = (0, 0)
        change(&configuration)
        let coordinator = try await Coordinator(configuration, metrics: metrics, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await coordinator.run() }
            defer { coordinator.stop() }
            try await body(OpenFarm(home: self, coordinator: coordinator))
            coordinator.stop()
            try await group.waitForAll()
        }
    }
}

/// A coordinator that runs.
struct OpenFarm: Sendable {
    let home: FarmHome
    let coordinator: Coordinator

    var control: any FarmControl { coordinator.farm }

    /// - Parameter segments: their actions are numbered; scenes too.
    static func story(
        segments: Int, steps: Int = 4, model: String? = nil, handoff: String = "stream"
    ) -> String {
        let list = (1...segments).map { "  - { scene: place \($0), action: a corgi walks \($0) times }" }
        return """
            title: Scripted
            \(model.map { "model: \($0)" } ?? "")
            video: { width: 96, height: 64, frames: 7, fps: 12 }
            sampling: { steps: \(steps), seed: 3 }
            blending: { handoff: \(handoff) }
            segments:
            \(list.joined(separator: "\n"))

            """
    }

    @discardableResult
    func submit(_ script: String, token: String? = nil) async throws -> UInt64 {
        try await control.submit(
            StorySubmission(script: script, name: "story.yaml", token: token), by: "ann"
        ).id
    }

    /// Waits until something that fits has happened since the coordinator started.
    func happened(_ fits: (FarmNews) -> Bool) async throws {
        for await news in control.board.news(after: 0) where fits(news) { return }
        throw ScriptedWorker.Ended()
    }

    /// Waits until a story has been in a state.
    func story(_ id: UInt64, was state: String) async throws {
        try await happened { $0.kind == .story && $0.story == id && $0.text.hasPrefix(state) }
    }

    /// Waits until a segment has been in a state.
    func segment(_ number: Int, of id: UInt64, was state: String) async throws {
        try await happened {
            $0.kind == .segment && $0.story == id && $0.segment == number && $0.text.hasPrefix(state)
        }
    }

    /// Waits until the farm's workers look like this: what they said was heard.
    func workers(_ fits: ([WorkerOverview]) -> Bool) async throws {
        while await !fits(control.workers()) { await Task.yield() }
    }

    /// Runs workers that take whatever they get while `body` runs.
    func withWorkers(_ workers: ScriptedWorker..., do body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in workers { group.addTask { try await worker.work() } }
            try await body()
            group.cancelAll()
            // Whoever was interrupted is of no interest.
            while let _ = await group.nextResult() {}
        }
    }
}

/// Runs `body` with a folder of its own, removed afterwards.
func withHome(_ body: (FarmHome) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(FarmHome(folder: folder, keys: .generate(), workerKeys: .generate()))
}

/// Runs `body` with a farm of its own.
func withFarm(
    _ change: (inout CoordinatorConfiguration) -> Void = { _ in }, _ body: (OpenFarm) async throws -> Void
) async throws {
    try await withHome { try await $0.open(change, body) }
}
