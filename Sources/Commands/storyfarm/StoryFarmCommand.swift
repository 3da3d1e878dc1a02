import ArgumentParser
import Console

/// The program of who submits stories and who operates the farm; needs no libtorch.
struct StoryFarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storyfarm",
        abstract: "Turns stories into long videos on a farm of GPU workers.",
        subcommands: [CheckCommand.self, DoctorCommand.self])
}

@main
enum Main {
    static func main() async { await StoryFarmCommand.runToExit() }
}
