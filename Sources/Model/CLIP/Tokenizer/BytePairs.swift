/// Byte-level byte-pair encoding of single words: bytes, merged pair by pair in the order that training found.
///
/// Reference: tokenizers 0.23 `models/bpe`, without dropout, `</w>` as suffix of a word's last token.
struct BytePairs: Sendable {
    struct Pair: Hashable, Sendable {
        let left, right: Int32
    }

    struct Merge: Sendable {
        /// Lower ranks are merged first.
        let rank: Int32
        let token: Int32
    }

    /// One token of a word and how many of its bytes it covers.
    struct Token: Equatable, Sendable {
        let id: Int32
        var byteCount: Int
    }

    /// Tokens of single bytes: inside a word, and as its last byte.
    let inner, last: [Int32]
    let merges: [Pair: Merge]

    /// The tokens of a word, in order; together they cover its bytes.
    func tokens(of word: ArraySlice<UInt8>) -> [Token] {
        guard let lastByte = word.last else { return [] }
        var tokens = word.dropLast().map { Token(id: inner[Int($0)], byteCount: 1) }
        tokens.append(Token(id: last[Int(lastByte)], byteCount: 1))
        var ranks = tokens.indices.dropLast().map { rank(in: tokens, at: $0) }
        // Of equal ranks the leftmost goes first.
        while let (index, rank) = ranks.enumerated().min(by: { $0.element < $1.element }), rank != .max {
            guard let merge = merges[pair(in: tokens, at: index)] else { break }
            tokens[index] = Token(
                id: merge.token, byteCount: tokens[index].byteCount + tokens[index + 1].byteCount)
            tokens.remove(at: index + 1)
            ranks.remove(at: index)
            if index > 0 { ranks[index - 1] = self.rank(in: tokens, at: index - 1) }
            if index < ranks.count { ranks[index] = self.rank(in: tokens, at: index) }
        }
        return tokens
    }

    private func pair(in tokens: [Token], at index: Int) -> Pair {
        Pair(left: tokens[index].id, right: tokens[index + 1].id)
    }

    /// The largest rank where the pair is never merged.
    private func rank(in tokens: [Token], at index: Int) -> Int32 {
        merges[pair(in: tokens, at: index)]?.rank ?? .max
    }
}
