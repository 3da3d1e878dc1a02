import Foundation
import Testing

@testable import Script

/// Goal: what is no script costs nothing but its error. Method: the ways in which YAML and JSON are known to hurt.
@Suite struct HostileTextTests {
    @Test(arguments: [
        ("title: &a x\nsegments: []", "1:8: has the anchor &a, which a story can't have"),
        ("title: *a\nsegments: []", "1:8: has the alias *a, expected its value"),
        ("segments: &s\n- { scene: a, action: b }", "1:11: has the anchor &s"),
        ("&root\ntitle: x", "1:1: has the anchor &root"),
        ("<<: *base\ntitle: x", "1:5: has the alias *base"),
        ("? *a\n: x", "1:3: has the alias *a"),
        ("title: !!str 7", "1:8: has the tag tag:yaml.org,2002:str, which a story can't have"),
        ("title: !!binary aGVsbG8=", "1:8: has the tag tag:yaml.org,2002:binary"),
        ("title: ! x", "1:8: has the tag !"),
        ("!!map\ntitle: x", "1:1: has the tag tag:yaml.org,2002:map"),
        ("segments: !python/object:os.system []", "1:11: has the tag !python/object:os.system"),
        ("title: a\n---\ntitle: b", "2:1: a second document begins here, expected one story per file"),
        ("title: a\n...\n---\n...\n", "3:1: a second document begins here"),
        ("[a, b]: c", "1:1: a key is a list or a mapping, expected a word"),
        ("? {a: b}\n: c", "1:3: a key is a list or a mapping, expected a word"),
        ("title: [a", "is no YAML: while parsing a flow sequence, did not find expected ',' or ']'"),
        ("title: a\n  b: c", "2:4: is no YAML: mapping values are not allowed in this context"),
        ("\ttitle: a", "1:1: is no YAML: while scanning for the next token, found character that cannot start any"),
        ("title: 'a", "is no YAML: while scanning a quoted scalar, found unexpected end of stream"),
        ("title: \"\\ud83e\\udd8a\"", "is no YAML: while parsing a quoted scalar, found invalid Unicode character"),
        ("%YAML 3.0\n--- a", "is no YAML"), ("title: @a", "is no YAML"), ("title: `a`", "is no YAML"),
    ])
    func whatAStoryHasNoUseForIsRefused(text: String, says: String) {
        let said = refusal(of: text)
        #expect(said.hasPrefix("story.yaml:") && said.contains(says), "\(said)")
    }

    @Test(arguments: [
        ("{", "1:2: is no JSON: expected a key in double quotes"), ("[1", "1:3: is no JSON: expected ',' or ']'"),
        ("{\"a\" 1}", "1:6: is no JSON: expected ':'"), ("{\"a\": 1 \"b\"}", "1:9: is no JSON: expected ',' or '}'"),
        ("{\"a\": 1,}", "1:9: is no JSON: expected a key in double quotes"),
        ("{'a': 1}", "1:2: is no JSON: expected a k"),
        ("{\"a\":", "1:6: ends where a value is expected"), ("{} {}", "1:4: more follows where the story ended"),
        ("{\"a\": yes}", "1:7: is no JSON: 'yes', expected a value; texts need double quotes"),
        ("{\"a\": +1}", "1:7: is no JSON: '+1', expected a value"), ("{\"a\": .5}", "1:7: is no JSON: '.5'"),
        ("{\"a\": 01}", "1:7: is no JSON: '01'"), ("{\"a\": NaN}", "1:7: is no JSON: 'NaN'"),
        ("{\"a\": nul}", "1:7: is no JSON: 'nul'"), ("{\"a\": ,}", "1:7: is no JSON: ','"),
        ("{\"a\": \"b\nc\"}", "1:9: is no JSON: a text goes on here without its closing quote"),
        ("{\"a\": \"b", "1:9: is no JSON: a text goes on here without its closing quote"),
        ("{\"a\": \"\\x\"}", "1:8: is no JSON: an escape that stands for nothing"),
        ("{\"a\": \"\\ud83e\"}", "1:8: is no JSON: an escape"), ("{\"a\": \"\\udd8a\"}", "1:8: is no JSON: an escape"),
        ("{\"a\": \"\\ud83e\\u0041\"}", "is no JSON: an escape"), ("{\"a\": \"\\u12\"}", "1:8: is no JSON: an escape"),
        ("{\"a\": \"\\u+123\"}", "1:8: is no JSON: an escape"), ("// a\n{}", "1:1: is no JSON: '//'"),
        ("{\"title\": \"\\u0000\", \"segments\": []}", "1:11: title: has the control character U+0000"),
        (" \n ", "story.yaml: is empty"), ("{\n \"\u{1F98A}\": 1, \"b\" }", "2:14: is no JSON: expected ':'"),
    ])
    func jsonIsReadStrictly(text: String, says: String) {
        let said = refusal(of: text, as: .json)
        #expect(said.contains(says), "\(said)")
    }

