import Control
import Coordinator
import Farm
import Script
import Testing

/// Goal: what is wrong with a revision is said to be its own fault, and every story that was taken can be revised.
@Suite(.timeLimit(.minutes(5))) struct RevisionTests {
    static let wrong: [(text: String, says: String)] = [
        ("  ", "is empty, expected a prompt"), ("a\u{1}b", "control character U+0001"),
        ("a\u{9B}b", "control character U+009B"),
        (String(repeating: "x", count: ScriptLimits.promptBytes + 1), "over the limit of 8192"),
    ]

    @Test(arguments: ["scene", "action"], RevisionTests.wrong)
    func aPromptThatIsNoneIsNamed(field: String, wrong: (text: String, says: String)) async throws {
        try await withFarm { farm in
            try await farm.submit(OpenFarm.story(segments: 1))
            let command = StoryCommand.revise(
                segment: 1, scene: field == "scene" ? wrong.text : nil, action: field == "action" ? wrong.text : nil,
                seed: nil)
            let error = await #expect(throws: ControlError.self) { try await farm.control.command(command, on: 1) }
            guard case .invalid(let named, let reason)? = error else { Issue.record("\(error as Any)"); return }
            #expect(named == field)
            #expect(reason.contains(wrong.says), "\(reason)")
        }
    }

    /// Method: prompts of quotes, each of which takes two bytes in JSON, in a script of nearly 1 MiB.
    @Test(arguments: [true, false]) func theLongestScriptCanBeRevised(isKnown: Bool) async throws {
        try await withFarm { farm in
            let prompt = "a" + String(repeating: "\"", count: ScriptLimits.promptBytes - 1)
            let list = (1...63).map { _ in "  - { scene: '\(prompt)', action: '\(prompt)' }" }
            let script = "segments:\n\(list.joined(separator: "\n"))\n"
            try #require(script.utf8.count > ScriptLimits.scriptBytes * 9 / 10)
            let worker = try ScriptedWorker(farm.home)
            if isKnown {
                try await worker.join(farm)
                try await farm.workers { $0.first?.models == ["embedded"] }
            }
            try await farm.submit(script)
            try await farm.control.command(.revise(segment: 2, scene: nil, action: "it sleeps", seed: 4), on: 1)
            let story = try await farm.control.story(1)
            #expect(story.awaitsDefaults == !isKnown)
            #expect(story.segments[1].action == "it sleeps")
            #expect(story.script.utf8.count > ScriptLimits.scriptBytes)
            // What it left open can be settled later, too.
            if !isKnown { try await worker.join(farm) }
            try await farm.segment(1, of: 1, was: "denoising")
        }
    }
}
