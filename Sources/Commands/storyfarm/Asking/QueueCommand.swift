import ArgumentParser
import Console
import Control
import FarmClient

/// Shows how deep the farm's queue is, and why stories wait.
struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Shows how deep the farm's queue is, and what stories wait for.")

    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws {
        let queue = try await options.ask { client in try await client.queue() }
        try options.show(queue, Self.lines(queue))
    }

    static func lines(_ queue: QueueReport) -> [String] {
        let oldest = queue.oldestReadySeconds.map { "waits for \(ProgressLine.clock(.seconds($0)))" } ?? "none waits"
        let facts = [
            ("stories", counts(queue.stories)), ("segments", counts(queue.segments)),
            ("workers", counts(queue.workers)),
            ("backlog", "\(ProgressLine.clock(.seconds(queue.backlogSeconds))) of one worker"),
            ("oldest", oldest),
        ]
        return facts.map { $0.0 + String(repeating: " ", count: 10 - $0.0.count) + $0.1 }
            + queue.waiting.map { "story \($0.story) waits: \($0.reason)".printable }
    }

    private static func counts(_ numbers: [String: Int]) -> String {
        let known = numbers.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        return known.isEmpty ? "none" : known.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
}
