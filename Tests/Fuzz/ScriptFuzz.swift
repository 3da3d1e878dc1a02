import Script
import WireSamples

/// The parser of story scripts under random and mutated inputs, in both formats and with overrides.
///
/// An input must be refused in one line, or give a story that comes back equal from its canonical form.
struct ScriptFuzz {
    let seed: UInt64
    let count: Int

    /// - Returns: the number of violations.
    func run() -> Int {
        var mutator = ScriptMutator(generator: SeededGenerator(seed: seed))
        var (accepted, refused, violations) = (0, 0, 0)
        for number in 0..<count {
            let input = mutator.script()
            let overrides = number % 4 == 0 ? [mutator.override()] : []
            let format: ScriptFormat = input.first == UInt8(ascii: "{") && number % 2 == 0 ? .json : .yaml
            do throws(ScriptError) {
                let document = try ScriptDocument(parsing: input, as: format, file: "fuzz", overrides: overrides)
                let story = try document.resolved()
                accepted += 1
                if !comesBackEqual(story) { violations += report("comes back different", number, input) }
            } catch {
                refused += 1
                let line = error.description
                if line.contains(where: \.isNewline) || line.utf8.count > 1200 {
                    violations += report("not one line: \(line)", number, input)
                }
            }
        }
        print("Story scripts: \(accepted) read, \(refused) refused")
        // A reader that refuses everything, or nothing, was not tested.
        return violations + (accepted > 0 && refused > 0 ? 0 : 1)
    }

    private func comesBackEqual(_ story: ResolvedStory) -> Bool {
        guard let again = try? ResolvedStory(json: story.json, file: "stored") else { return false }
        guard let settings = try? ResolvedSettings(json: story.settings.json, file: "stored") else { return false }
        return again == story && again.json == story.json && settings == story.settings
    }

    private func report(_ violation: String, _ number: Int, _ input: [UInt8]) -> Int {
        print("VIOLATION script \(number): \(violation): \(String(decoding: input.prefix(400), as: UTF8.self))")
        return 1
    }
}
