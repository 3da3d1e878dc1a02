import Farm
import Foundation
import Testing

/// Goal: whatever is killed, cut, stopped or asked for at whatever moment, every story ends, nothing accepted is lost
/// or made of the wrong boundaries. Method: the production machines in simulated time; a seed decides everything, each
/// runs twice and must decide the same. `STORYFARM_SEEDS=10000` runs more of them, `STORYFARM_SEED=7` one.
@Suite struct SimulationTests {
    static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["STORYFARM_SEED"].flatMap(UInt64.init) { return [seed] }
        return (1...(environment["STORYFARM_SEEDS"].flatMap(UInt64.init) ?? 200)).map { $0 }
    }()

    static func world(_ seed: UInt64, _ mutant: World.Mutant? = nil) -> World {
        var draw = SeededRandom(seed, "world")
        let faults = draw.chance(0.1) ? World.Faults.all : World.Faults(rawValue: draw.number(0...511))
        let handoffs: [StoryTerms.Handoff] = [.stream, .stream, .final, .none]
        let stories = (1...draw.number(1...6)).map { number in
            StoryTerms(
                submitter: Submitter(rawValue: draw.pick(["ann", "ben", "cat"])), priority: draw.number(0...1),
                segmentCount: draw.number(1...6), steps: draw.number(2...12), handoff: draw.pick(handoffs),
                firstBlend: draw.number(0...1), model: "embedded", segmentTime: .seconds(1))
        }
        return World(seed: seed, faults: faults, workers: draw.number(1...6), stories: stories, mutant: mutant)
    }

    @Test func everySeedEndsWellAndTheSameWayTwice() throws {
        var counts: [String: Int] = [:]
        for seed in Self.seeds {
            var traces: [UInt64] = []
            for _ in 1...2 {
                var world = Self.world(seed)
                try world.run(faultsFor: .seconds(40), endsWithin: .seconds(1200))
                traces.append(world.trace)
                counts.merge(world.counts, uniquingKeysWith: +)
            }
            #expect(traces[0] == traces[1], "SEED=\(seed) decides differently the second time")
        }
        for what in Self.wanted where Self.seeds.count >= 200 { #expect(counts[what, default: 0] > 0, "\(what)") }
        print(counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n"))
    }

    /// A simulation that notices nothing proves nothing.
    @Test(arguments: World.Mutant.allCases) func everyMutantIsNoticed(mutant: World.Mutant) {
        for seed in Self.seeds {
            var world = Self.world(seed, mutant)
            do {
                try world.run(faultsFor: .seconds(40), endsWithin: .seconds(1200))
            } catch {
                return
            }
        }
        Issue.record("\(mutant) went unnoticed in \(Self.seeds.count) seeds")
    }

    /// What the faults are there for must have happened.
    static let wanted = [
        "attempt kept over a reconnect", "boundary of a dead attempt discarded", "coordinator restarted",
        "generation opened", "killed between commit and send", "late report fenced", "power lost",
        "reader superseded", "record conflict", "record out of order", "record written again",
        "result of other boundaries refused", "recalled: neededEarlier",
    ]
}
