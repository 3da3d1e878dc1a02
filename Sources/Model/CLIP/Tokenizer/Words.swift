import Foundation

/// A text as the tokenizer sees it, and where its words lie.
///
/// Reference: transformers 5.23 `tokenization_clip.py`, class `CLIPTokenizer` (`normalizer` and `pre_tokenizer`). The
/// rules are Unicode's; which characters they apply to depends on the Unicode version of Swift's standard library and
/// of Foundation, see the module's documentation.
enum Words {
    /// NFC, whitespace as single spaces, lower case.
    ///
    /// Lower case is made scalar by scalar, without looking around, as in the reference: "İ" gives "i̇" with its dot and
    /// "Σ" gives "σ" at the end of a word too.
    static func normalized(_ text: some StringProtocol) -> String.UnicodeScalarView {
        var result = String.UnicodeScalarView()
        var isAfterSpace = false
        for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
            guard !scalar.properties.isWhitespace else {
                if !isAfterSpace { result.append(" ") }
                isAfterSpace = true
                continue
            }
            isAfterSpace = false
            result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
        }
        return result
    }

    /// What belongs together before byte pairs are merged.
    private enum Kind: Equatable {
        case space, letter, number, other

        init(_ scalar: Unicode.Scalar) {
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
            case .decimalNumber, .letterNumber, .otherNumber: self = .number
            default: self = scalar.properties.isWhitespace ? .space : .other
            }
        }
    }

    private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }
    /// The reference's pattern has these as wholes, and splits them again in its next step.
    private static let markers = [["<|", "startoftext", "|>"], ["<|", "endoftext", "|>"]].map { parts in
        (whole: Array(parts.joined().unicodeScalars), lengths: parts.map(\.unicodeScalars.count))
    }

    /// The words of a normalised text: contractions, runs of letters, single digits, runs of anything else but space.
    static func split(_ text: [Unicode.Scalar]) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var position = 0
        func take(_ length: Int) {
            words.append(position..<(position + length))
            position += length
        }
        func isNext(_ wanted: some Collection<Unicode.Scalar>) -> Bool { text[position...].starts(with: wanted) }
        while position < text.count {
            if let marker = markers.first(where: { isNext($0.whole) }) {
                marker.lengths.forEach(take)
            } else if let contraction = contractions.first(where: { isNext($0) }) {
                take(contraction.count)
            } else {
                let kind = Kind(text[position])
                switch kind {
                case .space: position += 1
                case .number: take(1)
                case .letter, .other: take(text[position...].prefix { Kind($0) == kind }.count)
                }
            }
        }
        return words
    }
}
