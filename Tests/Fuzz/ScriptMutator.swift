import WireSamples

/// Draws hostile story scripts: sound ones with something broken in them, tokens in any order, and random bytes.
struct ScriptMutator {
    var generator: SeededGenerator

    mutating func script() -> [UInt8] {
        switch pick(0..<10) {
        case 0: return (0..<pick(0..<200)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        case 1: return Array(tokens(pick(0..<60)).utf8)
        case 2: return Array(String(repeating: any(Self.pieces), count: pick(0..<4000)).utf8)
        default: break
        }
        var text = Array((pick(0..<2) == 0 ? yaml() : json()).utf8)
        switch pick(0..<6) {
        case 0: for _ in 0..<pick(1..<9) where !text.isEmpty { text[pick(0..<text.count)] ^= 1 << UInt8(pick(0..<8)) }
        case 1: text.removeLast(pick(1..<text.count + 1))
        case 2: text.insert(contentsOf: any(Self.pieces).utf8, at: pick(0..<text.count + 1))
        case 3:
            let start = pick(0..<text.count)
            text.insert(contentsOf: text[start..<min(text.count, start + 40)], at: pick(0..<text.count + 1))
        default: break
        }
        return text
    }

    /// What `--set` might be given.
    mutating func override() -> String {
        let value = pick(0..<3) == 0 ? any(Self.pieces) : any(Self.values)
        return pick(0..<8) == 0 ? tokens(3) : "\(any(Self.paths))=\(value)"
    }

    // MARK: Sound scripts, nearly

    private mutating func yaml() -> String {
        var lines = pick(0..<3) == 0 ? "title: \(value(["a day", "'7'", "\"\\e\"", "ä"]))\n" : ""
        for (name, members) in Self.parts where pick(0..<2) == 0 {
            let chosen = members.filter { _ in pick(0..<2) == 0 }.map { "\($0.key): \(value($0.sound))" }
            lines += pick(0..<6) == 0 ? "\(name): off\n" : "\(name): { \(chosen.joined(separator: ", ")) }\n"
        }
        lines += "segments:\n"
        for _ in 0..<pick(1..<4) {
            lines +=
                "- scene: \(any(Self.texts))\n  action: \(pick(0..<8) == 0 ? any(Self.wrongTexts) : any(Self.texts))\n"
        }
        return lines
    }

    private mutating func json() -> String {
        var members = [#""title": "\#(any(["a", "\\u00e4", "\\ud83e\\udd8a", "\\ud83e", "a\\n", "\u{1F98A}"]))""#]
        for (name, keys) in Self.parts where pick(0..<2) == 0 {
            let chosen = keys.filter { _ in pick(0..<2) == 0 }.map { key in
                let text = value(key.sound)
                let isWord = text.first.map { $0.isLetter } == true && text != "null" && text != "off"
                return "\"\(key.key)\": \(isWord ? "\"\(text)\"" : text.replacing("'", with: "\""))"
            }
            members.append("\"\(name)\": {\(chosen.joined(separator: ","))}")
        }
        members.append(#""segments": [{"scene": "a \"b\"", "action": "c\\d"}]"#)
        return "{\(members.joined(separator: ", "))}"
    }

    /// Mostly one of those that fit.
    private mutating func value(_ sound: [String]) -> String { pick(0..<24) == 0 ? any(Self.values) : any(sound) }

    private mutating func tokens(_ count: Int) -> String { (0..<count).map { _ in any(Self.pieces) }.joined() }

    private typealias Member = (key: String, sound: [String])
    private static let parts: [(String, [Member])] = [
        ("video", [("width", ["16", "4096"]), ("height", ["1", "480"]), ("frames", ["25"]), ("fps", ["1", "120"])]),
        (
            "sampling",
            [
                ("steps", ["2", "64", "1000"]), ("guidance", ["4.5", "0", "1e1"]), ("negative", ["''", "dark", "'7'"]),
                ("seed", ["0", "18446744073709551615"]),
            ]
        ),
        (
            "weighting",
            [
                ("prompt", ["both", "joined"]), ("alignment", ["1", "0.25"]), ("prior", ["-0", "100", "1E-3"]),
                ("temperature", ["0.5", "1e-2"]), ("preview", ["exact", "linear"]), ("mask", ["union"]),
            ]
        ),
        (
            "blending",
            [
                ("gamma", ["0", "0.25", "0.5"]), ("decay", ["0.9"]), ("handoff", ["final"]), ("until", ["0.975"]),
                ("space", ["latent"]), ("strength", ["step", "once", "path"]),
            ]
        ),
        ("sar", [("pairing", ["within", "across"]), ("gate", ["none", "scene"])]),
    ]
    private static let paths = [
        "title", "video.width", "sampling.guidance", "blending.gamma", "blending", "sar.gate", "segments.1.scene",
        "segments", "segments.1", "segments.0.scene", "weighting.prompt", "a.b.c.d.e.f", ".", "",
    ]
    /// Some of each are right somewhere.
    private static let values = [
        "1", "2", "0.5", "25", "-0", "1e1", "[4.5, 3]", "both", "stream", "path", "step", "within", "none", "x", "''",
        "\"a\"", "1e999", "99999999999999999999", ".nan", "~", "off", "[]", "{}", "frame0", "union", "latent",
    ]
    private static let texts = [
        "a fox", "'a  fox'", "\"a\\tfox\"", "|\n    a\n    b", "ä \u{1F98A}", "\u{A0}a", "a # b", "R&B *night*",
        "\"\\u2028a\"",
    ]
    private static let wrongTexts = [
        "a fox: runs", "7", "no", "\"\\0\"", "&a b", "*a", "a\u{2028}b", "\"\\u2029\"", "''",
    ]
    private static let pieces = [
        "[", "]", "{", "}", ",", ": ", "- ", "? ", "&a ", "*a ", "!t ", "!!str ", "'", "\"", "\\", "#", "|\n", ">\n",
        "\n",
        "\r\n", "\t", "  ", "%YAML 1.1\n", "---\n", "...\n", "title", "segments", "scene: a\n", "0", "~", "<<: ",
        "\u{0}",
        "\u{85}", "\u{2028}", "\u{FEFF}", "@", "`", "\u{1F98A}",
    ]

    // MARK: Chance

    private mutating func any(_ choices: [String]) -> String { choices[pick(0..<choices.count)] }

    private mutating func pick(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
}
