import FarmStandIn
import Foundation
import Programs
import Testing

/// Goal: flag, environment, file and what is built in are heard in that order by the programs themselves.
@Suite struct ConfigTests {
    private struct Shown: Decodable {
        let program: String
        let settings: [Line]

        struct Line: Decodable {
            let name: String
            let values: [String]
            let source: String
        }
    }

    private func shown(_ arguments: [String], in folder: URL, _ environment: [String: String]) throws -> Shown {
        let outcome = try Program(
            "storyfarm", ["config", "show", "--json"] + arguments, in: folder, environment: environment
        ).finish()
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try outcome.form(Shown.self)
    }

    @Test func everyValueIsShownWithWhoSaidIt() throws {
        try withFolder { folder in
            let file = folder.appending(path: "storyfarm/config.yaml")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("# ours\nworkers: 3\nmodel: /models/a\n".utf8).write(to: file)
            let environment = ["XDG_CONFIG_HOME": folder.path, "STORYFARM_MODEL": "/models/b"]
            let lines = try shown([], in: folder, environment).settings
            let workers = try #require(lines.first { $0.name == "workers" })
            #expect(workers.values == ["3"] && workers.source == "\(file.path):2")
            let model = try #require(lines.first { $0.name == "model" })
            #expect(model.values == ["/models/b"] && model.source == "STORYFARM_MODEL")
            #expect(lines.first { $0.name == "threads" }?.source == "default")
        }
    }

    @Test func otherProgramsFilesAreShownAsTheyWouldReadThem() throws {
        try withFolder { folder in
            let file = folder.appending(path: "coordinator.yaml")
            try Data("http-port: 8420\n".utf8).write(to: file)
            let form = try shown(["coordinator", "--file", file.path], in: folder, [:])
            #expect(form.program == "storyfarm-coordinator")
            #expect(form.settings.first { $0.name == "http-port" }?.values == ["8420"])
        }
    }

    @Test func aFlagWinsAndAWrongFileIsNamedWithItsLine() async throws {
        try await withServedFarm { served in
            let file = served.folder.appending(path: "config.yaml")
            try Data("farm: /nonexistent/farm.json\n".utf8).write(to: file)
            let environment = ["STORYFARM_CONFIG": file.path]
            let lost = try await Program.run("storyfarm", ["list"], in: served.folder, environment: environment)
            #expect(lost.status == 3)
            #expect(lost.errors.contains("/nonexistent/farm.json"))
            let found = try await Program.run(
                "storyfarm", ["list", "--farm", served.connectionFile], in: served.folder, environment: environment)
            #expect(found.status == 0, "\(found.errors)")
            try Data("farm: a\nfram: b\n".utf8).write(to: file)
            let wrong = try await Program.run("storyfarm", ["list"], in: served.folder, environment: environment)
            #expect(wrong.status == 2)
            let words = "\(file.path):2:1: 'fram': is no key of this configuration; did you mean 'farm'?"
            #expect(wrong.errors == "Error: \(words)\n")
            let help = try await Program.run(
                "storyfarm", ["list", "--help"], in: served.folder, environment: environment)
            #expect(help.status == 0, "help is shown in any case")
        }
    }

    /// A setting that no flag carries would be a promise that nobody keeps.
    @Test(arguments: [("coordinator", ["run"]), ("storyfarm", ["render"])])
    func everySettingIsAFlagOfItsProgram(name: String, command: [String]) throws {
        try withFolder { folder in
            let program = name == "storyfarm" ? name : "storyfarm-\(name)"
            var help = try Program(program, command + ["--help"], in: folder).finish().output
            for other in name == "storyfarm" ? ["list", "autoscale"] : [] {
                help += try Program(program, [other, "--help"], in: folder).finish().output
            }
            for line in try shown([name], in: folder, [:]).settings { #expect(help.contains("--\(line.name)")) }
        }
    }

    @Test(arguments: ["storyfarm", "storyfarm-coordinator"]) func aProgramSaysWhichItIs(_ program: String) throws {
        try withFolder { folder in
            let outcome = try Program(program, "--version", in: folder).finish()
            #expect(outcome.status == 0 && outcome.output == "StoryFarm 1\n")
        }
    }

    @Test(arguments: [
        (["lst"], "Error: Unexpected argument 'lst'; see 'storyfarm --help'\n"),
        (["list", "--limit"], "Error: Missing value for '--limit <limit>'; see 'storyfarm list --help'\n"),
        (["scale"], "Error: expected storyfarm scale NODE N, or storyfarm scale --all N\n"),
    ])
    func aSlipIsSaidWithWhereToLook(arguments: [String], words: String) throws {
        try withFolder { folder in
            let outcome = try Program("storyfarm", arguments, in: folder).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors == words)
        }
    }

    @Test func placesFollowHome() throws {
        try withFolder { folder in
            let form = try shown([], in: folder, ["HOME": folder.path, "XDG_DATA_HOME": ""])
            #expect(
                form.settings.first { $0.name == "farm" }?.values == ["\(folder.path)/.local/share/storyfarm/farm.json"]
            )
        }
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func aShellCanComplete(_ shell: String) throws {
        try withFolder { folder in
            for program in ["storyfarm", "storyfarm-coordinator"] {
                let outcome = try Program(program, "--generate-completion-script", shell, in: folder).finish()
                #expect(outcome.status == 0)
                #expect(outcome.output.contains(program))
            }
        }
    }
}
