import Foundation
import Script

/// What environment and configuration file say to a program, read once at its start.
///
/// Flags have these values as their defaults, so that a flag wins without anything being compared:
///
/// ```swift
/// @Option(help: .setting(.httpPort)) var httpPort = Configuration.current.integer(.httpPort)
/// ```
public struct Configuration: Sendable {
    /// Who said a value.
    public enum Source: Equatable, Sendable, CustomStringConvertible {
        case environment(variable: String)
        case file(String, line: Int)
        case builtIn

        public var description: String {
            switch self {
            case .environment(let variable): variable
            case .file(let path, let line): "\(path):\(line)"
            case .builtIn: "default"
            }
        }

        /// Whether somebody wanted it so.
        public var isGiven: Bool { self != .builtIn }
    }

    public struct Value: Equatable, Sendable {
        /// None where nobody says anything and nothing is built in.
        public let texts: [String]
        public let source: Source
    }

    /// The running program's. What is built in, where a program has none.
    @TaskLocal public static var current = Configuration()

    /// The file that was read; nil where there is none.
    public let file: String?
    private let values: [String: Value]

    /// The variable that names the file where no flag does.
    public static let fileVariable = "STORYFARM_CONFIG"

    init() { (file, values) = (nil, [:]) }

    /// - Parameters:
    ///   - file: has to be there; nil for the usual one, which need not.
    ///   - environment: an empty variable says nothing.
    /// - Throws: `WrongInput` naming the variable, or the file with line and column.
    public init(_ program: ProgramSettings, file: String? = nil, environment: [String: String]) throws {
        let path = file ?? environment[Self.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
        let isThere = FileManager.default.fileExists(atPath: program.usualFile)
        self.file = path ?? (isThere ? program.usualFile : nil)
        do throws(ScriptError) {
            let read = try self.file.map { (path) throws(ScriptError) in
                try SettingsFile(contentsOf: path, keys: program.settings.map(\.name))
            }
            var values: [String: Value] = [:]
            for setting in program.settings {
                values[setting.name] = try read.flatMap { (file) throws(ScriptError) in try setting.value(in: file) }
            }
            for setting in program.settings {
                guard let text = environment[setting.variable], !text.isEmpty else { continue }
                values[setting.name] = try setting.value(ofVariable: text)
            }
            self.values = values
        } catch {
            throw WrongInput(error.description)
        }
    }

    /// A value with who said it.
    public subscript(setting: Setting) -> Value {
        values[setting.name] ?? Value(texts: setting.fallback.map { [$0] } ?? [], source: .builtIn)
    }

    // MARK: As flags want them

    /// Of a setting that has a fallback.
    public func text(_ setting: Setting) -> String {
        guard let text = optionalText(setting) else { preconditionFailure("nothing is built in for \(setting.name)") }
        return text
    }

    public func optionalText(_ setting: Setting) -> String? { self[setting].texts.first }

    public func integer(_ setting: Setting) -> Int {
        guard let value = optionalInteger(setting) else { preconditionFailure("\(setting.name) is no number") }
        return value
    }

    public func optionalInteger(_ setting: Setting) -> Int? { self[setting].texts.first.flatMap { Int($0) } }

    public func flag(_ setting: Setting) -> Bool { self[setting].texts.first.flatMap(Setting.flag) ?? false }

    public func list(_ setting: Setting) -> [String] { self[setting].texts }
}

extension Setting {
    /// - Throws: `ScriptError` at the value's place.
    fileprivate func value(in file: SettingsFile) throws(ScriptError) -> Configuration.Value? {
        guard let value = file[name] else { return nil }
        guard !value.isList || separator != nil else { throw file.error(name, "is a list, expected one value") }
        for text in value.texts {
            if let objection = objection(to: text) { throw file.error(name, "is '\(text)', \(objection)") }
        }
        return Configuration.Value(texts: value.texts, source: .file(file.file, line: value.line))
    }

    fileprivate func value(ofVariable text: String) throws(ScriptError) -> Configuration.Value {
        let texts = separator.map { text.split(separator: $0).map(String.init) } ?? [text]
        for text in texts {
            if let objection = objection(to: text) {
                throw ScriptError(file: variable, reason: "is '\(text)', \(objection)")
            }
        }
        return Configuration.Value(texts: texts, source: .environment(variable: variable))
    }
}
