import Farm
import Foundation
import Testing

/// Goal: whatever is killed, cut, stopped or asked for at whatever moment, every story ends, nothing accepted is lost
/// or made of the wrong boundaries. Method: the production machines in simulated time; a seed decides everything, each
/// runs twice and must decide the same. `STORYFARM_SEEDS=10000` runs more of them, `STORYFARM_SEED=7` one.
@Suite struct SimulationTests {
    @Test func everySeedEndsWellAndTheSameWayTwice() throws {
        var counts: [String: Int] = [:]
        for seed in Seeds.all {
            try runTwice(seed, Seeds.setting(seed), counting: &counts)
        }
        for what in Self.wanted where Seeds.all.count >= 200 { #expect(counts[what, default: 0] > 0, "\(what)") }
        print(counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "\n"))
    }

    /// What the faults are there for must have happened.
    static let wanted = [
        "attempt kept over a reconnect", "boundary of a dead attempt discarded", "boundary refused on a full disk",
        "checkpoint uploaded beside steps",
        "commit refused on a full disk", "commit was slow", "connection cut", "coordinator restarted",
        "coordinator stopped by a signal", "device set aside", "failure: deviceFault in delivering",
        "file asked for again", "generation replaced", "hang noticed", "killed before a commit",
        "killed between commit and send", "late report fenced", "lost grant noticed", "message came twice",
        "message lost", "message overtaken", "power lost", "reader superseded", "recalled: neededEarlier",
        "recalled: paused", "record conflict", "record out of order", "record written again",
        "checkpoint overtook its records", "pruned", "revised", "segment failed",
        "submission refused on a full disk",
        "upload refused on a full disk", "worker killed while it saved", "worker lost",
        "worker stopped by a signal",
    ]
}

/// The farms that seeds stand for.
enum Seeds {
    static let all: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["STORYFARM_SEED"].flatMap(UInt64.init) { return [seed] }
        return (1...(environment["STORYFARM_SEEDS"].flatMap(UInt64.init) ?? 200)).map { $0 }
    }()

    static let safety = Duration.seconds(20)
    static let liveness = Duration.seconds(1200)

    static func setting(_ seed: UInt64, _ mutant: Mutant? = nil) -> World.Setting {
        var draw = SeededRandom(seed, "world")
        let all = World.Faults.all
        let faults = draw.chance(0.1) ? all : World.Faults(rawValue: draw.number(0...all.rawValue))
        let stories = (1...draw.number(1...6)).map { _ in terms(&draw) }
        return World.Setting(
            faults: faults, workers: draw.number(1...6), stories: stories, mutant: mutant,
            ledgerIsFile: seed % 50 == 0 && mutant == nil)
    }

    static func terms(_ draw: inout SeededRandom) -> StoryTerms {
        let handoffs: [StoryTerms.Handoff] = [.stream, .stream, .final, .none]
        return StoryTerms(
            submitter: Submitter(rawValue: draw.pick(["ann", "ben", "cat"])), priority: draw.number(0...1),
            segmentCount: draw.number(1...6), steps: draw.number(2...12), handoff: draw.pick(handoffs),
            firstBlend: draw.number(0...1), model: "embedded", segmentTime: .seconds(1))
    }
}

/// - Throws: `Violation` with the seed; also where the second run decides otherwise than the first.
func runTwice(_ seed: UInt64, _ setting: World.Setting, counting counts: inout [String: Int]) throws {
    var traces: [UInt64] = []
    for _ in 1...2 {
        let world = try World(seed: seed, setting)
        try world.run(faultsFor: Seeds.safety, endsWithin: Seeds.liveness)
        traces.append(world.trace)
        counts.merge(world.counts, uniquingKeysWith: +)
    }
    guard traces[0] == traces[1] else { throw Violation(seed: seed, "the second run decided otherwise") }
}
