/// Pieces of JSON, each always written the same way.
enum JSONText {
    /// In quotes.
    static func text(_ text: String) -> String {
        let escaped = text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return "\"\(escaped)\""
    }

    /// The fewest digits that give the same number again.
    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }

    static func word(_ choice: some RawRepresentable<String>) -> String { text(choice.rawValue) }

    static func guidance(_ guidance: Guidance) -> String {
        switch guidance {
        case .constant(let value): number(value)
        case .perStep(let values): "[\(values.map(number).joined(separator: ", "))]"
        }
    }

    static func segment(_ segment: StorySegment) -> String {
        let seed = segment.seed.map { ", \"seed\": \($0)" } ?? ""
        return "{\"scene\": \(text(segment.scene)), \"action\": \(text(segment.action))\(seed)}"
    }

    /// A key and its mapping; nil is `off`.
    static func member(_ key: String, _ values: [(String, String)]?) -> String {
        let content = values.map { "{\($0.map { "\"\($0)\": \($1)" }.joined(separator: ", "))}" }
        return "\"\(key)\": \(content ?? "\"off\"")"
    }
}
