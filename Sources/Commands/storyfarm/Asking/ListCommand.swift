import ArgumentParser
import Console
import Control
import FarmClient

/// Lists stories, the newest first.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists stories, the newest first.",
        discussion: "  storyfarm list --state queued,rendering --limit 10")

    @Option(help: "At most so many.")
    var limit = 50
    @Option(help: "Only those older than this story.")
    var before: UInt64?
    @Option(
        help: "Only those in one of these states, as queued,rendering.", completion: .list(StoryOverview.states))
    var state: String?
    @Option(help: "Only those of this submitter.")
    var submitter: String?
    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws {
        guard 1...Self.limitMax ~= limit else {
            throw WrongInput("--limit is \(limit), expected a whole number from 1 to \(Self.limitMax)")
        }
        let states = state?.split(separator: ",").map(String.init)
        if let unknown = states?.first(where: { !StoryOverview.states.contains($0) }) {
            throw WrongInput("--state is \(unknown), expected some of \(StoryOverview.states.joined(separator: ","))")
        }
        let page = StoryPage(before: before, limit: limit, states: states.map(Set.init), submitter: submitter)
        let list = try await options.ask { client in try await client.stories(page) }
        try options.show(list, Self.table(list.stories).lines(.output))
        if let next = list.next, !options.json { note("older ones: storyfarm list --before \(next)") }
    }

    /// As the farm has it.
    private static let limitMax = 500

    static func table(_ stories: [StoryOverview]) -> TextTable {
        TextTable(
            ["ID", "STATE", "SEGMENTS", "PRIORITY", "SUBMITTER", "SUBMITTED", "TITLE"],
            stories.map { story in
                [
                    "\(story.id)", story.isPaused ? "\(story.state), paused" : story.state,
                    "\(story.finishedSegments)/\(story.segments)", "\(story.priority)", story.submitter,
                    story.submitted.map(LocalTime.text) ?? "", story.title,
                ]
            }, rightAligned: ["ID", "SEGMENTS", "PRIORITY"])
    }
}
