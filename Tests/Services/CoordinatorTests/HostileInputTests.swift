import Control
import Farm
import Foundation
import Testing
import Transport
import Wire
import WireSamples

/// Goal: whoever sends what is no message, what is out of order or what is too large loses its connection, and nobody
/// else anything.
/// Method: an admitted peer misbehaves on either socket while another worker renders a story.
@Suite(.timeLimit(.minutes(5))) struct HostileInputTests {
    enum Input: CaseIterable {
        case garbage, emptyFrame, missingFrame, wrongRoute, tooManyFrames, oversized, withoutIntroduction
    }

    @Test(arguments: Input.allCases, [Route.Channel.control, .data])
    func itCostsTheSenderItsConnectionAndNobodyElseAnything(_ input: Input, _ channel: Route.Channel) async throws {
        try await withFarm { farm in
            let victim = try ScriptedWorker(farm.home, number: 1)
            let hostile = try ScriptedWorker(farm.home, number: 2, isUnlimited: true)
            try await victim.join(farm)
            let story = try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await victim.grant()
            try await victim.append(grant, 0)

            if input == .withoutIntroduction {
                try await hostile.connect(farm)
            } else {
                try await hostile.join(farm)
            }
            let link = try #require(await channel == .control ? hostile.control : hostile.data)
            try await hostile.send(try frames(of: input, on: channel), on: channel)
            try await disconnection(of: link)

            guard case .denoising = grant.job else { Issue.record("not denoising"); return }
            for step in 1...4 { try await victim.append(grant, step) }
            try await victim.report(grant, ReadRecords().consumed)
            #expect(try await victim.verdict(on: grant.attempt, .denoised) == .accepted)
            try await farm.withWorkers(victim) { try await farm.story(story, was: "finished") }
        }
    }

    private func frames(of input: Input, on channel: Route.Channel) throws -> [Frame] {
        var sampler = MessageSampler(seed: 1)
        return switch input {
        case .garbage: [Frame(sampler.bytes(300))]
        case .emptyFrame: [Frame([])]
        // Its raw frame does not follow.
        case .missingFrame: [Frame(try Message.chunk(Self.chunk).encoded())]
        // Only a coordinator may say this.
        case .wrongRoute: [Frame(try Message.heartbeatAnswer(.init(number: 1, epoch: 1)).encoded())]
        case .tooManyFrames: Array(repeating: Frame([1]), count: 9)
        case .oversized: [Frame([UInt8](repeating: 0, count: channel == .control ? 2 << 20 : 5 << 20))]
        case .withoutIntroduction: [Frame(try Self.unexpected(on: channel).encoded())]
        }
    }

    private static let attempt = AttemptID(
        segment: SegmentID(story: StoryID(rawValue: 1), number: 1), lease: Lease(epoch: 1, number: 1),
        generation: Generation(rawValue: 1))
    private static let chunk = Message.Chunk(
        attempt: attempt, transfer: 1, kind: .latents, offset: 0, total: 9, bytes: 3)

    private static func unexpected(on channel: Route.Channel) -> Message {
        switch channel {
        case .control, .either: .heartbeat(.init(number: 1, steps: 0, held: [], freeBytes: 0))
        case .data: .credit(.init(transfer: 1, bytes: 1))
        }
    }

    private func disconnection(of link: Link) async throws {
        for await event in link.connectionEvents where event.kind == .disconnected { return }
        Issue.record("the connection stayed")
    }

    /// Method: the vault waits for a file, and meanwhile a peer sends chunks that nobody gave it credit for.
    @Test func whoeverExceedsItsCreditLosesItsConnection() async throws {
        try await withFarm { farm in
            let (worker, hostile) = (try ScriptedWorker(farm.home, number: 1), try ScriptedWorker(farm.home, number: 2))
            try await worker.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await worker.grant()
            let (file, transfer) = try await worker.upload(
                ScriptedWorker.latents(grant.recipe), .latents, grant.attempt)
            let folder = farm.home.folder.appending(path: "artifacts/latents/1")
            let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder.path).first)
            let blocked = try BlockedFile(folder.appending(path: name).path)
            try await worker.say(worker.denoised(grant.attempt, file, transfer, ReadRecords().consumed), on: .data)

            try await hostile.join(farm)
            let link = try #require(await hostile.data)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let frame = Frame([UInt8](repeating: 0, count: WireLimits.chunkBytes))
                    let chunk = Message.chunk(
                        .init(
                            attempt: Self.attempt, transfer: 1, kind: .latents, offset: 0, total: 2 * frame.count,
                            bytes: frame.count))
                    for _ in 0..<128 { try await hostile.say(chunk, [frame], on: .data) }
                }
                try await disconnection(of: link)
                group.cancelAll()
            }
            try blocked.giveBack(await blocked.reached())
        }
    }

    /// Method: every message of a segment's life is sent twice; what was said again is answered again and counts once.
    @Test func whatIsReplayedCountsOnce() async throws {
        try await withFarm { farm in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            let story = try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await worker.grant()
            try await worker.say(worker.hello)
            for step in [0, 0, 1, 2, 1, 3, 4, 4, 0] { try await worker.append(grant, step) }
            let bytes = ScriptedWorker.latents(grant.recipe)
            let (file, transfer) = try await worker.upload(bytes, .latents, grant.attempt)
            _ = try await worker.upload(bytes, .latents, grant.attempt)
            for _ in 1...2 {
                try await worker.say(
                    worker.denoised(grant.attempt, file, transfer, ReadRecords().consumed), on: .data)
            }
            for _ in 1...2 { #expect(try await worker.verdict(on: grant.attempt, .denoised) == .accepted) }
            await worker.letGo(grant.attempt)
            try await farm.withWorkers(worker) { try await farm.story(story, was: "finished") }
            #expect(try await farm.control.story(story).segments[0].failures == 0)
        }
    }

    /// Method: a file is fetched again under the number under which it is being sent and waits for credit. Afterwards
    /// the farm has to stop, which it does once nothing is being sent any more.
    @Test func whoFetchesTwiceUnderOneNumberGetsTheFileOnce() async throws {
        try await withFarm { farm in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            try await farm.submit(OpenFarm.story(segments: 1))
            let denoising = try await worker.grant()
            for step in 0...4 { try await worker.append(denoising, step) }
            try await worker.report(denoising, ReadRecords().consumed)
            let grant = try await worker.grant(of: .delivering)
            guard case .delivering(let job) = grant.job else { Issue.record("not delivering"); return }

            let number = await worker.nextTransfer()
            func chunk() async throws -> [UInt8] {
                try await worker.hear(.data) { message, raw in
                    if case .chunk(let chunk) = message, chunk.transfer == number { raw[0].bytes } else { nil }
                }
            }
            var bytes: [UInt8] = []
            for _ in 1...2 {
                try await worker.say(
                    .fetch(.init(attempt: grant.attempt, transfer: number, kind: .latents, credit: 1)), on: .data)
                bytes = try await chunk()
            }
            try await worker.say(.credit(.init(transfer: number, bytes: job.latents.bytes)), on: .data)
            bytes += try await chunk()
            #expect(ScriptedWorker.digest(of: bytes) == job.latents.digest)
        }
    }

    /// Method: another worker repeats, byte for byte, what the holder of a lease sent on its data connection.
    @Test func whatAnotherWorkerRepeatsChangesNothing() async throws {
        try await withFarm { farm in
            let (victim, hostile) = (try ScriptedWorker(farm.home, number: 1), try ScriptedWorker(farm.home, number: 2))
            try await victim.join(farm)
            let story = try await farm.submit(OpenFarm.story(segments: 1))
            let grant = try await victim.grant()
            try await victim.append(grant, 0)
            try await hostile.join(farm)
            // With other bytes too: it would be a conflict if it came from the holder.
            for payload in [ScriptedWorker.boundary(grant.recipe, 0), [UInt8](repeating: 0, count: 8)] {
                let frame = Frame(payload)
                try await hostile.say(hostile.append(grant.attempt, 0, frame), [frame], on: .data)
            }
            await #expect(throws: ScriptedWorker.Ended.self) {
                _ = try await hostile.upload([1, 2, 3], .checkpoint, grant.attempt)
            }
            for step in 1...4 { try await victim.append(grant, step) }
            try await victim.report(grant, ReadRecords().consumed)
            #expect(try await victim.verdict(on: grant.attempt, .denoised) == .accepted)
            await victim.letGo(grant.attempt)
            try await farm.withWorkers(victim) { try await farm.story(story, was: "finished") }
        }
    }
}
