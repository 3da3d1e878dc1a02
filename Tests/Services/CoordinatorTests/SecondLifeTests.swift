import Control
import Farm
import Foundation
import Testing
import Wire

/// Goal: a story that has ended goes on where it stood, also under a coordinator that was started since.
/// Method: the boundaries that the second coordinator shows are compared with those that the first one was sent.
@Suite(.timeLimit(.minutes(5))) struct SecondLifeTests {
    @Test(arguments: ["stream", "final"])
    func aFinishedStoryIsRevisedAfterARestart(_ handoff: String) async throws {
        try await withHome { home in
            let script = OpenFarm.story(segments: 3, handoff: handoff)
            try await home.open { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.submit(script)
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
            }
            try await home.open { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.control.command(
                    .revise(segment: 2, scene: nil, action: "a corgi sleeps", seed: 5), on: 1)
                // Its old boundaries are void; only the first segment's stay.
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
                let story = try await farm.control.story(1)
                #expect(story.revision == 2)
                #expect(story.segments[1].action == "a corgi sleeps")
                let read = await worker.read
                let steps = handoff == "stream" ? 0..<4 : 4..<5
                #expect(read[name(2)]?.keys.sorted() == Array(steps))
                for step in steps {
                    #expect(read[name(2)]?[step] == boundary("place 1", "a corgi walks 1 times", 3, step))
                    #expect(read[name(3)]?[step] == boundary("place 2", "a corgi sleeps", 5, step))
                }
            }
        }
    }

    /// Method: one that is twice revised, the second time under the second coordinator, reads nothing of the first.
    @Test func whatWasRevisedBeforeARestartIsReadAsItIsNow() async throws {
        try await withHome { home in
            try await home.open { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 2))
                try await farm.withWorkers(worker) {
                    try await farm.story(1, was: "finished")
                    try await farm.control.command(.revise(segment: 1, scene: nil, action: nil, seed: 8), on: 1)
                    while try await farm.control.story(1).overview.state != "finished" { await Task.yield() }
                }
            }
            try await home.open { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.control.command(.revise(segment: 2, scene: nil, action: nil, seed: nil), on: 1)
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
                let read = try #require(await worker.read[name(2)])
                for step in 0..<4 { #expect(read[step] == boundary("place 1", "a corgi walks 1 times", 8, step)) }
            }
        }
    }

    @Test func theEarlierFilmIsSeenUntilTheNewOneIsWhole() async throws {
        try await withHome { home in
            try await home.open { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 3))
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
                try await farm.control.command(.revise(segment: 3, scene: nil, action: nil, seed: 5), on: 1)
                // What followed from the revision is done once another command is durable.
                try await farm.control.command(.prioritize(1), on: 1)
                let earlier = try await farm.control.video(of: 1, segment: nil)
                #expect(earlier.segments == 3 && earlier.isWholeStory)
                #expect(try await farm.control.story(1).overview.playableSegments == 3)
                #expect(try await farm.control.stories(StoryPage()).map(\.playableSegments) == [3])
                try await farm.withWorkers(worker) {
                    while try await farm.control.story(1).overview.state != "finished" { await Task.yield() }
                }
                let new = try await farm.control.video(of: 1, segment: nil)
                #expect(new.segments == 3 && new.isWholeStory && new.version != earlier.version)
                while FileManager.default.fileExists(atPath: earlier.path) { await Task.yield() }
            }
        }
    }

    /// Method: the first segment alone is finished when the story is revised, twice.
    @Test func aFilmThatWasNeverWholeIsNotTakenForOne() async throws {
        try await withHome { home in
            try await home.open { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 2))
                let grant = try await worker.grant()
                guard case .denoising(let job) = grant.job else { Issue.record("not denoising"); return }
                try await worker.denoise(grant, job)
                try await worker.deliver(try await worker.grant(of: .delivering))
                try await farm.happened { $0.kind == .film }
                try await farm.control.command(.revise(segment: 2, scene: nil, action: nil, seed: 5), on: 1)
                while try await farm.control.story(1).overview.playableSegments == 0 { await Task.yield() }
                let part = try await farm.control.video(of: 1, segment: nil)
                #expect(part.segments == 1 && !part.isWholeStory)
                try await farm.control.command(.revise(segment: 1, scene: nil, action: nil, seed: 6), on: 1)
                await #expect(throws: ControlError.self) { try await farm.control.video(of: 1, segment: nil) }
                #expect(try await farm.control.story(1).overview.playableSegments == 0)
            }
        }
    }

    /// Method: a segment is cancelled behind a checkpoint; its stream must go on where the checkpoint stands.
    @Test func aCancelledStoryIsRetriedFromItsCheckpointAfterARestart() async throws {
        try await withHome { home in
            try await home.open { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 1))
                let grant = try await worker.grant()
                for step in 0...2 { try await worker.append(grant, step) }
                let (file, transfer) = try await worker.upload([1, 2, 3], .checkpoint, grant.attempt)
                try await worker.say(
                    .checkpoint(
                        .init(
                            attempt: grant.attempt, step: 2, consumed: ReadRecords().consumed, transfer: transfer,
                            artifact: file)), on: .data)
                #expect(try await worker.verdict(on: grant.attempt, .checkpoint) == .accepted)
                try await farm.control.command(.cancel, on: 1)
            }
            try await home.open { farm in
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.control.command(.retry, on: 1)
                let grant = try await worker.grant()
                guard case .denoising(let job) = grant.job else { Issue.record("not denoising"); return }
                #expect(job.resume?.step == 2)
                for step in 2...4 { try await worker.append(grant, step) }
                try await worker.report(grant, ReadRecords().consumed)
                #expect(try await worker.verdict(on: grant.attempt, .denoised) == .accepted)
            }
        }
    }

    /// Method: the second coordinator hears what a reader wants before it hears that the reader holds its lease.
    @Test func whoAsksBeforeItsLeaseIsKnownIsAnsweredOnceItIs() async throws {
        try await withHome { home in
            let reader = try ScriptedWorker(home, number: 2)
            var (granted, stream): (Message.LeaseGrant?, StreamID?) = (nil, nil)
            try await home.open { farm in
                let writer = try ScriptedWorker(home, number: 1)
                try await writer.join(farm)
                try await farm.submit(OpenFarm.story(segments: 2))
                let first = try await writer.grant()
                try await writer.append(first, 0)
                try await reader.join(farm)
                (granted, stream) = (try await reader.grant(), first.attempt.stream)
            }
            await reader.vanish()
            let (second, source) = (try #require(granted), try #require(stream))
            try await home.open { farm in
                try await reader.connect(farm)
                try await reader.say(.attach(.init(secret: reader.secret)), on: .data)
                try await reader.say(
                    .boundaryRead(.init(reader: second.attempt, stream: source, fromStep: 0, window: 1)), on: .data)
                // Refused, and only after that was heard.
                await #expect(throws: ScriptedWorker.Ended.self) {
                    try await reader.upload([1], .video, second.attempt)
                }
                try await reader.say(reader.hello)
                // What of its own is missing it is asked for when its lease is known.
                let isAnswered = try await reader.hear(.data) { message -> Bool? in
                    switch message {
                    case .boundaryRecord(let record): record.reader == second.attempt && record.step == 0
                    case .boundaryWanted: false
                    default: nil
                    }
                }
                #expect(isAnswered)
            }
        }
    }

    private func name(_ number: UInt32) -> SegmentID { SegmentID(story: StoryID(rawValue: 1), number: number) }

    private func boundary(_ scene: String, _ action: String, _ seed: UInt64, _ step: Int) -> [UInt8] {
        ScriptedWorker.boundary(
            .init(
                model: "", modelDigest: ScriptedWorker.digest(of: []), settings: "", scene: scene, action: action,
                encoder: "", noiseSeed: seed), step)
    }
}
