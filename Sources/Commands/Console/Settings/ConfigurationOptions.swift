public import ArgumentParser

/// The flag that names the configuration file, for `--help`: its value is wanted before flags are parsed.
public struct ConfigurationOptions: ParsableArguments, Sendable {
    @Option(
        help: ArgumentHelp(
            "The configuration file; else STORYFARM_CONFIG names it, else it is in its usual place.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml", "json"]))
    var config: String?

    public init() {}

    /// What the last `--config` among a program's arguments names.
    static func file(in arguments: [String]) -> String? {
        var file: String?
        var arguments = arguments.prefix { $0 != "--" }[...]
        while let argument = arguments.popFirst() {
            if argument == "--config" { file = arguments.first ?? file }
            if argument.hasPrefix("--config=") { file = String(argument.dropFirst(9)) }
        }
        return file
    }
}
