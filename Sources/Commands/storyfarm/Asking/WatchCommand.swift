import ArgumentParser
import Console
import Control
import FarmClient
import Glibc

/// Shows how a story goes until it is over.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Shows live how a story goes, until it is over.",
        discussion: "The status is 0 if the story is finished, and 1 if it failed or was cancelled.")

    @Argument(help: "The story's number.", completion: .storyNumber)
    var id: UInt64
    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws { try await StoryWatch(story: id, options: options).run() }
}

/// Follows a story: redrawn in place on a terminal, a line for each thing of note elsewhere, all news as JSON.
struct StoryWatch {
    let story: UInt64
    let options: FarmOptions

    func run() async throws {
        let last = try await options.ask { client in try await follow(client) }
        if last.overview.state == "finished" { return }
        let reason = last.overview.note.map { ": \($0.printable)" } ?? ""
        throw StoryEnd(description: "story \(story) is \(last.overview.state)\(reason)")
    }

    private func follow(_ client: FarmClient) async throws(FarmClientError) -> StoryDetail {
        // Listening first: what changes between the two questions is then among the news.
        let events = try await client.events()
        let clock = ContinuousClock()
        let start = clock.now
        var detail = try await client.story(story)
        var display = StoryDisplay(detail)
        var screen = LiveLines()
        let isLive = screen.isTerminal && !options.json
        if isLive { screen.draw(display, at: .zero) } else if !options.json { print(display.headline(at: .zero)) }
        if detail.overview.hasEnded { return detail }
        for try await news in events {
            guard news.story == story || news.kind == .gap else { continue }
            let now = clock.now - start
            let isWhole = display.take(news, at: now)
            if isWhole {
                detail = try await client.story(story)
                display.replace(detail, at: now)
            }
            if options.json {
                // Texts and numbers always have a form in JSON.
                try? FarmOptions.printJSON(news, onOneLine: true)
            } else if isLive {
                screen.draw(display, at: now)
            } else if let line = display.line(for: news) {
                print(line)
            }
            fflush(nil)  // Whoever reads a pipe wants to see it now.
            if detail.overview.hasEnded { break }
        }
        return detail
    }
}

/// A story that is over without being finished.
struct StoryEnd: Error, CustomStringConvertible {
    let description: String
}
