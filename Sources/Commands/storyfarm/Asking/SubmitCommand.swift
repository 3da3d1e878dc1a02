import ArgumentParser
import Console
import Control
import FarmClient
import Foundation
import Script

/// Hands a story in.
struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Hands a story script to the farm, which from then on keeps it.",
        discussion: """
            Once it is accepted the story is rendered, whatever happens to this command or to the coordinator.

              storyfarm submit ops/stories/demo.yaml
              storyfarm submit ops/stories/demo.yaml --priority 5 --set sampling.seed=8 -o corgi.mp4
            """)

    @Argument(help: "The story script (YAML, or JSON).", completion: .script)
    var story: String
    @Option(help: "Stories of a higher one go first.")
    var priority = 0
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Say one value otherwise, as blending.gamma=0.3 or segments.2.action='a fox sleeps'.",
            valueName: "key=value"))
    var overrides: [String] = []
    @Flag(help: "Workers that only pretend to denoise may take it.")
    var allowSimulation = false
    @Flag(help: "Show how it goes until it is over.")
    var wait = false
    @Option(name: .shortAndLong, help: "Wait, and write the finished MP4 here.", completion: .video)
    var output: String?
    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws {
        if let output { try VideoOutput.check(output) }
        let submission = try submission()
        let receipt = try await options.ask { client in
            do throws(FarmClientError) {
                return try await client.submit(submission)
            } catch {
                // An answer may be lost on its way; with the same token nothing is submitted twice.
                guard case .notReached = error else { throw error }
                return try await client.submit(submission)
            }
        }
        guard wait || output != nil else {
            return try options.show(
                receipt, ["story \(receipt.id) with \(receipt.segments) segments is accepted"])
        }
        if !options.json { note("story \(receipt.id) with \(receipt.segments) segments is accepted") }
        try await StoryWatch(story: receipt.id, options: options).run()
        if let output { try await StoryFetch(story: receipt.id, segment: nil, output: output, options: options).run() }
    }

    /// What can be found wrong without the farm is found with its line and column.
    private func submission() throws -> StorySubmission {
        do throws(ScriptError) { _ = try ScriptDocument(contentsOf: story, overrides: overrides) } catch {
            throw WrongInput(error.description)
        }
        guard let bytes = FileManager.default.contents(atPath: story) else {
            throw WrongInput("\(story) can't be read")
        }
        return StorySubmission(
            script: String(decoding: bytes, as: UTF8.self), name: URL(filePath: story).lastPathComponent,
            overrides: overrides, token: UUID().uuidString, priority: priority, allowsSimulation: allowSimulation)
    }
}
