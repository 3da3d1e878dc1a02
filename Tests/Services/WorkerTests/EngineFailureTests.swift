import Farm
import Foundation
import Mochi
import Testing
import Wire

@testable import Worker

/// Goal: what is wrong with this worker's files is held against no story.
/// Method: the model that ships with the sources, which goes away after it was offered, as on a mount.
@Suite struct EngineFailureTests {
    @Test func aModelThatCannotBeLoadedHereIsNoBadInput() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "sf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = folder.appending(path: "embedded").path
        try FileManager.default.copyItem(atPath: Self.embedded, toPath: model)
        let kind = DeviceKind(
            accelerator: "cpu", cpuLevel: "", libtorch: "", precision: "", threads: 1, attention: "automatic")
        let offering = try ModelOffering(model, cache: folder.path)
        let engine = MochiEngine(
            [offering], .init(), device: WorkerDevice(uuid: "cpu", memoryBytes: 1, kind: kind), setting: [:])
        let job = Message.LeaseGrant.Job.denoising(.init(steps: 2, checkpointEvery: 0, previewEvery: 0))
        var recipe = try ScriptedCoordinator.grant(job).recipe
        let other = try await failure(of: engine, on: recipe)
        #expect(other.cause == .inputOutput && other.detail.contains("another version"))
        recipe.modelDigest = offering.model.digest
        try FileManager.default.removeItem(atPath: model)
        let gone = try await failure(of: engine, on: recipe)
        #expect(gone.cause == .inputOutput && gone.detail.contains(model))
    }

    private func failure(of engine: MochiEngine, on recipe: Message.Recipe) async throws -> Failure {
        let error = await #expect(throws: (any Error).self) { _ = try await engine.model(for: recipe) }
        return EngineFailure.judged(try #require(error))
    }

    private static let embedded = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../ops/embedded-model/model").standardized.path
}
