/// T5's tokenizer: text to the ids that the text encoder looks up.
///
/// Gives the ids that transformers' `T5TokenizerFast` gives in diffusers' `MochiPipeline` (`padding="max_length"`,
/// `truncation=True`, `add_special_tokens=True`), also where those differ from SentencePiece's own: special tokens
/// spelled out in a text ("</s>", "<pad>", "<unk>", "<extra_id_7>") are that token; every word is segmented by itself;
/// see also `CharacterMap` and `UnigramSegmenter`.
public final class T5Tokenizer: Sendable {
    /// Tokens per prompt that Mochi-1 was trained with.
    public static let promptLength = 256
    /// Bytes of one text. Far over what fits into a prompt, so that an over-long one can still be counted.
    public static let textByteLimit = 1 << 16
    /// Sentinels `<extra_id_0>` … that T5 counts to its vocabulary; not in the model file.
    static let sentinelCount = 100

    private static let padID = 0
    private static let endID = 1
    private static let unknownID = 2

    /// Ids that can occur: all below this number.
    public let vocabularyCount: Int
    let model: SentencePieceModel
    private let characterMap: CharacterMap
    private let segmenter: UnigramSegmenter
    private let specialTokens: [String: Int]

    /// - Parameter path: of the published `tokenizer/spiece.model`.
    /// - Throws: `T5TokenizerError` naming the file if it is missing, no SentencePiece model, or not of T5's kind.
    public init(path: String) throws(T5TokenizerError) {
        model = try SentencePieceModel(path: path)
        var pieces = try model.pieces()
        try Self.requireT5(model, pieces)
        guard let characterMap = CharacterMap(compiled: model.characterMap) else {
            throw .foreign(file: path, reason: "it has no table of normalisation")
        }
        self.characterMap = characterMap
        var specialTokens = ["<pad>": Self.padID, "</s>": Self.endID, "<unk>": Self.unknownID]
        // The sentinels count down: `<extra_id_0>` is the last id.
        for number in (0..<Self.sentinelCount).reversed() {
            let spelling = "<extra_id_\(number)>"
            specialTokens[spelling] = pieces.count
            pieces.append((Array(spelling.utf8), 0))
        }
        self.specialTokens = specialTokens
        vocabularyCount = pieces.count
        segmenter = UnigramSegmenter(pieces: pieces, unknownID: Self.unknownID)
    }

    /// Turns a text into exactly `length` ids.
    ///
    /// - Parameter length: at least 1; the last id is `</s>` or padding.
    /// - Throws: `T5TokenizerError.textTooLong`.
    public func callAsFunction(_ text: String, length: Int = promptLength) throws(T5TokenizerError) -> T5Tokens {
        precondition(length >= 1, "a prompt has room for at least </s>, not for \(length) tokens")
        let ids = try pieceIDs(of: text)
        let kept = ids.prefix(length - 1) + [Self.endID]
        let padding = [Int](repeating: Self.padID, count: length - kept.count)
        return T5Tokens(
            ids: (kept + padding).map(Int64.init),
            mask: (0..<length).map { $0 < kept.count },
            untruncatedCount: ids.count + 1)
    }

    /// The ids of the whole text, without `</s>` at its end.
    private func pieceIDs(of text: String) throws(T5TokenizerError) -> [Int] {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.textByteLimit else {
            throw .textTooLong(byteCount: bytes.count, limit: Self.textByteLimit)
        }
        var ids: [Int] = []
        var plainStart = 0
        var index = 0
        while index < bytes.count {
            guard let (id, end) = specialToken(at: index, in: bytes) else {
                index += 1
                continue
            }
            ids += plainIDs(of: bytes[plainStart..<index])
            ids.append(id)
            (plainStart, index) = (end, end)
        }
        return ids + plainIDs(of: bytes[plainStart...])
    }

    private func specialToken(at start: Int, in bytes: [UInt8]) -> (id: Int, end: Int)? {
        guard bytes[start] == UInt8(ascii: "<") else { return nil }
        // The longest is "<extra_id_99>"; none has a bracket inside.
        let window = bytes[start...].prefix(13)
        guard let bracket = window.firstIndex(of: UInt8(ascii: ">")) else { return nil }
        guard let id = specialTokens[String(decoding: bytes[start...bracket], as: UTF8.self)] else { return nil }
        return (id, bracket + 1)
    }

    /// The ids of text between special tokens, which are found before anything is normalised.
    private func plainIDs(of bytes: ArraySlice<UInt8>) -> [Int] {
        let normalised = characterMap.normalised(String(decoding: bytes, as: UTF8.self))
        return String(decoding: normalised, as: UTF8.self).unicodeScalars
            .split { $0.properties.isWhitespace }
            .flatMap { word in segmenter.ids(of: Array("▁".utf8) + Array(String(word).utf8)) }
    }

    private static func requireT5(
        _ model: SentencePieceModel, _ pieces: [(text: [UInt8], score: Float)]
    ) throws(T5TokenizerError) {
        guard model.isUnigram else { throw .foreign(file: model.path, reason: "it is no unigram model") }
        let expected = [
            ("<pad>", padID, model.padID), ("</s>", endID, model.endID), ("<unk>", unknownID, model.unknownID),
        ]
        for (spelling, id, found) in expected {
            guard found == id, id < pieces.count, pieces[id].text == Array(spelling.utf8) else {
                throw .foreign(file: model.path, reason: "its piece \(id) is not \(spelling)")
            }
        }
    }
}

/// A text as the text encoder takes it.
public struct T5Tokens: Equatable, Sendable {
    /// The text's ids, `</s>`, then padding.
    public let ids: [Int64]
    /// True for the text's ids and `</s>`, false for padding.
    public let mask: [Bool]
    /// Ids of the whole text with `</s>`: more than fit if the text was cut off.
    public let untruncatedCount: Int

    /// Whether the end of the text is missing.
    public var isTruncated: Bool { untruncatedCount > ids.count }
}
