import Farm
import Foundation
import Testing

/// Goal: what no random farm shows surely. Method: as in `SimulationTests`, with farms made for one question.
@Suite struct ScenarioTests {
    @Test func aStoryFinishesOnTheLastWorkerThatIsLeft() throws {
        var counts: [String: Int] = [:]
        for seed in Seeds.all.prefix(max(50, Seeds.all.count / 4)) {
            try runTwice(seed, Self.lonely(seed), counting: &counts)
        }
        #expect(counts["worker lost for good", default: 0] > 0 && counts["recalled: neededEarlier", default: 0] > 0)
    }

    @Test func busySubmittersOfOnePriorityDifferByAtMostASegmentPerWorker() throws {
        var counts: [String: Int] = [:]
        for seed in Seeds.all.prefix(max(10, Seeds.all.count / 20)) {
            try runTwice(seed, Self.shared(seed), counting: &counts)
        }
    }

    @Test func aCrowdOfWorkersAndStoriesComesThrough() throws {
        var counts: [String: Int] = [:]
        let size = ProcessInfo.processInfo.environment["STORYFARM_CROWD"].flatMap(Int.init) ?? 2_000
        try runTwice(1, Self.crowd(1, size: size), counting: &counts)
        print(counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))
    }

    /// One story, and all workers but one are gone for good at any moment.
    static func lonely(_ seed: UInt64, _ mutant: Mutant? = nil) -> World.Setting {
        var draw = SeededRandom(seed, "lonely")
        let terms = StoryTerms(
            submitter: Submitter(rawValue: "ann"), segmentCount: draw.number(2...6), steps: draw.number(2...12),
            handoff: draw.chance(0.8) ? .stream : .final, firstBlend: draw.number(0...1), model: "embedded",
            segmentTime: .seconds(1))
        return World.Setting(
            workers: draw.number(2...6), stories: [terms], mutant: mutant, replacesWorkers: false,
            lonelyAfter: .milliseconds(draw.number(1...8000)))
    }

    /// Two or three submitters with far more to do than there are workers, all of it alike.
    static func shared(_ seed: UInt64, _ mutant: Mutant? = nil) -> World.Setting {
        var draw = SeededRandom(seed, "shared")
        let submitters = draw.pick([["ann", "ben"], ["ann", "ben", "cat"]])
        let stories = (1...draw.number(6...12)).map { _ in
            StoryTerms(
                submitter: Submitter(rawValue: draw.pick(submitters)), segmentCount: draw.number(4...12), steps: 4,
                handoff: .none, firstBlend: 0, model: "embedded", segmentTime: .seconds(1))
        }
        return World.Setting(workers: draw.number(1...6), stories: stories, mutant: mutant, isSteady: true)
    }

    static func crowd(_ seed: UInt64, size: Int) -> World.Setting {
        var draw = SeededRandom(seed, "crowd")
        let stories = (1...size).map { _ in
            StoryTerms(
                submitter: Submitter(rawValue: "user \(draw.number(1...50))"), priority: draw.number(0...2),
                segmentCount: draw.number(1...3), steps: draw.number(2...4),
                handoff: draw.pick([.stream, .final, .none]),
                firstBlend: draw.number(0...1), model: "embedded", segmentTime: .seconds(1))
        }
        return World.Setting(faults: .all, workers: size, stories: stories, checksEvery: 1000)
    }
}
