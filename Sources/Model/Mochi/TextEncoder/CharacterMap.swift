/// SentencePiece's compiled normalisation (NFKC and some more for T5), applied as huggingface/tokenizers applies it.
///
/// The table is a trie over UTF-8 in Darts' double array form, with a list of replacements behind it. SentencePiece
/// takes the longest match at every place. The reference takes a grapheme of at most five bytes whole, replaced by its
/// shortest match, and every other grapheme scalar by scalar: "é" written with a combining accent becomes one letter,
/// Hangul written with jamo stays as it is, a second combining accent is lost. Equal ids need equal quirks.
///
/// Source: crate `spm_precompiled`, `Precompiled`; tokenizers `normalizers/precompiled.rs`.
struct CharacterMap: Sendable {
    /// Nodes of the trie.
    private let units: [UInt32]
    /// Replacements, each ended by a zero byte.
    private let replacements: [UInt8]

    /// - Parameter compiled: the trie's length in bytes (little-endian, four bytes), the trie, the replacements.
    /// - Returns: nil where the lengths do not fit.
    init?(compiled: [UInt8]) {
        guard compiled.count >= 4 else { return nil }
        let length = Int(Self.word(compiled, at: 0))
        guard length % 4 == 0, length >= 4, length <= compiled.count - 4 else { return nil }
        units = stride(from: 4, to: 4 + length, by: 4).map { Self.word(compiled, at: $0) }
        replacements = Array(compiled[(4 + length)...])
    }

    /// The text as UTF-8, normalised.
    func normalised(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count)
        for grapheme in text {
            let bytes = Array(grapheme.utf8)
            if bytes.count < 6, let replacement = replacement(of: bytes[...]) {
                result += replacement
                continue
            }
            var start = 0
            while start < bytes.count {
                let scalar = bytes[start..<min(start + UTF8Length.of(bytes[start]), bytes.count)]
                result += replacement(of: scalar) ?? scalar
                start = scalar.endIndex
            }
        }
        return result
    }

    /// What replaces the shortest prefix of `key` that the trie knows; nil where it knows none.
    private func replacement(of key: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var position = offset(units[0])
        for byte in key {
            if byte == 0 { return nil }  // Zero ends a key in the trie.
            position ^= Int(byte)
            guard units.indices.contains(position), label(units[position]) == UInt32(byte) else { return nil }
            let unit = units[position]
            position ^= offset(unit)
            guard hasLeaf(unit) else { continue }
            guard units.indices.contains(position) else { return nil }
            let start = Int(units[position] & 0x7fff_ffff)
            guard start <= replacements.count else { return nil }
            return replacements[start...].prefix { $0 != 0 }
        }
        return nil
    }

    // The parts of a node, as darts-clone packs them (`DoubleArrayUnit`).
    private func hasLeaf(_ unit: UInt32) -> Bool { (unit >> 8) & 1 == 1 }
    private func label(_ unit: UInt32) -> UInt32 { unit & 0x8000_00ff }
    private func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 0x200) >> 6)) }

    private static func word(_ bytes: [UInt8], at index: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << UInt32(8 * $1) }
    }
}

/// How many bytes a scalar takes in UTF-8.
enum UTF8Length {
    static func of(_ firstByte: UInt8) -> Int {
        switch firstByte {
        case ..<0xc0: return 1
        case ..<0xe0: return 2
        case ..<0xf0: return 3
        default: return 4
        }
    }
}
