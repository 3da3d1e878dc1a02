import ArgumentParser
import Console
import FarmClient
import FarmFolder

/// Which farm is asked.
struct FarmAddress: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The coordinator's farm.json, or its folder; else STORYFARM_FARM or the configuration names it.",
            valueName: "file"),
        completion: .file(extensions: ["json"]))
    var farm = Configuration.current.text(.farm)
    @OptionGroup
    var configuration: ConfigurationOptions

    /// Asks the farm; what goes wrong ends the program with a line and a status of its own.
    func ask<Answer>(_ question: (FarmClient) async throws -> Answer) async throws -> Answer {
        do {
            return try await question(try FarmClient(contentsOf: FarmFolder.connectionFile(named: farm)))
        } catch let error as FarmClientError {
            throw FarmOptions.ending(error)
        }
    }
}
