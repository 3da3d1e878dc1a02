import Control
import Coordinator
import Farm
import Media
import Storage
import Testing
import Wire

/// Goal: what people ask a coordinator for, it does, and a restart takes nothing of it back.
/// Method: a coordinator in this process over a folder of its own; scripted workers over real sockets.
@Suite(.timeLimit(.minutes(5))) struct StoryTests {
    @Test func aStoryRunsToItsEnd() async throws {
        try await withFarm { farm in
            let workers = try [ScriptedWorker(farm.home, number: 1), ScriptedWorker(farm.home, number: 2)]
            for worker in workers { try await worker.join(farm) }
            let story = try await farm.submit(OpenFarm.story(segments: 3))
            try await farm.withWorkers(workers[0], workers[1]) { try await farm.story(story, was: "finished") }
            let film = try await farm.control.video(of: story, segment: nil)
            #expect(film.isWholeStory)
            var reader = try VideoReader(film.path)
            var frames = 0
            while try reader.next() != nil { frames += 1 }
            #expect(frames == 3 * 7)
            let detail = try await farm.control.story(story)
            #expect(detail.segments.map(\.state) == ["finished", "finished", "finished"])
            let thumbnail = try await farm.control.thumbnail(of: story, segment: 2)
            #expect(thumbnail.jpeg.starts(with: [0xFF, 0xD8]) && thumbnail.jpeg.suffix(2) == [0xFF, 0xD9])
            #expect(try await farm.control.thumbnail(of: story, segment: 2) == thumbnail)
        }
    }

    /// Method: the predecessor's boundaries, as its successor got them, are those that were written, in both hand-offs.
    @Test func aSegmentReadsItsPredecessorsBoundaries() async throws {
        try await withFarm { farm in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            let story = try await farm.submit(OpenFarm.story(segments: 2, steps: 11))
            try await farm.withWorkers(worker) { try await farm.story(story, was: "finished") }
            let second = SegmentID(story: StoryID(rawValue: story), number: 2)
            let read = try #require(await worker.read[second])
            #expect(read.count == 11)
            for step in 0..<11 { #expect(read[step] == boundary(ofSegment: 1, step)) }
        }
    }

    @Test func aRestartKeepsStoriesAndRunningLeases() async throws {
        try await withHome { home in
            let worker = try ScriptedWorker(home)
            var running: Message.LeaseGrant?
            try await home.open { farm in
                try await worker.join(farm)
                try await farm.submit(OpenFarm.story(segments: 2))
                let grant = try await worker.grant()
                try await worker.append(grant, 0)
                try await worker.append(grant, 1)
                running = grant
            }
            let grant = try #require(running)
            try await home.open { farm in
                #expect(try await farm.control.story(1).overview.state == "rendering")
                await worker.vanish()
                try await worker.join(farm)
                // The lease of before the restart goes on: its next boundary is stored, and so is the whole story.
                for step in 2...4 { try await worker.append(grant, step) }
                try await worker.report(grant, ReadRecords().consumed)
                #expect(try await worker.verdict(on: grant.attempt, .denoised) == .accepted)
                await worker.letGo(grant.attempt)
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
                let film = try await farm.control.video(of: 1, segment: nil)
                #expect(film.segments == 2)
            }
        }
    }

    /// Method: the same token before and after a restart, and from two clients at once.
    @Test func aTokenNamesOneStoryForEver() async throws {
        try await withHome { home in
            let script = OpenFarm.story(segments: 1)
            try await home.open { farm in
                async let first = farm.submit(script, token: "a")
                async let second = farm.submit(script, token: "a")
                let ids = try await [first, second]
                #expect(ids[0] == ids[1])
                #expect(try await farm.submit(script, token: "b") != ids[0])
            }
            try await home.open { farm in
                let submission = StorySubmission(script: script, name: "story.yaml", token: "a")
                let receipt = try await farm.control.submit(submission, by: "ann")
                #expect(!receipt.isNew)
                #expect(receipt.segments == 1)
                #expect(try await farm.control.stories(StoryPage()).count == 2)
            }
        }
    }

    @Test func aMistakeInAScriptHasItsPlace() async throws {
        try await withFarm { farm in
            let script = OpenFarm.story(segments: 1).replacing("frames: 7", with: "frames: seven")
            let error = await #expect(throws: ControlError.self) { try await farm.submit(script) }
            guard case .invalid(let field, let reason)? = error else { Issue.record("\(error as Any)"); return }
            #expect(field == "script")
            #expect(reason.hasPrefix("story.yaml:3:"), "\(reason)")
            #expect(reason.contains("video.frames"), "\(reason)")
            let accepted = try await farm.control.stories(StoryPage())
            #expect(accepted == [])
        }
    }

    @Test func aFullDiskRefusesStoriesAndKeepsRunningWork() async throws {
        try await withHome { home in
            try await home.open { farm in try await farm.submit(OpenFarm.story(segments: 2)) }
            try await home.open {
                $0.retention.reservedBytes = .max
            } _: { farm in
                let error = await #expect(throws: ControlError.self) {
                    try await farm.submit(OpenFarm.story(segments: 1))
                }
                guard case .limit(let name, _, let reason)? = error else { Issue.record("\(error as Any)"); return }
                #expect(name == "reservedBytes")
                #expect(reason.contains("disk is full"))
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                try await farm.withWorkers(worker) { try await farm.story(1, was: "finished") }
            }
        }
    }

    @Test func aStoryWaitsForItsModelAndTheQueueSaysSo() async throws {
        try await withFarm { farm in
            try await farm.submit(OpenFarm.story(segments: 1, model: "grand"))
            #expect(await farm.control.queue().waiting.map(\.reason) == ["no worker is connected"])
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            try await farm.workers { $0.first?.models == ["embedded"] }
            #expect(await farm.control.queue().waiting.map(\.reason) == ["no worker has the model 'grand'"])
            let grand = Message.Model(
                name: "grand", digest: ScriptedWorker.digest(of: [9]), settings: "", weightBytes: 1)
            let other = try ScriptedWorker(farm.home, number: 2, models: [grand])
            try await other.join(farm)
            try await farm.withWorkers(other) { try await farm.story(1, was: "finished") }
        }
    }

    /// A boundary as scripted workers make it.
    private func boundary(ofSegment number: Int, _ step: Int) -> [UInt8] {
        ScriptedWorker.boundary(
            .init(
                model: "", modelDigest: ScriptedWorker.digest(of: []), settings: "", scene: "place \(number)",
                action: "a corgi walks \(number) times", encoder: "", noiseSeed: 3), step)
    }
}
