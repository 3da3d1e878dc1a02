import Coordinator
import Foundation
import Testing

@testable import Console

/// Goal: everybody who says a value is heard in one order, and who says something wrong is told where.
@Suite struct ConfigurationTests {
    private let program = ProgramSettings(
        program: "storyfarm-sample", usualFile: "/nonexistent/sample.yaml",
        settings: [
            Setting("http-port", .integer(0...65_535), fallback: "0", "A port."),
            Setting("folder", .text, fallback: "here", "A folder."),
            Setting("model", .list(), "Models."),
            Setting("allow-simulated", .flag, fallback: "false", "A flag."),
            Setting("precision", .choice(["fp32", "bf16"]), "A choice."),
        ])

    private func setting(_ name: String) throws -> Setting {
        try #require(program.settings.first { $0.name == name })
    }

    /// - Parameter text: of a configuration file; nil for none.
    private func configuration(_ text: String?, _ environment: [String: String] = [:]) throws -> Configuration {
        guard let text else { return try Configuration(program, environment: environment) }
        let file = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        do {
            return try Configuration(program, file: file.path, environment: environment)
        } catch let error as WrongInput {
            throw WrongInput(error.description.replacing(file.path, with: "FILE"))
        }
    }

    @Test func theEnvironmentWinsOverTheFileAndThatOverWhatIsBuiltIn() throws {
        let port = try setting("http-port")
        #expect(try configuration(nil).integer(port) == 0)
        #expect(try configuration(nil)[port].source == .builtIn)
        let read = try configuration("# the farm's\nhttp-port: 8420\n")
        #expect(read.integer(port) == 8420)
        #expect("\(read[port].source)".hasSuffix(".yaml:2"))
        let both = try configuration("http-port: 8420\n", ["STORYFARM_HTTP_PORT": "8421"])
        #expect(both.integer(port) == 8421)
        #expect(both[port].source == .environment(variable: "STORYFARM_HTTP_PORT"))
        #expect(try configuration("http-port: 8420\n", ["STORYFARM_HTTP_PORT": ""]).integer(port) == 8420)
    }

    @Test func everyKindIsReadFromBoth() throws {
        let text = """
            folder: /srv/a  farm
            model: [/models/a, /models/b]
            allow-simulated: on
            precision: bf16
            """
        let read = try configuration(text)
        #expect(try read.text(setting("folder")) == "/srv/a  farm")
        #expect(try read.list(setting("model")) == ["/models/a", "/models/b"])
        #expect(try read.flag(setting("allow-simulated")))
        #expect(try read.optionalText(setting("precision")) == "bf16")
        let variables = try configuration(
            text, ["STORYFARM_MODEL": "/c:/d", "STORYFARM_ALLOW_SIMULATED": "0", "STORYFARM_PRECISION": "fp32"])
        #expect(try variables.list(setting("model")) == ["/c", "/d"])
        #expect(try !variables.flag(setting("allow-simulated")))
        #expect(try variables.optionalText(setting("precision")) == "fp32")
        #expect(try configuration("model: /models/a").list(setting("model")) == ["/models/a"])
    }

    @Test(arguments: ["", "# nothing yet\n", "{}"]) func aFileMaySayNothing(_ text: String) throws {
        #expect(try configuration(text).text(setting("folder")) == "here")
    }

    @Test(arguments: [
        ("htp-port: 1", "FILE:1:1: 'htp-port': is no key of this configuration; did you mean 'http-port'?"),
        ("folder: a\nhttp-port: 70000", "FILE:2:12: http-port: is '70000', expected a whole number from 0 to 65535"),
        ("http-port: [1]", "FILE:1:12: http-port: is a list, expected one value"),
        ("allow-simulated: perhaps", "FILE:1:18: allow-simulated: is 'perhaps', expected true or false"),
        ("precision: fp8", "FILE:1:12: precision: is 'fp8', expected fp32 or bf16"),
        ("folder:", "FILE:1:8: folder: is empty"),
        ("folder: { a: b }", "FILE:1:9: folder: is a mapping, expected a value"),
        ("folder: a\nfolder: b", "FILE:2:1: 'folder': is given twice, first in line 1"),
        ("model: [[a]]", "FILE:1:9: model: is a list, expected a text"),
    ])
    func whatIsWrongInAFileIsSaidWithItsPlace(text: String, words: String) {
        #expect(throws: WrongInput(words)) { try configuration(text) }
    }

    @Test func whatIsWrongInTheEnvironmentNamesTheVariable() {
        #expect(throws: WrongInput("STORYFARM_HTTP_PORT: is 'x', expected a whole number from 0 to 65535")) {
            try configuration(nil, ["STORYFARM_HTTP_PORT": "x"])
        }
    }

    @Test func aFileThatSomebodyNamedHasToBeThere() {
        #expect(throws: WrongInput("/nonexistent/other.yaml: No such file or directory")) {
            try Configuration(program, environment: ["STORYFARM_CONFIG": "/nonexistent/other.yaml"])
        }
    }

    @Test func theLastFlagNamesTheFile() {
        #expect(ConfigurationOptions.file(in: ["join", "--config", "a", "--config=b", "--", "--config", "c"]) == "b")
        #expect(ConfigurationOptions.file(in: ["join", "--config"]) == nil)
    }

    @Test(arguments: ProgramSettings.all.map(\.program)) func aProgramsNamesAreItsOwnAndWhatIsBuiltInIsRight(
        _ name: String
    ) throws {
        let program = try #require(ProgramSettings.all.first { $0.program == name })
        #expect(Set(program.settings.map(\.name)).count == program.settings.count)
        for setting in program.settings {
            #expect(setting.fallback.flatMap(setting.objection) == nil, "\(setting.name)")
        }
    }
}

/// Goal: what is built in is what the services have.
@Suite struct BuiltInTests {
    @Test func quotasAreAsUsual() {
        let configuration = Configuration()
        #expect(configuration.integer(.quotaStories) == SubmitterQuota.usual.stories)
        #expect(configuration.integer(.quotaSegments) == SubmitterQuota.usual.segments)
        #expect(configuration.integer(.quotaMebibytes) == 0 && SubmitterQuota.usual.bytes == .max)
    }
}

/// Goal: colour for eyes alone.
@Suite struct PaintTests {
    @Test func onlyATerminalHasColourAndOnlyWhereNobodyMinds() {
        #expect(Paint.isWanted(isTerminal: true, environment: ["TERM": "xterm"]))
        #expect(Paint.isWanted(isTerminal: true, environment: ["NO_COLOR": ""]))
        #expect(!Paint.isWanted(isTerminal: true, environment: ["NO_COLOR": "1"]))
        #expect(!Paint.isWanted(isTerminal: true, environment: ["TERM": "dumb"]))
        #expect(!Paint.isWanted(isTerminal: false, environment: ["TERM": "xterm"]))
        #expect(Paint(isOn: true)("ok", .green) == "\u{1B}[32mok\u{1B}[0m")
        #expect(Paint(isOn: false)("ok", .green) == "ok")
    }
}
