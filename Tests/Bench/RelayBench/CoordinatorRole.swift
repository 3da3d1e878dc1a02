import Control
import Coordinator
import Foundation
import Logging
import Storage
import Transport

/// The coordinator with stories for two workers each, and its log and ledger on the disk.
func runCoordinator(_ role: Role) async throws {
    var configuration = CoordinatorConfiguration(
        folder: role.folder + "/farm", keys: try role.serverKeys,
        admitted: [(key: try role.clientKeys.publicKey, pool: "bench")])
    (configuration.checkpointEvery, configuration.previewEvery) = (0, 0)
    (configuration.admitsSimulation, configuration.isPlain) = (true, role.isPlain)
    configuration.retention.reservedBytes = 0
    try FileManager.default.createDirectory(atPath: configuration.folder, withIntermediateDirectories: true)
    var logger = Logger(label: "coordinator") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .warning
    let coordinator = try await Coordinator(configuration, logger: logger)
    let farm = coordinator.farm
    async let running: Void = coordinator.run()
    for _ in 0..<role.streams {
        let submission = StorySubmission(script: script(steps: role.steps), name: "bench.json", allowsSimulation: true)
        _ = try await farm.submit(submission, by: "bench")
    }
    say("bound \(coordinator.controlEndpoint)")
    listen { _ in Task { say("workers \(await farm.workers().count)") } }
    try await running
}

private func script(steps: Int) -> String {
    """
    {"title": "Bench", "model": "embedded", "video": {"width": 848, "height": 480, "frames": 31, "fps": 12},
     "sampling": {"steps": \(steps), "seed": 3},
     "segments": [{"scene": "a", "action": "b"}, {"scene": "c", "action": "d"}]}
    """
}
