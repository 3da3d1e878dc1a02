public import ArgumentParser

/// One thing that a flag, an environment variable or a configuration file can say, all by the same name: `--http-port`,
/// `STORYFARM_HTTP_PORT` and `http-port:`.
///
/// A flag wins over the environment, the environment over the file, the file over what is built in.
public struct Setting: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case text
        /// Several texts; in the environment with this between them: colons, as in PATH, where they are folders.
        case list(separator: Character = ":")
        case flag
        case integer(ClosedRange<Int>)
        case choice([String])
    }

    /// As in "http-port".
    public let name: String
    public let kind: Kind
    /// What holds where nobody says anything; nil where that is something else than a value.
    public let fallback: String?
    /// One sentence for a person.
    public let meaning: String

    public init(_ name: String, _ kind: Kind, fallback: String? = nil, _ meaning: String) {
        (self.name, self.kind, self.fallback, self.meaning) = (name, kind, fallback, meaning)
    }

    /// As in "STORYFARM_HTTP_PORT".
    public var variable: String {
        "STORYFARM_" + name.uppercased().replacing("-", with: "_")
    }

    /// Between the texts of a list in the environment; nil for what is none.
    var separator: Character? { if case .list(let separator) = kind { separator } else { nil } }

    // MARK: Values

    /// - Parameter text: as the environment or a file has it.
    /// - Returns: what was expected instead; nil where the text is all right.
    func objection(to text: String) -> String? {
        switch kind {
        case .text, .list: text.isEmpty ? "expected a text" : nil
        case .flag: Self.flag(text) == nil ? "expected true or false" : nil
        case .integer(let range): Int(text).map(range.contains) == true ? nil : "expected \(Self.words(range))"
        case .choice(let words): words.contains(text) ? nil : "expected \(Self.words(words))"
        }
    }

    /// Checks what a flag said.
    ///
    /// - Throws: `WrongInput` naming the flag and what was expected.
    public func check(_ value: some CustomStringConvertible) throws {
        if let objection = objection(to: "\(value)") { throw WrongInput("--\(name) is \(value), \(objection)") }
    }

    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }

    private static func words(_ choices: [String]) -> String {
        let last = choices.last ?? ""
        return choices.count < 2 ? last : "\(choices.dropLast().joined(separator: ", ")) or \(last)"
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        range.upperBound == .max
            ? "a whole number of at least \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
}

extension ArgumentHelp {
    /// The setting's meaning, as help of the flag of the same name.
    public static func setting(_ setting: Setting, valueName: String? = nil) -> ArgumentHelp {
        ArgumentHelp(setting.meaning, valueName: valueName)
    }
}

extension CompletionKind {
    /// The words that a setting may be.
    public static func setting(_ setting: Setting) -> CompletionKind {
        if case .choice(let words) = setting.kind { .list(words) } else { .default }
    }
}
