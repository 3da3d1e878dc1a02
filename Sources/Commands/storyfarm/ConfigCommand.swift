import ArgumentParser
import Console
import Foundation

/// What is set, and by whom.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Shows what environment and configuration files say.",
        discussion: """
            A value can be said by a flag, by the environment, and by a configuration file, all by the same name: \
            --farm, STORYFARM_FARM, and farm: in the file. A flag wins over the environment, that over the file, and \
            that over what is built in. Files are YAML, a line for each value; an unknown key or a wrong value is an \
            error with its line and column.

            storyfarm reads ~/.config/storyfarm/config.yaml, the coordinator, a node and a worker \
            coordinator.yaml, node.yaml and worker.yaml in /etc/storyfarm; --config FILE or STORYFARM_CONFIG names \
            another.

              farm: /srv/farm/farm.json
              model: /models/mochi-1-preview
              workers: 2
            """,
        subcommands: [ShowConfigurationCommand.self], defaultSubcommand: ShowConfigurationCommand.self)
}

struct ShowConfigurationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Prints every value of a program, and where it comes from.")

    private static let programs = Dictionary(
        uniqueKeysWithValues: ProgramSettings.all.map {
            ($0.program.split(separator: "-").last.map(String.init) ?? $0.program, $0)
        })

    @Argument(
        help: ArgumentHelp(
            "Of which program: \(ShowConfigurationCommand.programs.keys.sorted().joined(separator: ", ")).",
            valueName: "program"),
        completion: .list(ShowConfigurationCommand.programs.keys.sorted()))
    var name = "storyfarm"
    @Flag(help: "JSON for programs.")
    var json = false
    @Option(
        help: "Its configuration file, instead of the one it would read here.",
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var file: String?
    @OptionGroup
    var options: ConfigurationOptions

    private struct Shown: Encodable {
        let program: String
        let file: String?
        let settings: [Line]

        struct Line: Encodable {
            let name: String
            /// Several of a list; none where nothing is set.
            let values: [String]
            let source, variable, meaning: String
        }
    }

    func run() throws {
        let key = name.hasPrefix("storyfarm-") ? String(name.dropFirst(10)) : name
        guard let program = Self.programs[key] else {
            throw WrongInput(
                "'\(name.printable)' is no program with a configuration, expected "
                    + Self.programs.keys.sorted().joined(separator: ", "))
        }
        // What the client was told to read is for the client.
        var environment = ProcessInfo.processInfo.environment
        if program.program != ProgramSettings.client.program { environment[Configuration.fileVariable] = nil }
        let isOwn = file == nil && program.program == ProgramSettings.client.program
        let configuration =
            try isOwn
            ? Configuration.current : Configuration(program, file: file, environment: environment)
        let shown = Shown(
            program: program.program, file: configuration.file,
            settings: program.settings.map { setting in
                let value = configuration[setting]
                return Shown.Line(
                    name: setting.name, values: value.texts, source: "\(value.source)", variable: setting.variable,
                    meaning: setting.meaning)
            })
        if json { return try FarmOptions.printJSON(shown) }
        let place = shown.file ?? "no file: \(program.usualFile) is not there"
        print("\(program.program): \(place)")
        let rows = shown.settings.map { [$0.name, $0.values.joined(separator: " "), $0.source, $0.variable] }
        for line in TextTable(["NAME", "VALUE", "FROM", "VARIABLE"], rows, columnWidth: .max).lines() { print(line) }
    }
}
