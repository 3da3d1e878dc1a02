import ArgumentParser
import Console
import FarmFolder
import Foundation
import Transport

/// Who may join a farm.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes keys for workers, and says who may join the farm.",
        discussion: """
            Every connection of a worker is encrypted and both sides show a key (CURVE). The coordinator admits its \
            own machine's worker.key and the keys on its allow-list, and takes changes of either while it runs: a \
            revoked key is out at once, with the connections it has.

            A new node:
              storyfarm keys new rack-7                  # on the node: rack-7.key stays there, rack-7.pub travels
              storyfarm keys allow rack-7.pub            # on the coordinator's machine
              storyfarm-worker join --keys rack-7.key --server-key coordinator.pub --coordinator tcp://… --model …
            """,
        subcommands: [
            NewKeyCommand.self, ListKeysCommand.self, AllowKeyCommand.self, RevokeKeyCommand.self,
            RotateKeyCommand.self,
        ], defaultSubcommand: ListKeysCommand.self)
}

/// Which allow-list is meant.
struct KeysOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The coordinator's folder, or the farm.json in it.", valueName: "folder"),
        completion: .directory)
    var farm = Configuration.current.text(.farm)
    @Flag(help: "JSON for programs.")
    var json = false
    @OptionGroup
    var configuration: ConfigurationOptions

    /// - Throws: `WrongInput` where there is no such folder.
    func folder() throws -> FarmFolder {
        let folder = FarmFolder(named: farm)
        guard FileManager.default.fileExists(atPath: folder.coordinatorKey) else {
            throw WrongInput(
                "\(folder.path) is no coordinator's folder, it has no coordinator.key: name it by --farm, on the "
                    + "coordinator's machine")
        }
        return folder
    }

    func show(_ form: some Encodable, _ lines: @autoclosure () -> [String]) throws {
        if json { try FarmOptions.printJSON(form) } else { for line in lines() { print(line) } }
    }
}

extension NamedKey {
    /// - Throws: `WrongInput` saying what a name is.
    static func check(name: String) throws {
        guard AllowListFile.isName(name) else {
            throw WrongInput("'\(name.printable)' is no name for a key: expected one word of at most 64 bytes")
        }
    }
}

struct ListKeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the keys that may join, with their names.")

    @OptionGroup var options: KeysOptions

    private struct Admitted: Encodable {
        let name, key, file: String
    }

    func run() throws {
        let farm = try options.folder()
        let local = try CurveKeyPair(contentsOf: farm.workerKey).publicKey
        let keys =
            [Admitted(name: FarmFolder.localName, key: local.z85, file: farm.workerKey)]
            + (try farm.allowList().entries.map {
                Admitted(name: $0.name, key: $0.key.z85, file: farm.allowListPath)
            })
        try options.show(
            keys, TextTable(["NAME", "KEY", "FROM"], keys.map { [$0.name, $0.key, $0.file] }).lines())
    }
}
