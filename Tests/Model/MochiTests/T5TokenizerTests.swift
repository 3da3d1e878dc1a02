import Foundation
import Testing

@testable import Mochi

/// Goal: what the recordings of the reference don't show: refusals, limits, counts, and SentencePiece's own opinion.
@Suite struct T5TokenizerTests {
    /// The small model that the recordings were made with.
    private let path = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Golden/GoldenTests/Fixtures/tokenizer/spiece.model").standardized.path
    private let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")

    @Test func aTextIsCountedWholeWhenItIsCutOff() throws {
        let tokenizer = try T5Tokenizer(path: path)
        let text = Array(repeating: "</s>", count: 300).joined(separator: " ")
        let tokens = try tokenizer(text)
        #expect(tokens.untruncatedCount == 301)
        #expect(tokens.isTruncated)
        #expect(tokens.ids.count == T5Tokenizer.promptLength && tokens.ids.last == 1)
        #expect(try tokenizer(text, length: 301).isTruncated == false)
        #expect(try tokenizer(text, length: 300).untruncatedCount == 301)
    }

    @Test func shortTextsArePadded() throws {
        let tokens = try T5Tokenizer(path: path)("", length: 4)
        #expect(tokens == T5Tokens(ids: [1, 0, 0, 0], mask: [true, false, false, false], untruncatedCount: 1))
        #expect(try T5Tokenizer(path: path)("a cat", length: 1).ids == [1])
    }

    @Test func textsOverTheLimitAreRefused() throws {
        let tokenizer = try T5Tokenizer(path: path)
        let limit = T5Tokenizer.textByteLimit
        #expect(try tokenizer(String(repeating: "a", count: limit)).isTruncated)
        #expect(throws: T5TokenizerError.textTooLong(byteCount: limit + 1, limit: limit)) {
            try tokenizer(String(repeating: "a", count: limit + 1))
        }
    }

    @Test func everyIDFitsIntoTheVocabulary() throws {
        let tokenizer = try T5Tokenizer(path: path)
        #expect(tokenizer.vocabularyCount == tokenizer.model.pieceCount + 100)
        #expect(try tokenizer("<extra_id_0>", length: 2).ids == [Int64(tokenizer.vocabularyCount - 1), 1])
        #expect(try tokenizer("<extra_id_99>", length: 2).ids == [Int64(tokenizer.model.pieceCount), 1])
    }

    /// Where neither special tokens nor marks nor ties are in a text, the library's algorithm and this one agree.
    @Test(arguments: 1...20)
    func plainTextHasSentencePiecesOwnIDs(seed: Int) throws {
        let tokenizer = try T5Tokenizer(path: path)
        let words = "The young woman walks through a forest at night, carrying the red lamp she found in Paris; 24 fps."
            .split(separator: " ")
        let text = (0..<30).map { words[($0 * seed + $0 * $0) % words.count] }.joined(separator: " ")
        let tokens = try tokenizer(text)
        let own = try tokenizer.model.librarysIDs(of: text)
        #expect(tokens.ids.prefix(own.count + 1) == (own + [1]).map(Int64.init)[...])
        #expect(tokens.untruncatedCount == own.count + 1)
    }

    @Test func aMissingFileIsNamed() {
        let error = #expect(throws: T5TokenizerError.self) { try T5Tokenizer(path: "/nowhere/spiece.model") }
        #expect(error == .unreadable(file: "/nowhere/spiece.model", reason: "No such file or directory"))
        #expect(error?.description == "/nowhere/spiece.model: No such file or directory")
    }

    @Test func aFolderAndAnOddNameAreNamed() {
        #expect(throws: T5TokenizerError.unreadable(file: "/", reason: "Is a directory")) { try T5Tokenizer(path: "/") }
        #expect(throws: T5TokenizerError.self) { try T5Tokenizer(path: "a\0b") }
    }

    /// Cut off anywhere or something else altogether: an error that names the file.
    @Test func foreignFilesAreNamed() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = try Data(contentsOf: URL(filePath: path))
        var foreign = [Data(), Data("{}".utf8), Data(repeating: 0xff, count: 100)]
        foreign += stride(from: 1, to: model.count, by: model.count / 40).map { model.prefix($0) }
        for (number, content) in foreign.enumerated() {
            let file = folder.appending(path: "\(number).model").path
            try content.write(to: URL(filePath: file))
            let error = #expect(throws: T5TokenizerError.self) { try T5Tokenizer(path: file) }
            guard case .foreign(file, _) = error else {
                Issue.record("\(number): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func aDamagedNormalisationNeverReadsOutside() throws {
        var table = try SentencePieceModel(path: path).characterMap
        var state: UInt64 = 1
        for _ in 0..<50 {
            for _ in 0..<2_000 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                table[4 + Int(state >> 33) % (table.count - 4)] = UInt8(truncatingIfNeeded: state >> 20)
            }
            let damaged = try #require(CharacterMap(compiled: table))
            _ = damaged.normalised("Ünïcödé ﬁ ½ 東京 が e\u{301} \u{1f600} ab\u{0}c")
        }
        #expect(CharacterMap(compiled: []) == nil)
        #expect(CharacterMap(compiled: [4, 0, 0, 0]) == nil)
        #expect(CharacterMap(compiled: [255, 255, 255, 255, 0, 0, 0, 0]) == nil)
    }
}
