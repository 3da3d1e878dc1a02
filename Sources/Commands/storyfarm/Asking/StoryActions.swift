import ArgumentParser
import Control
import FarmClient

/// Something that is done to a story with its number alone.
protocol StoryAction: AsyncParsableCommand {
    static var command: StoryCommand { get }
    /// What is true afterwards, as "is paused".
    static var result: String { get }
    var id: UInt64 { get }
    var options: FarmOptions { get }
}

extension StoryAction {
    func run() async throws {
        try await options.ask { client in try await client.command(Self.command, on: id) }
        try options.show(Commanded(story: id, command: Self._commandName), ["story \(id) \(Self.result)"])
    }
}

struct PauseCommand: StoryAction {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stops a story at the next step, until it is resumed.")
    static let command = StoryCommand.pause
    static let result = "is paused"

    @Argument(help: "The story's number.", completion: .storyNumber) var id: UInt64
    @OptionGroup(title: "Farm") var options: FarmOptions
}

struct ResumeCommand: StoryAction {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lets a paused story go on where it was.")
    static let command = StoryCommand.resume
    static let result = "goes on"

    @Argument(help: "The story's number.", completion: .storyNumber) var id: UInt64
    @OptionGroup(title: "Farm") var options: FarmOptions
}

struct RetryCommand: StoryAction {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Begins again what failed or was cancelled.")
    static let command = StoryCommand.retry
    static let result = "is tried again"

    @Argument(help: "The story's number.", completion: .storyNumber) var id: UInt64
    @OptionGroup(title: "Farm") var options: FarmOptions
}

struct CancelCommand: StoryAction {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Ends a story at the next step; what is finished stays.")
    static let command = StoryCommand.cancel
    static let result = "is cancelled"

    @Argument(help: "The story's number.", completion: .storyNumber) var id: UInt64
    @OptionGroup(title: "Farm") var options: FarmOptions
}

struct DeleteCommand: StoryAction {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Removes a story that has ended, with its files.")
    static let command = StoryCommand.delete
    static let result = "is deleted"

    @Argument(help: "The story's number.", completion: .storyNumber) var id: UInt64
    @OptionGroup(title: "Farm") var options: FarmOptions
}

/// Lets a story go before others, or after them.
struct PriorityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "priority", abstract: "Changes a story's priority; the higher goes first.",
        discussion: """
            What is being denoised is not interrupted for it.

              storyfarm priority 7 5
              storyfarm priority 7 -- -5
            """)

    @Argument(help: "The story's number.", completion: .storyNumber) var id: UInt64
    @Argument(help: "The new priority; below zero after a --.") var priority: Int
    @OptionGroup(title: "Farm") var options: FarmOptions

    func run() async throws {
        try await options.ask { client in try await client.command(.prioritize(priority), on: id) }
        try options.show(
            Commanded(story: id, command: "priority"), ["story \(id) has priority \(priority)"])
    }
}

/// Renders a part of a story again, otherwise.
struct ReviseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revise", abstract: "Renders the segments from one on again, that one with what is given anew.",
        discussion: """
            Segments before it stay as they are, and the earlier MP4 stays until the new one is complete.

              storyfarm revise 7 --segment 3 --action "the corgi swims" --seed 11
            """)

    @Argument(help: "The story's number.", completion: .storyNumber) var id: UInt64
    @Option(help: "The first segment that is rendered again.") var segment: Int
    @Option(help: "Its new scene.") var scene: String?
    @Option(help: "Its new action.") var action: String?
    @Option(help: "Its new seed.") var seed: UInt64?
    @OptionGroup(title: "Farm") var options: FarmOptions

    func run() async throws {
        let revision = StoryCommand.revise(segment: segment, scene: scene, action: action, seed: seed)
        try await options.ask { client in try await client.command(revision, on: id) }
        try options.show(
            Commanded(story: id, command: "revise"), ["story \(id) is rendered again from segment \(segment) on"])
    }
}
