/// Tokens up to a number, with the bytes of normalised text that they cover.
struct TokenRun {
    private let capacity: Int
    private(set) var ids: [Int32] = []
    /// Whether there were more tokens than the capacity.
    private(set) var isTruncated = false
    /// The normalised text so far.
    private var bytes: [UInt8] = []
    /// Where the last token ends in it.
    private var coveredCount = 0

    init(capacity: Int) { self.capacity = capacity }

    mutating func append(_ token: SpecialTokens.Token) {
        bytes += token.content.utf8
        append(token.id, endingAt: bytes.count)
    }

    /// Adds the tokens of a normalised text's words; once the run is full, only that there would be more.
    mutating func append(_ text: String.UnicodeScalarView, pairs: BytePairs) {
        let start = bytes.count
        let scalars = Array(text)
        bytes += String(text).utf8
        let offsets = scalars.reduce(into: [start]) { $0.append(($0.last ?? start) + UTF8.width($1)) }
        for word in Words.split(scalars) {
            guard !isTruncated else { return }
            var end = offsets[word.lowerBound]
            for token in pairs.tokens(of: bytes[end..<offsets[word.upperBound]]) {
                end += token.byteCount
                append(token.id, endingAt: end)
            }
        }
    }

    private mutating func append(_ id: Int32, endingAt end: Int) {
        guard ids.count < capacity else {
            isTruncated = true
            return
        }
        ids.append(id)
        coveredCount = end
    }

    /// The normalised text up to the last token, whole characters only, without space around it.
    var coveredText: String {
        var end = coveredCount
        // A token may end inside a character: back to that character's first byte.
        while end < bytes.count, end > 0, UTF8.isContinuation(bytes[end]) { end -= 1 }
        let space = UInt8(ascii: " ")
        while end > 0, bytes[end - 1] == space { end -= 1 }
        return String(decoding: bytes[..<end].drop { $0 == space }, as: UTF8.self)
    }
}
