extension BytePairs {
    /// Reads `merges.txt` against the vocabulary of `vocab.json`.
    ///
    /// - Throws: `CLIPError` naming the file, and the line of a merge that is none or whose tokens are not in the
    ///   vocabulary.
    init(vocabulary: [String: Int32], vocabularyPath: String, merges file: SettingsFile) throws(CLIPError) {
        inner = try Self.bytes(suffix: "", vocabulary, vocabularyPath)
        last = try Self.bytes(suffix: "</w>", vocabulary, vocabularyPath)
        merges = try Self.merges(in: file, vocabulary)
    }

    /// The tokens of the 256 bytes; with all of them there, no text has an unknown token.
    private static func bytes(
        suffix: String, _ vocabulary: [String: Int32], _ path: String
    ) throws(CLIPError) -> [Int32] {
        var ids: [Int32] = []
        for (byte, character) in ByteAlphabet.characters.enumerated() {
            let token = String(character) + suffix
            guard let id = vocabulary[token] else {
                throw .malformed(file: path, line: nil, problem: "no token \"\(token)\" for byte \(byte)")
            }
            ids.append(id)
        }
        return ids
    }

    private static func merges(
        in file: SettingsFile, _ vocabulary: [String: Int32]
    ) throws(CLIPError) -> [Pair: Merge] {
        guard let text = String(validating: file.data, as: UTF8.self) else {
            throw .malformed(file: file.path, line: nil, problem: "not UTF-8")
        }
        // By bytes: a line break and what follows it could be one Character.
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        var merges: [Pair: Merge] = [:]
        merges.reserveCapacity(lines.count)
        for (number, rawLine) in lines.enumerated() {
            let line = rawLine.last == UInt8(ascii: "\r") ? rawLine.dropLast() : rawLine
            if Substring(line).hasPrefix("#version") { continue }
            let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
            guard parts.count == 2 else {
                throw .malformed(
                    file: file.path, line: number + 1,
                    problem: "expected two tokens with a space between them, found \"\(brief(Substring(line)))\"")
            }
            let ids = [parts[0], parts[1], parts[0] + parts[1]].map { vocabulary[$0] }
            guard let left = ids[0], let right = ids[1], let token = ids[2] else {
                throw .malformed(
                    file: file.path, line: number + 1,
                    problem: "\"\(brief(Substring(line)))\" or its merge is not in the vocabulary")
            }
            merges[Pair(left: left, right: right)] = Merge(rank: Int32(number), token: token)
        }
        return merges
    }

    private static func brief(_ text: Substring) -> String { String(text.prefix(60)) }
}
