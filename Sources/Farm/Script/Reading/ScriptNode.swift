/// A value of a script before anything is known about what it means, with its place.
///
/// Both formats are read into this, and overrides are laid into it, so that every check is made once.
struct ScriptNode: Sendable {
    enum Content: Sendable {
        /// As written, without quotes, and what it may stand for.
        case scalar(String, Scalar)
        case list([ScriptNode])
        case mapping([Entry])
    }

    /// What a scalar is by its looks.
    enum Scalar: Equatable, Sendable {
        case text
        case number
        case flag(Bool)
        case null
    }

    struct Entry: Sendable {
        let key: String
        let keyPlace: ScriptPlace
        var value: ScriptNode
    }

    var content: Content
    let place: ScriptPlace

    /// What was found, for an error.
    var words: String {
        switch content {
        case .scalar(_, .null): "empty"
        case .scalar(let text, .number): Excerpt.quoted(text).trimmingQuotes()
        case .scalar(_, .flag(let isOn)): isOn ? "a yes" : "a no"
        case .scalar(let text, .text): Excerpt.quoted(text)
        case .list: "a list"
        case .mapping: "a mapping"
        }
    }

    /// The value at `a.b`; elements of lists are counted from 1.
    subscript(path: ArraySlice<String>) -> ScriptNode? {
        guard let first = path.first else { return self }
        switch content {
        case .scalar: return nil
        case .list(let items):
            guard let number = Int(first), 1...items.count ~= number else { return nil }
            return items[number - 1][path.dropFirst()]
        case .mapping(let entries):
            return entries.first { $0.key == first }?.value[path.dropFirst()]
        }
    }
}

extension ScriptNode.Scalar {
    /// What a scalar without quotes is, by the rules of YAML that people expect: YAML 1.1's words for yes and no,
    /// and decimal numbers. Dates, sexagesimal, octal and hexadecimal numbers are texts.
    init(plain text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": self = .flag(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": self = .flag(false)
        default: self = Self.isNumber(text) ? .number : .text
        }
    }

    /// `[-+]? (0 | [1-9][0-9]*)? (. [0-9]+)? ([eE] [-+]? [0-9]+)?` with at least one digit before the exponent.
    private static func isNumber(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        func takeDigits() -> Int {
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            rest = rest.dropFirst(digits.count)
            return digits.count
        }
        func take(_ bytes: String) -> Bool {
            guard let first = rest.first, bytes.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = take("+-")
        let hasLeadingZero = rest.first == UInt8(ascii: "0")
        let whole = takeDigits()
        if hasLeadingZero && whole > 1 { return false }
        if take(".") {
            guard takeDigits() > 0 else { return false }
        } else if whole == 0 {
            return false
        }
        if take("eE") {
            _ = take("+-")
            guard takeDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}

extension String {
    fileprivate func trimmingQuotes() -> String { String(dropFirst().dropLast()) }
}
