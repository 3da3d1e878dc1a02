import Control
import Farm
import Testing
import Wire

/// Goal: why an attempt failed can be read where people look, also when the segment is tried again.
/// Method: scripted workers that report failures.
@Suite(.timeLimit(.minutes(5))) struct FailureNewsTests {
    private func fail(_ worker: ScriptedWorker, _ failure: FailureClass, _ detail: Detail) async throws {
        let grant = try await worker.grant()
        await worker.letGo(grant.attempt)
        try await worker.say(
            .failed(
                .init(
                    attempt: grant.attempt, phase: .denoising, failureClass: failure, detail: detail, step: 1,
                    neededBytes: 0, availableBytes: 0)))
        #expect(try await worker.verdict(on: grant.attempt, .failed) == .accepted)
    }

    @Test func eachAttemptSaysWhyItFailed() async throws {
        try await withFarm { farm in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            let name = try #require(await farm.control.workers().first?.id)
            let story = try await farm.submit(OpenFarm.story(segments: 1))
            try await fail(worker, .deviceFault, "ECC at 1")
            try await fail(worker, .nonFinite, "NaN at 2")
            try await fail(worker, .hang, "stuck at 3")
            try await farm.happened { $0.story == story && $0.text == "failed (hang): stuck at 3" }
            let failures = try await farm.control.log(of: story).filter { $0.cause != nil }
            #expect(failures.map(\.cause) == ["deviceFault", "nonFinite", "hang"])
            #expect(
                failures.map(\.text) == [
                    "attempt failed (deviceFault): ECC at 1", "attempt failed (nonFinite): NaN at 2",
                    "failed (hang): stuck at 3",
                ])
            #expect(failures.prefix(2).allSatisfy { $0.worker == name && $0.segment == 1 })
        }
    }

    /// Another worker has the segment by the time that it is said.
    @Test func aFailureNamesTheWorkerThatFailed() async throws {
        try await withFarm { farm in
            let (first, second) = (try ScriptedWorker(farm.home), try ScriptedWorker(farm.home, number: 2))
            try await first.join(farm)
            let name = try #require(await farm.control.workers().first?.id)
            let story = try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await first.grant()
            try await second.join(farm)
            try await farm.workers { $0.count == 2 && $0.allSatisfy { !$0.models.isEmpty } }
            await first.letGo(grant.attempt)
            try await first.say(
                .failed(
                    .init(
                        attempt: grant.attempt, phase: .denoising, failureClass: .deviceFault, detail: "ECC", step: 0,
                        neededBytes: 0, availableBytes: 0)))
            try await farm.happened { $0.cause == "deviceFault" && $0.worker == name }
            #expect(try await second.grant().attempt.segment.story.rawValue == story)
            // That it has been denoising all the while does not hide by whom.
            try await farm.happened { $0.kind == .segment && $0.text == "denoising" && $0.worker != name }
        }
    }
}