    /// Nine levels of nine aliases each: a billion values, were they expanded.
    @Test(arguments: [false, true])
    func bombsAreRefusedAtTheirFirstAnchor(asKeys: Bool) {
        var text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
        for (name, last) in zip("bcdefghi", "abcdefgh") {
            let items = Array(repeating: "*\(last)", count: 9).joined(separator: ", ")
            text += asKeys ? "? &\(name) [\(items)]\n: x\n" : "\(name): &\(name) [\(items)]\n"
        }
        #expect(refusal(of: text).hasPrefix("story.yaml:1:4: has the anchor &a"))
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "[{a: ", "{? "])
    func deepNestingIsRefusedWhereItBegins(opening: String) {
        let text = String(repeating: opening, count: 1 << 17)
        let said = refusal(of: text)
        #expect(said.contains("deep") || said.contains("a key is a list or a mapping"), "\(said)")
        if opening.hasPrefix("[") {
            #expect(refusal(of: text, as: .json).contains("deep") || opening.count > 1)
        }
    }

    /// What keeps a scanner busy: brackets, possible keys and long lines up to the limit of a script.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "[]", "[],", "a: ", "- ", "\"\": ", "'' ", "# \n", "-\n", "a\n", ", ", ": ", "|\n", "\\", "\u{85}", "&a ",
            "!",
        ])
    func aMegabyteOfAnythingIsRefusedSoon(piece: String) {
        let text = "x: [" + String(repeating: piece, count: (ScriptLimits.scriptBytes - 4) / piece.utf8.count)
        _ = refusal(of: text)
        _ = refusal(of: text, as: .json)
        _ = refusal(of: piece + text.dropFirst(8))
    }

    @Test(
        arguments: [
            ([0x00], "1:1: has the control character U+0000"),
            ([0x61, 0x0d, 0x0a, 0x1b], "2:1: has the control character U+001B"),
            ([0xff, 0xfe, 0x61, 0x00], "1:1: is no UTF-8 from here on"),
            ([0x61, 0xc0, 0x80], "1:2: is no UTF-8 from here on"),
            ([0x61, 0x0a, 0xed, 0xa0, 0x80], "2:1: is no UTF-8"), ([0xc3], "1:1: is no UTF-8"),
            ([0xc3, 0xa4, 0xef, 0xbb, 0xbf], "1:2: has the control character U+FEFF"),
            ([0xc2, 0x9b], "1:1: has the control character U+009B"),
        ] as [([UInt8], String)])
    func bytesThatAreNoTextAreRefused(bytes: [UInt8], says: String) {
        for format in [ScriptFormat.yaml, .json] {
            #expect(refusal(of: bytes, as: format).hasPrefix("story.yaml:" + says))
        }
    }

    @Test func ampersandsAndStarsInsideTextsAreTexts() throws {
        let text = "segments:\n- scene: salt &pepper at R&B *night*!\n  action: '*waves* &c'\n"
        let segment = try document(text).script.segments[0]
        #expect(segment == .init(scene: "salt &pepper at R&B *night*!", action: "*waves* &c"))
    }

    // MARK: Files

    @Test func aFileOverTheLimitIsNotRead() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data().write(to: URL(filePath: path))
        // Sparse: were it read, a terabyte of zeros would follow.
        try #require(truncate(path, 1 << 40) == 0)
        let error = #expect(throws: ScriptError.self) { try ScriptDocument(contentsOf: path) }
        #expect(error?.description == "\(path): has \(1 << 40) bytes, over the limit of 1048576")
        try Data(repeating: 0x20, count: 10_000_000).write(to: URL(filePath: path))
        let large = #expect(throws: ScriptError.self) { try ScriptDocument(contentsOf: path) }
        #expect(large?.reason == "has 10000000 bytes, over the limit of 1048576")
        try Data(Stories.full.utf8).write(to: URL(filePath: path))
        #expect(try ScriptDocument(contentsOf: path).script == document(Stories.full).script)
    }

    @Test(arguments: [
        ("/dev/zero", "/dev/zero: is longer than 1048576 bytes"),
        ("/dev/null", "/dev/null: is empty, expected a story"),
        ("/nonexistent", "/nonexistent: No such file or directory"), ("/", "/: is a folder, expected a file"),
    ])
    func whatIsNoFileOfTextIsNamed(path: String, says: String) {
        let error = #expect(throws: ScriptError.self) { try ScriptDocument(contentsOf: path) }
        #expect(error?.description.hasPrefix(says) == true, "\(error as Any)")
    }
}
