import ArgumentParser
import Console
import ControlAPI
import FarmFolder
import Foundation
import Logging

/// Who may ask a farm from elsewhere; changes hold from the next request on, without a restart.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Gives and takes back the tokens with which others ask a farm.",
        subcommands: [Add.self, List.self, Revoke.self])

    static func role(_ name: String) throws -> Role {
        guard let role = Role(rawValue: name) else {
            throw ValidationError("expected one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return role
    }

    struct Place: ParsableArguments {
        @Option(help: .setting(.folder), completion: .directory)
        var folder = Configuration.current.text(.folder)
        @Option(help: .setting(.tokens, valueName: "file"), completion: .file(extensions: ["json"]))
        var tokens: String?
        @Flag(help: "JSON for programs.")
        var json = false
        @OptionGroup
        var configuration: ConfigurationOptions

        var farm: FarmFolder { FarmFolder(folder) }

        var path: String { tokens ?? Configuration.current.optionalText(.tokens) ?? farm.tokens }

        /// Prints a form for programs, or lines for people.
        func show(_ form: some Encodable, _ lines: [String]) throws {
            guard json else { return lines.forEach { print($0) } }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .iso8601
            print(String(decoding: try encoder.encode(form), as: UTF8.self))
        }

        /// Into the farm's audit log, beside what is asked over HTTP.
        func note(_ wish: String, ofToken name: String) {
            guard FileManager.default.fileExists(atPath: farm.path) else { return }
            AuditNotes(file: farm.auditLog, logger: Logger(label: "storyfarm-coordinator"))
                .changed(token: name, by: NSUserName(), wish: wish)
        }

        /// A folder that nobody named has to be a farm's: a token of a list that no coordinator reads lets nobody in.
        private var isMistaken: Bool {
            let usual = Configuration.current[.folder]
            return path == farm.tokens && !usual.source.isGiven && [folder] == usual.texts
                && !FileManager.default.fileExists(atPath: farm.coordinatorKey)
        }

        /// What is wrong with a list or a name is wrong input.
        func ask<Answer>(_ body: (String) throws -> Answer) throws -> Answer {
            guard !isMistaken else {
                throw WrongInput(
                    "\(folder) is no farm's folder, it has no coordinator.key: name the farm's by --folder, on its "
                        + "coordinator's machine")
            }
            do { return try body(path) } catch let error as ControlAPIError { throw WrongInput(error.description) }
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a token and prints it; only its digest is kept.")

        @Argument(help: "By which it is revoked, as ann-laptop.")
        var name: String
        @Option(
            help: ArgumentHelp(
                "viewer: looks; submitter: hands in, and commands own stories; operator: everything.",
                valueName: "role"),
            transform: TokenCommand.role)
        var role: Role
        @Option(help: "Whose stories its bearer's are; by default the token's name.")
        var subject: String?
        @Option(help: "Days for which it is valid.")
        var days = 365
        @OptionGroup
        var place: Place

        private struct Made: Encodable {
            let name, subject: String
            let role: Role
            let expires: Date
            let token: String
        }

        func run() throws {
            guard 1...36_500 ~= days else { throw WrongInput("--days is \(days), expected 1 to 36500") }
            let expires = Date() + TimeInterval(days * 86_400)
            let token = try place.ask { path in
                // Also of a farm that has never run: it may not be opened to others before there are tokens.
                if path == place.farm.tokens { try place.farm.make() }
                return try TokenList.change(path) { list throws(ControlAPIError) in
                    try list.add(name, subject: subject ?? name, role: role, expires: expires)
                }
            }
            place.note(
                "\(role.rawValue) for \(subject ?? name) until \(expires.formatted(.iso8601))", ofToken: name)
            let made = Made(
                name: name, subject: subject ?? name, role: role, expires: expires, token: token)
            try place.show(made, [token])
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Says who has tokens; the tokens are not known.")

        @OptionGroup
        var place: Place

        func run() throws {
            let entries = try place.ask { try TokenList(contentsOf: $0).tokens }
            let now = Date()
            let lines = entries.map { entry in
                let end = entry.expires > now ? "until" : "expired"
                let date = entry.expires.formatted(.iso8601)
                return "\(entry.name)  \(entry.role.rawValue)  \(entry.subject)  \(end) \(date)"
            }
            try place.show(entries, lines)
            if entries.isEmpty, !place.json { note("\(place.path) has no tokens") }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a token back, at once.")

        @Argument(help: "Its name.")
        var name: String
        @OptionGroup
        var place: Place

        func run() throws {
            try place.ask { path in
                guard FileManager.default.fileExists(atPath: path) else {
                    throw WrongInput("\(path) is not there: no token was ever given, or it is another folder's")
                }
                try TokenList.change(path) { list throws(ControlAPIError) in try list.revoke(name) }
            }
            place.note("revoked", ofToken: name)
            try place.show(["revoked": name], ["\(name) is revoked"])
        }
    }
}
