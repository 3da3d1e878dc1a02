import Testing

/// Goal: a simulation that notices nothing proves nothing. Method: for everything that must never happen, a farm with
/// the bug that lets it happen.
@Suite struct MutantTests {
    @Test(arguments: Mutant.allCases) func everyMutantIsNoticed(mutant: Mutant) throws {
        // A bug that few farms meet has more of them to show itself in.
        let seeds = Seeds.all.count == 1 ? Seeds.all : Array(1...1000)
        for seed in seeds {
            do {
                if mutant == .rollsDice {
                    var counts: [String: Int] = [:]
                    try runTwice(seed, setting(seed, mutant), counting: &counts)
                } else {
                    let world = try World(seed: seed, setting(seed, mutant))
                    try world.run(faultsFor: Seeds.safety, endsWithin: .seconds(300))
                }
            } catch let violation as Violation {
                print("\(mutant): \(violation.description.prefix(160))")
                return
            }
        }
        Issue.record("\(mutant) went unnoticed in \(seeds.count) seeds")
    }

    private func setting(_ seed: UInt64, _ mutant: Mutant) -> World.Setting {
        switch mutant {
        case .swallowsRecalls: ScenarioTests.lonely(seed, mutant)
        case .blursSubmitters: ScenarioTests.shared(seed, mutant)
        default: Seeds.setting(seed, mutant)
        }
    }
}
