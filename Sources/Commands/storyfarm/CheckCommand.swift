import ArgumentParser
import Console
import Foundation
import Script

/// Says what a story script means, and what is wrong with it, before anything is rendered.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a story script: prints every value it resolves to, the work, the limits and the prompts.",
        discussion: """
            A script is YAML, or JSON where its name ends in .json. Whatever it leaves out is as the model recommends \
            in the storyfarm.json of its folder (--model), else as built in.
            """)

    @Argument(help: "The story script.", completion: .script)
    var story: String
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Say one value otherwise, as blending.gamma=0.3, weighting=off or segments.2.action='a fox sleeps'.",
            valueName: "key=value"))
    var overrides: [String] = []
    @Option(
        help: ArgumentHelp("The folder of the model that fills in what the story leaves out.", valueName: "folder"),
        completion: .directory)
    var model: String?
    @Flag(help: "JSON for programs.")
    var json = false
    @OptionGroup
    var configuration: ConfigurationOptions

    func run() throws {
        let report: StoryReport
        do throws(ScriptError) {
            let document = try ScriptDocument(contentsOf: story, overrides: overrides)
            report = StoryReport(
                story: try document.resolved(with: defaults()),
                model: folder.flatMap { DenoisingWork("\($0)/transformer/config.json") })
        } catch {
            throw WrongInput(error.description)
        }
        print(json ? report.json : report.text)
    }

    private var folder: String? { model ?? Configuration.current.optionalText(.model) }

    /// Published models recommend nothing.
    private func defaults() throws(ScriptError) -> ScriptDefaults {
        guard let folder else { return .builtIn }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw ScriptError(file: folder, reason: "there is no such folder, expected a model's")
        }
        let file = "\(folder)/storyfarm.json"
        return FileManager.default.fileExists(atPath: file) ? try ScriptDefaults(contentsOf: file) : .builtIn
    }
}
