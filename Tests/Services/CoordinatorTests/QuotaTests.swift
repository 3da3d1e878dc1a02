import Control
import Coordinator
import Farm
import Testing

/// Goal: nobody takes more of a farm than was agreed, and what ends or is deleted is given back.
@Suite(.timeLimit(.minutes(5))) struct QuotaTests {
    private static let quota = SubmitterQuota(stories: 3, segments: 100, bytes: 1_000)

    @Test(
        arguments: [
            (Holdings(), 100, nil), (Holdings(), 101, "queuedSegments"),
            (Holdings(stories: 2, segments: 90, bytes: 999), 10, nil), (Holdings(stories: 3), 1, "stories"),
            (Holdings(stories: 1, segments: 91), 10, "queuedSegments"), (Holdings(bytes: 1_000), 1, "bytes"),
        ] as [(Holdings, Int, String?)])
    func aStoryIsAdmittedWhileThereIsRoom(held: Holdings, segments: Int, limit: String?) {
        do throws(ControlError) {
            try Self.quota.admit(segments: segments, besides: held)
            #expect(limit == nil)
        } catch {
            guard case .limit(let name, _, _) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(name == limit)
        }
    }

    private func limit(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch let error as ControlError {
            if case .limit(let name, _, _) = error { return name }
            return "\(error)"
        } catch {
            return "\(error)"
        }
    }

    @Test func whatEndsIsGivenBack() async throws {
        let change = { (configuration: inout CoordinatorConfiguration) in
            configuration.quota = SubmitterQuota(stories: 2, segments: 6, bytes: .max)
        }
        try await withHome { home in
            var second: UInt64 = 0
            try await home.open(change) { farm in
                try await farm.submit(OpenFarm.story(segments: 2))
                let token = "again"
                #expect(await limit { try await farm.submit(OpenFarm.story(segments: 5)) } == "queuedSegments")
                second = try await farm.submit(OpenFarm.story(segments: 2), token: token)
                #expect(await limit { try await farm.submit(OpenFarm.story(segments: 1)) } == "stories")
                // What was taken is taken, also when it is sent once more.
                #expect(try await farm.submit(OpenFarm.story(segments: 2), token: token) == second)
                // Others are not held up.
                let bob = StorySubmission(script: OpenFarm.story(segments: 6), name: "story.yaml")
                _ = try await farm.control.submit(bob, by: "bob")
                try await farm.control.command(.cancel, on: 1)
                try await farm.submit(OpenFarm.story(segments: 4))
            }
            // A restart forgets nothing.
            try await home.open(change) { farm in
                #expect(await limit { try await farm.submit(OpenFarm.story(segments: 1)) } == "stories")
                try await farm.control.command(.cancel, on: second)
                #expect(await limit { try await farm.submit(OpenFarm.story(segments: 3)) } == "queuedSegments")
                try await farm.submit(OpenFarm.story(segments: 2))
            }
        }
    }

    @Test func whatIsTriedAgainCountsAgain() async throws {
        try await withFarm {
            $0.quota = SubmitterQuota(stories: 2, segments: 6, bytes: .max)
        } _: { farm in
            let first = try await farm.submit(OpenFarm.story(segments: 4))
            try await farm.control.command(.cancel, on: first)
            let second = try await farm.submit(OpenFarm.story(segments: 4))
            #expect(await limit { try await farm.control.command(.retry, on: first) } == "queuedSegments")
            #expect(try await farm.control.story(first).overview.state == "cancelled")
            try await farm.control.command(.cancel, on: second)
            try await farm.control.command(.retry, on: first)
            let third = try await farm.submit(OpenFarm.story(segments: 1))
            #expect(await limit { try await farm.control.command(.retry, on: second) } == "stories")
            try await farm.control.command(.cancel, on: third)
            #expect(await limit { try await farm.control.command(.retry, on: second) } == "queuedSegments")
        }
    }

    @Test func whatIsRevisedCountsAgain() async throws {
        try await withFarm {
            $0.quota = SubmitterQuota(stories: 2, segments: 5, bytes: .max)
        } _: { farm in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            let finished = try await farm.submit(OpenFarm.story(segments: 3))
            try await farm.withWorkers(worker) { try await farm.story(finished, was: "finished") }
            await worker.vanish()
            func revise(_ segment: Int, of story: UInt64 = finished) async -> String? {
                await limit {
                    try await farm.control.command(
                        .revise(segment: segment, scene: nil, action: "it sleeps", seed: nil), on: story)
                }
            }
            let open = try await farm.submit(OpenFarm.story(segments: 3))
            #expect(await revise(1) == "queuedSegments")
            #expect(try await farm.control.story(finished).overview.state == "finished")
            // Two of its segments are as many as may be.
            #expect(await revise(2) == nil)
            // One that is open already holds what it would hold.
            #expect(await revise(1, of: open) == nil)
            #expect(await revise(1) == "queuedSegments")
        }
    }

    @Test func twoAtOnceDoNotBothGetTheLastPlace() async throws {
        try await withFarm {
            $0.quota = SubmitterQuota(stories: 1, segments: 100, bytes: .max)
        } _: { farm in
            let taken = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask { await limit { try await farm.submit(OpenFarm.story(segments: 1)) } == nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 1)
        }
    }

    @Test func filesCountUntilTheirStoryIsDeleted() async throws {
        try await withFarm {
            $0.quota = SubmitterQuota(stories: 10, segments: 100, bytes: 1)
        } _: { farm in
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            let story = try await farm.submit(OpenFarm.story(segments: 1))
            try await farm.withWorkers(worker) { try await farm.story(story, was: "finished") }
            #expect(await limit { try await farm.submit(OpenFarm.story(segments: 1)) } == "bytes")
            try await farm.control.command(.delete, on: story)
            try await farm.submit(OpenFarm.story(segments: 1))
        }
    }
}
