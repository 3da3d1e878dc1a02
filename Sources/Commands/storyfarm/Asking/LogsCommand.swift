import ArgumentParser
import Console
import Control
import FarmClient

/// Prints what happened to a story.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Prints what is remembered of what happened to a story, the oldest first.")

    @Argument(help: "The story's number.", completion: .storyNumber)
    var id: UInt64
    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws {
        let news = try await options.ask { client in try await client.log(of: id) }
        try options.show(StoryLog(news: news), news.map(Self.line))
    }

    static func line(_ news: FarmNews) -> String {
        let segment = news.segment.map { "segment \($0) " } ?? ""
        let worker = news.worker.map { " (worker \($0.prefix(8)))" } ?? ""
        let text =
            if news.kind == .step, let step = news.step, let steps = news.steps { "step \(step)/\(steps)" } else {
                news.text
            }
        return "\(LocalTime.text(news.time, withSeconds: true))  \(segment)\(text)\(worker)".printable
    }
}
