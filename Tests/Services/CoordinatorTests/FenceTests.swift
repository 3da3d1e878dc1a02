import Control
import Coordinator
import Farm
import Testing
import Transport
import Wire

/// Goal: who may not report, or come in at all, is refused with a reason and changes nothing.
/// Method: a coordinator in this process; scripted workers over real sockets.
@Suite(.timeLimit(.minutes(5))) struct FenceTests {
    /// Method: a worker uploads its latents and vanishes before it reports them; another one gets the segment.
    @Test func aResultOfAnEarlierLeaseIsStale() async throws {
        try await withFarm { farm in
            let (first, second) = (try ScriptedWorker(farm.home, number: 1), try ScriptedWorker(farm.home, number: 2))
            try await first.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            let old = try await first.grant()
            for step in 0...4 { try await first.append(old, step) }
            let (file, transfer) = try await first.upload(ScriptedWorker.latents(old.recipe), .latents, old.attempt)
            await first.vanish()
            try await second.join(farm)
            let new = try await second.grant()
            #expect(new.attempt.lease > old.attempt.lease)

            await first.letGo(old.attempt)
            try await first.join(farm)
            try await first.say(
                first.denoised(old.attempt, file, transfer, ReadRecords().consumed), on: .data)
            #expect(try await first.verdict(on: old.attempt, .denoised) == .stale)
            try await first.say(
                .failed(
                    .init(
                        attempt: old.attempt, phase: .denoising, failureClass: .crash, detail: "", step: 1,
                        neededBytes: 0, availableBytes: 0)))
            #expect(try await first.verdict(on: old.attempt, .failed) == .stale)
            try await first.say(
                .release(.init(attempt: old.attempt, phase: .denoising, reason: .known(.recalled), step: 1)))
            #expect(try await first.verdict(on: old.attempt, .release) == .stale)
            // Nor may it speak for the other one's lease.
            try await first.say(
                .release(.init(attempt: new.attempt, phase: .denoising, reason: .known(.recalled), step: 1)))
            #expect(try await first.verdict(on: new.attempt, .release) == .stale)
            await #expect(throws: ScriptedWorker.Ended.self) {
                _ = try await first.upload([1, 2, 3], .latents, new.attempt)
            }

            guard case .denoising(let job) = new.job else { Issue.record("not denoising"); return }
            try await second.denoise(new, job)
            try await farm.withWorkers(second) { try await farm.story(1, was: "finished") }
        }
    }

    @Test(arguments: [Route.Channel.control, .data])
    func aStrangersKeyIsNotAdmitted(_ channel: Route.Channel) async throws {
        try await withFarm { farm in
            let security = SocketOptions.Security.curveClient(try .generate(), server: farm.home.keys.publicKey)
            let endpoint = channel == .control ? farm.coordinator.controlEndpoint : farm.coordinator.dataEndpoint
            let thread = try SocketThread(in: Context(ioThreads: 1), name: "stranger")
            let link = try thread.connect(.dealer, to: endpoint, .control(security))
            for await event in link.connectionEvents where event.kind == .notAdmitted { return await link.close() }
            Issue.record("the stranger was not turned away")
        }
    }

    @Test func anotherVersionOfTheProtocolIsRefusedWithTheKnownOnes() async throws {
        try await withFarm { farm in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            var header = try await worker.hello.encoded()
            // Every version begins with its number.
            #expect(header[0...1] == [0x08, UInt8(WireLimits.version)])
            header[1] += 1
            try await worker.send([Frame(header)], on: .control)
            let refusal = try await worker.hear(.control) {
                if case .refused(let refusal) = $0 { refusal } else { nil }
            }
            #expect(refusal.reason == .known(.version))
            #expect(refusal.highestVersion == WireLimits.version)
        }
    }

    /// Method: a story that was begun with one version of a model, when only a worker with another one is there.
    @Test func anotherVersionOfAModelDoesNotGoOnWithAStory() async throws {
        try await withFarm { farm in
            let first = try ScriptedWorker(farm.home, number: 1)
            try await first.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await first.grant()
            await first.letGo(grant.attempt)
            try await first.say(.bye(.init(reason: .known(.drained), detail: "")))
            try await farm.happened { $0.kind == .workerLost }

            let changed = Message.Model(
                name: "embedded", digest: ScriptedWorker.digest(of: [2]), settings: "", weightBytes: 1)
            let other = try ScriptedWorker(farm.home, number: 2, models: [changed])
            try await other.join(farm)
            try await farm.workers { $0.contains { !$0.models.isEmpty } }
            let waiting = await farm.control.queue().waiting
            #expect(waiting.first?.reason.contains("another version of 'embedded'") == true, "\(waiting)")
            #expect(try await farm.control.story(1).segments[0].state == "ready")

            let right = try ScriptedWorker(farm.home, number: 3)
            try await right.join(farm)
            try await farm.withWorkers(right, other) { try await farm.story(1, was: "finished") }
            #expect(await other.held.isEmpty)
        }
    }
}
