import Control
import Testing

/// Goal: who asks often is told what is so, although not everything is counted for each question.
@Suite(.timeLimit(.minutes(5))) struct QueueTests {
    @Test func whatWasChangedIsCountedAtOnce() async throws {
        try await withHome { home in
            try await home.open { farm in
                #expect(await farm.control.queue().segments == [:])
                for number in 1...3 {
                    let id = try await farm.submit(OpenFarm.story(segments: 2))
                    #expect(await farm.control.queue().segments == ["ready": number, "blocked": number])
                    if number == 3 { try await farm.control.command(.pause, on: id) }
                }
                let queue = await farm.control.queue()
                #expect(queue.stories == ["queued": 2, "paused": 1])
                #expect(queue.segments == ["ready": 2, "blocked": 2, "paused": 2])
            }
        }
    }

    /// Nobody waits for a worker, so nobody is to be woken for want of one.
    @Test func aPausedStoryWaitsForNoWorker() async throws {
        try await withHome { home in
            try await home.open { farm in
                let story = try await farm.submit(OpenFarm.story(segments: 1))
                #expect(await farm.control.queue().oldestReadySeconds != nil)
                try await farm.control.command(.pause, on: story)
                #expect(await farm.control.queue().oldestReadySeconds == nil)
                try await farm.control.command(.resume, on: story)
                #expect(await farm.control.queue().oldestReadySeconds != nil)
            }
        }
    }

    @Test func timePassesInItAsWell() async throws {
        try await withHome { home in
            try await home.open { farm in
                try await farm.submit(OpenFarm.story(segments: 1))
                let first = try #require(await farm.control.queue().oldestReadySeconds)
                while try #require(await farm.control.queue().oldestReadySeconds) <= first { await Task.yield() }
            }
        }
    }
}
