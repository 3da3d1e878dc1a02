import ArgumentParser
import Console
import Transport

/// The GPU node's program.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storyfarm-worker",
        abstract: "Renders segments of stories on one device.",
        version: Release.version,
        subcommands: [
            JoinCommand.self, StoryCommand.self, SegmentCommand.self, EvaluateCommand.self, ModelCommand.self,
            TestCardCommand.self, DoctorCommand.self,
        ])
}

@main
enum Main {
    static func main() async {
        Context.retainFreedMemory()
        await WorkerCommand.runToExit(.worker)
    }
}
