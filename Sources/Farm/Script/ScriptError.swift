/// Where something was said: in a file, or beside it.
public enum ScriptPlace: Equatable, Sendable {
    /// Both from 1; columns count Unicode scalars.
    case file(line: Int, column: Int)
    /// An override, as `blending.gamma=0.3`.
    case override(String)
}

/// Why a script can't be used, in one line for a person: `story.yaml:7:12: video.width: is 0, expected 1 to 4096`.
public struct ScriptError: Error, Equatable, Sendable, CustomStringConvertible {
    /// As it was named by whoever asked for it.
    public let file: String
    /// Nil where the file as a whole is at fault.
    public let place: ScriptPlace?
    /// With the keys that it lies in, as `segments.3.scene`, counting segments from 1; nil where no key is concerned.
    public let key: String?
    /// What was found, what was expected, and what to do where that is not the same.
    public let reason: String

    public init(file: String, place: ScriptPlace? = nil, key: String? = nil, reason: String) {
        self.file = file
        self.place = place
        self.key = key
        self.reason = reason
    }

    public var description: String {
        let origin =
            switch place {
            case nil: Excerpt.line(file)
            case .file(let line, let column): "\(Excerpt.line(file)):\(line):\(column)"
            case .override(let text): "--set \(Excerpt.line(text))"
            }
        return [origin, key, reason].compactMap { $0 }.joined(separator: ": ")
    }
}

/// Pieces of what others wrote, made fit for one line of an error.
enum Excerpt {
    private static let scalarsMax = 48

    /// In quotes, and cut.
    static func quoted(_ text: some StringProtocol) -> String {
        let cut = text.unicodeScalars.prefix(scalarsMax)
        return "'\(escaped(cut))\(cut.endIndex < text.unicodeScalars.endIndex ? "…" : "")'"
    }

    /// Cut only where nobody would read on.
    static func line(_ text: String) -> String { escaped(text.unicodeScalars.prefix(256)) }

    private static func escaped(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        scalars.reduce(into: "") { text, scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: text += Self.code(scalar)
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// As `U+000A`.
    static func code(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
