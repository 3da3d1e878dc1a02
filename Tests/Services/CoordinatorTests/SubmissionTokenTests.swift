import Control
import Coordinator
import Farm
import Storage
import Testing

/// Goal: a token stands for one story of one submitter, and whoever lost the answer gets it again.
@Suite(.timeLimit(.minutes(5))) struct SubmissionTokenTests {
    private func submit(
        _ script: String, token: String = "nightly-1", by submitter: String = "ann", set overrides: [String] = [],
        to farm: OpenFarm
    ) async throws -> StoryReceipt {
        try await farm.control.submit(
            StorySubmission(script: script, name: "story.yaml", overrides: overrides, token: token), by: submitter)
    }

    /// Which field is another's already.
    private func taken(_ body: () async throws -> StoryReceipt) async -> String? {
        do {
            return "story \(try await body().id)"
        } catch ControlError.taken(let field, _) {
            return field
        } catch {
            return "\(error)"
        }
    }

    @Test func anotherStoryUnderItIsRefused() async throws {
        try await withFarm { farm in
            let script = OpenFarm.story(segments: 2)
            let first = try await submit(script, to: farm)
            #expect(first.isNew)
            #expect(await taken { try await submit(script, by: "bob", to: farm) } == "token")
            let others = [
                OpenFarm.story(segments: 3), OpenFarm.story(segments: 2, steps: 5),
                script.replacing("corgi", with: "cat"), script.replacing("Scripted", with: "Another"),
            ]
            for other in others { #expect(await taken { try await submit(other, to: farm) } == "token", "\(other)") }
            #expect(await taken { try await submit(script, set: ["sampling.seed=4"], to: farm) } == "token")
            #expect(try await farm.control.stories(StoryPage()).count == 1)
            #expect(try await submit(script, to: farm) == StoryReceipt(id: first.id, isNew: false, segments: 2))
            // Who was refused gets in with a token of its own.
            #expect(try await submit(script, token: "bob-1", by: "bob", to: farm).isNew)
        }
    }

    @Test func aRevisedStoryIsStillTheOneThatWasHandedIn() async throws {
        try await withFarm { farm in
            let script = OpenFarm.story(segments: 2)
            let first = try await submit(script, to: farm)
            try await farm.control.command(.revise(segment: 2, scene: nil, action: "it sleeps", seed: 9), on: first.id)
            #expect(try await submit(script, to: farm) == StoryReceipt(id: first.id, isNew: false, segments: 2))
            #expect(await taken { try await submit(OpenFarm.story(segments: 3), to: farm) } == "token")
        }
    }

    @Test func twoSubmittersAtOnceDoNotShareIt() async throws {
        try await withFarm { farm in
            let script = OpenFarm.story(segments: 1)
            let outcomes = await withTaskGroup(of: String?.self) { group in
                for submitter in ["ann", "bob"] {
                    group.addTask { await taken { try await submit(script, by: submitter, to: farm) } }
                }
                return await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(outcomes == ["story 1", "token"])
        }
    }

    /// The answer was lost, and the disk is full by now.
    @Test func whatWasTakenIsAnsweredWithoutRoom() async throws {
        try await withHome { home in
            let script = OpenFarm.story(segments: 2)
            try await home.open { farm in _ = try await submit(script, to: farm) }
            try await home.open {
                $0.retention.reservedBytes = .max
            } _: { farm async throws in
                #expect(try await submit(script, to: farm) == StoryReceipt(id: 1, isNew: false, segments: 2))
                await #expect(throws: ControlError.self) { try await submit(script, token: "other", to: farm) }
            }
        }
    }

    @Test func aRefusalLeavesItFree() async throws {
        try await withFarm {
            $0.quota = SubmitterQuota(stories: 1, segments: 2, bytes: .max)
        } _: { farm async throws in
            await #expect(throws: ControlError.self) { try await submit("segments: 3", to: farm) }
            await #expect(throws: ControlError.self) { try await submit(OpenFarm.story(segments: 3), to: farm) }
            #expect(try await submit(OpenFarm.story(segments: 2), to: farm).isNew)
        }
    }
}
