// Feeds hostile bytes to everything that reads what others wrote. Build it with `--sanitize=address`.
//
//   Fuzz [--seed N] [--count 10000]     inputs per decoder; a seed repeats a run

let arguments = FuzzArguments(CommandLine.arguments.dropFirst())
print("seed \(arguments.seed), \(arguments.count) inputs per decoder")
let violations =
    WireFuzz(seed: arguments.seed, count: arguments.count).run()
    + SafetensorsFuzz(seed: arguments.seed, count: arguments.count).run()
    + ScriptFuzz(seed: arguments.seed, count: arguments.count).run()
FuzzArguments.finish(violations: violations)
