/// Reads JSON as RFC 8259 has it, with the places of all values.
///
/// YAML claims to contain JSON, but libyaml does not: it knows no surrogate pairs, which most writers of JSON use.
struct JSONReader {
    private let source: ScriptSource
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var column = 1
    private var values = 0

    /// - Returns: nil for a text of nothing but white space.
    static func read(_ source: ScriptSource) throws(ScriptError) -> ScriptNode? {
        var reader = JSONReader(source)
        reader.skipBlanks()
        guard reader.peek != nil else { return nil }
        let root = try reader.value(depth: 1)
        reader.skipBlanks()
        guard reader.peek == nil else { throw reader.refusal("more follows where the story ended") }
        return root
    }

    private init(_ source: ScriptSource) {
        self.source = source
        bytes = source.bytes
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(ScriptError) -> ScriptNode {
        let place = place
        values += 1
        guard values <= ScriptLimits.values else { throw refusal("has more than \(ScriptLimits.values) values") }
        let content: ScriptNode.Content
        switch peek {
        case UInt8(ascii: "{"): content = .mapping(try mapping(depth: depth))
        case UInt8(ascii: "["): content = .list(try list(depth: depth))
        case UInt8(ascii: "\""): content = .scalar(try string(), .text)
        case nil: throw refusal("ends where a value is expected")
        default:
            let word = word()
            switch word {
            case "true": content = .scalar(word, .flag(true))
            case "false": content = .scalar(word, .flag(false))
            case "null": content = .scalar(word, .null)
            default:
                guard ScriptNode.Scalar(plain: word) == .number, word.first != "+", word.first != "." else {
                    throw ScriptError(
                        file: source.file, place: place,
                        reason: "is no JSON: \(Excerpt.quoted(word)), expected a value; texts need double quotes")
                }
                content = .scalar(word, .number)
            }
        }
        return ScriptNode(content: content, place: place)
    }

    private mutating func list(depth: Int) throws(ScriptError) -> [ScriptNode] {
        var items: [ScriptNode] = []
        try enter(depth)
        if take("]") { return items }
        while true {
            items.append(try value(depth: depth + 1))
            skipBlanks()
            if take("]") { return items }
            try expect(",", "',' or ']'")
        }
    }

    private mutating func mapping(depth: Int) throws(ScriptError) -> [ScriptNode.Entry] {
        var entries: [ScriptNode.Entry] = []
        try enter(depth)
        if take("}") { return entries }
        while true {
            let place = place
            guard peek == UInt8(ascii: "\"") else { throw refusal("is no JSON: expected a key in double quotes") }
            let key = try string()
            skipBlanks()
            try expect(":", "':'")
            let value = try value(depth: depth + 1)
            entries.append(ScriptNode.Entry(key: key, keyPlace: place, value: value))
            skipBlanks()
            if take("}") { return entries }
            try expect(",", "',' or '}'")
        }
    }

    private mutating func enter(_ depth: Int) throws(ScriptError) {
        guard depth <= ScriptLimits.depth else { throw refusal("is nested more than \(ScriptLimits.depth) deep") }
        advance()
        skipBlanks()
    }

    /// What stands until the next delimiter; at least one byte, so that an error has something to show.
    private mutating func word() -> String {
        let start = index
        while let byte = peek, index == start || !Self.delimiters.contains(byte) { advance() }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static let delimiters = Set(" \t\r\n,:[]{}\"".utf8)

    // MARK: Strings

    private mutating func string() throws(ScriptError) -> String {
        var text: [UInt8] = []
        advance()
        while true {
            switch peek {
            case nil, UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                throw refusal("is no JSON: a text goes on here without its closing quote")
            case UInt8(ascii: "\""):
                advance()
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += UTF8.encode(try escape())!
            case _?:
                let start = index
                repeat {
                    column += bytes[index] & 0xc0 != 0x80 ? 1 : 0
                    index += 1
                } while index < bytes.count && !Self.endsRun(bytes[index])
                text += bytes[start..<index]
            }
        }
    }

    private static func endsRun(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape() throws(ScriptError) -> Unicode.Scalar {
        let start = place
        advance()
        let letter = peek
        advance()
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter ?? 0)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            if let first = codeUnit() {
                if let scalar = Unicode.Scalar(first) { return scalar }
                if UTF16.isLeadSurrogate(first), take("\\"), take("u"), let second = codeUnit(),
                    UTF16.isTrailSurrogate(second)
                {
                    return UTF16.decode(UTF16.EncodedScalar([first, second]))
                }
            }
        default: break
        }
        throw ScriptError(file: source.file, place: start, reason: "is no JSON: an escape that stands for nothing")
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit() -> UInt16? {
        guard index + 4 <= bytes.count else { return nil }
        let digits = bytes[index..<index + 4]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        for _ in 0..<4 { advance() }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    // MARK: Bytes

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func advance() {
        guard let byte = peek else { return }
        index += 1
        if byte == UInt8(ascii: "\n") || (byte == UInt8(ascii: "\r") && peek != UInt8(ascii: "\n")) {
            (line, column) = (line + 1, 1)
        } else if byte & 0xc0 != 0x80 {
            column += 1
        }
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { advance() }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        advance()
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar, _ words: String) throws(ScriptError) {
        guard take(character) else { throw refusal("is no JSON: expected \(words)") }
        skipBlanks()
    }

    private var place: ScriptPlace { source.place(line: line, column: column) }

    private func refusal(_ reason: String) -> ScriptError {
        ScriptError(file: source.file, place: place, reason: reason)
    }
}
