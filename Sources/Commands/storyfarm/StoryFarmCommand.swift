import ArgumentParser
import Console

/// The program of who submits stories and who operates the farm; needs no libtorch.
struct StoryFarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storyfarm",
        abstract: "Turns stories into long videos on a farm of GPU workers.",
        version: Release.version,
        subcommands: [RenderCommand.self, CheckCommand.self, ConfigCommand.self, DoctorCommand.self],
        groupedSubcommands: [
            CommandGroup(
                name: "Stories",
                subcommands: [
                    SubmitCommand.self, ListCommand.self, ShowCommand.self, WatchCommand.self, LogsCommand.self,
                    FetchCommand.self, ReviseCommand.self, PauseCommand.self, ResumeCommand.self, RetryCommand.self,
                    CancelCommand.self, DeleteCommand.self, PriorityCommand.self,
                ]),
            CommandGroup(
                name: "Farm",
                subcommands: [
                    QueueCommand.self, WorkersCommand.self, DrainCommand.self, NodesCommand.self, ScaleCommand.self,
                    AutoscaleCommand.self, DashboardCommand.self, KeysCommand.self,
                ]),
        ])
}

@main
enum Main {
    static func main() async { await StoryFarmCommand.runToExit(.client) }
}
