/// Turns a text into the token ids of a CLIP text tower.
///
/// Equal to transformers 5.23 `CLIPTokenizer`: special tokens that are spelled out in the text, normalisation, words,
/// byte pairs, start and end token, and truncation that keeps the end token.
public struct CLIPTokenizer: Sendable {
    /// A text's tokens.
    public struct Encoding: Equatable, Sendable {
        /// Start token, the text's tokens, end token; no padding.
        public let ids: [Int]
        /// Whether tokens at the end of the text were left out.
        public let isTruncated: Bool
        /// The text that the tokens cover, as the tokenizer sees it: NFC, lower case, whitespace as single spaces.
        /// Where truncation cuts a character, it is left out.
        public let keptText: String

        /// The ids up to `length`, filled with `padding`.
        ///
        /// - Precondition: `length` is at least the number of ids.
        public func ids(paddedTo length: Int, with padding: Int) -> [Int] {
            precondition(length >= ids.count, "\(ids.count) ids do not fit into \(length)")
            return ids + Array(repeating: padding, count: length - ids.count)
        }
    }

    let pairs: BytePairs
    let special: SpecialTokens
    /// The largest id of the vocabulary.
    public let maximumID: Int

    public var startID: Int { Int(special.start.id) }
    public var endID: Int { Int(special.end.id) }
    public var paddingID: Int { Int(special.padding.id) }

    /// - Parameter limit: tokens with start and end; 77 for the published models.
    /// - Precondition: `limit` has room for the start and the end token.
    /// - Throws: `CLIPError.overLimit` for a text of more than `CLIPLimits.textByteCount` bytes.
    public func encode(_ text: String, limit: Int = 77) throws(CLIPError) -> Encoding {
        precondition(limit >= 2, "start and end token need two places, not \(limit)")
        let byteCount = text.utf8.count
        guard byteCount <= CLIPLimits.textByteCount else {
            throw .overLimit("the text's bytes", found: byteCount, limit: CLIPLimits.textByteCount)
        }
        var tokens = TokenRun(capacity: limit - 2)
        for piece in pieces(of: text) {
            switch piece {
            case .special(let token): tokens.append(token)
            case .text(let scalars): tokens.append(scalars, pairs: pairs)
            }
        }
        return Encoding(
            ids: [startID] + tokens.ids.map(Int.init) + [endID], isTruncated: tokens.isTruncated,
            keptText: tokens.coveredText)
    }

    private enum Piece {
        case special(SpecialTokens.Token)
        /// Normalised.
        case text(String.UnicodeScalarView)
    }

    /// Special tokens are cut out twice: from the raw text, and from what normalisation makes of the rest.
    private func pieces(of text: String) -> [Piece] {
        let raw = special.all.filter { !$0.isNormalized }
        let normalized = special.all.filter(\.isNormalized)
        return text.unicodeScalars.cut(at: raw).flatMap { outer -> [Piece] in
            if let token = outer.token { return [.special(token)] }
            return Words.normalized(String(outer.text)).cut(at: normalized).map { inner in
                inner.token.map(Piece.special) ?? .text(String.UnicodeScalarView(inner.text))
            }
        }
    }
}

extension String.UnicodeScalarView {
    fileprivate typealias Cut = (text: Substring.UnicodeScalarView, token: SpecialTokens.Token?)

    /// The text between the tokens, and the tokens, in order.
    fileprivate func cut(at tokens: [SpecialTokens.Token]) -> [Cut] {
        var pieces: [Cut] = []
        var (start, position) = (startIndex, startIndex)
        while position < endIndex {
            guard let token = tokens.first(where: { self[position...].starts(with: $0.content.unicodeScalars) }) else {
                formIndex(after: &position)
                continue
            }
            if start < position { pieces.append((self[start..<position], nil)) }
            let end = index(position, offsetBy: token.content.unicodeScalars.count)
            pieces.append((self[position..<end], token))
            (start, position) = (end, end)
        }
        if start < endIndex { pieces.append((self[start...], nil)) }
        return pieces
    }
}
