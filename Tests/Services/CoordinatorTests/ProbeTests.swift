import Control
import Farm
import Testing
import Wire

/// Goal: a device that failed too often is set aside, says so, and comes back by a probe.
/// Method: a scripted worker whose device fails; then another process on the same device.
@Suite(.timeLimit(.minutes(5))) struct ProbeTests {
    @Test func aDeviceComesBackWhenItRendersWhatIsKnown() async throws {
        try await withFarm { farm in
            let broken = try ScriptedWorker(farm.home, number: 7)
            try await broken.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            try await farm.withWorkers(broken) { try await farm.story(1, was: "finished") }
            for _ in 2...5 { try await farm.submit(OpenFarm.story(segments: 1)) }
            try await fail(broken, in: farm)
            let seen = try #require(await farm.control.workers().first)
            #expect(seen.note?.contains("failed 3 segments; probed in") == true, "\(seen.note ?? "")")
            await broken.vanish()
            try await farm.happened { $0.kind == .workerLost }

            let repaired = try ScriptedWorker(farm.home, number: 7)
            try await repaired.join(farm)
            let probe = try await repaired.hear(.control) { if case .probe(let probe) = $0 { probe } else { nil } }
            #expect(probe.recipe.scene == "place 1")
            let digest = ScriptedWorker.digest(of: ScriptedWorker.latents(probe.recipe))
            try await repaired.say(.probed(.init(number: probe.number, digest: digest, detail: "")))
            try await farm.happened { $0.kind == .notice && $0.text.contains("trusted again") }
            try await farm.withWorkers(repaired) { try await farm.story(5, was: "finished") }
        }
    }

    /// Until its device is set aside.
    private func fail(_ worker: ScriptedWorker, in farm: OpenFarm) async throws {
        while await farm.control.workers().first?.state != "setAside" {
            let grant = try await worker.grant()
            await worker.letGo(grant.attempt)
            try await worker.say(
                .failed(
                    .init(
                        attempt: grant.attempt, phase: .denoising, failureClass: .deviceFault, detail: "ECC", step: 0,
                        neededBytes: 0, availableBytes: 0)))
            #expect(try await worker.verdict(on: grant.attempt, .failed) == .accepted)
        }
    }
}
