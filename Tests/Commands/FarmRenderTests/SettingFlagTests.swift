import Foundation
import Programs
import Testing

/// Goal: what environment and file can say, a flag can say too; one that no flag carries would be a promise that nobody
/// keeps.
@Suite struct SettingFlagTests {
    private struct Shown: Decodable {
        let settings: [Line]

        struct Line: Decodable { let name, variable: String }
    }

    private func settings(of name: String, in folder: URL) throws -> [Shown.Line] {
        let outcome = try Program("storyfarm", "config", "show", name, "--json", in: folder).finish()
        return try JSONDecoder().decode(Shown.self, from: Data(outcome.output.utf8)).settings
    }

    @Test(arguments: [("worker", ["join", "--help"]), ("node", ["--help"])])
    func everySettingIsAFlagOfItsProgram(name: String, help: [String]) throws {
        try withFolder { folder in
            let help = try Program("storyfarm-\(name)", help, in: folder).finish().output
            let settings = try settings(of: name, in: folder)
            #expect(settings.count > 10)
            for setting in settings { #expect(help.contains("--\(setting.name)"), "\(setting.name)") }
        }
    }

    @Test(arguments: ["storyfarm-worker", "storyfarm-node"]) func aShellCanComplete(_ program: String) throws {
        try withFolder { folder in
            for shell in ["bash", "zsh", "fish"] {
                let outcome = try Program(program, "--generate-completion-script", shell, in: folder).finish()
                #expect(outcome.status == 0 && outcome.output.contains(program))
            }
        }
    }

    /// What is wrong in the environment is said by the variable's name, by each program.
    @Test(arguments: [
        ("storyfarm", ["list"], "STORYFARM_WORKERS"), ("storyfarm-coordinator", [], "STORYFARM_HTTP_PORT"),
        ("storyfarm-worker", ["doctor"], "STORYFARM_PRECISION"), ("storyfarm-node", [], "STORYFARM_CAPACITY"),
    ])
    func aWrongVariableIsNamed(program: String, arguments: [String], variable: String) throws {
        try withFolder { folder in
            let outcome = try Program(program, arguments, in: folder, environment: [variable: "x"]).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.hasPrefix("Error: \(variable): is 'x', expected "), "\(outcome.errors)")
        }
    }

    /// The farm's folder is the coordinator's own.
    @Test func anAgentLeavesACoordinatorsFolderAlone() throws {
        try withFolder { folder in
            for name in ["coordinator", "worker"] {
                _ = try Program("storyfarm", "keys", "new", name, in: folder).finish()
            }
            let outcome = try Program(
                "storyfarm-node",
                [
                    "--coordinator", "tcp://127.0.0.1:1", "--keys", "worker.key", "--server-key", "coordinator.pub",
                    "--cpu-only",
                ], in: folder, environment: ["STORYFARM_FOLDER": folder.path]
            ).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("is the coordinator's: name another one"))
        }
    }
}
