/// Pieces of JSON, each always written the same way.
enum JSONText {
    /// In quotes.
    static func text(_ text: String) -> String {
        // Byte by byte: a story's texts are up to a MiB.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 2)
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20: bytes += "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
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
