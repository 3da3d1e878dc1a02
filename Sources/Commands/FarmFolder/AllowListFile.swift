public import Transport

/// `workers.allow`: who may join a farm besides the coordinator's own machine, a line each.
///
/// ```
/// # the nodes of rack 7
/// 8w#HVd=N%xN#D9.4ZT+cr?t]/G{9r7vWpJ<s^m[X rack-7
/// ```
///
/// Lines that are no keys stay as they are when others come and go.
public struct AllowListFile: Equatable, Sendable {
    public struct Entry: Hashable, Sendable {
        public let key: CurvePublicKey
        public let name: String
    }

    private enum Line: Equatable {
        case entry(Entry)
        /// A comment, or nothing.
        case other(Substring)
    }

    private var lines: [Line] = []

    public init() {}

    /// - Throws: ``AllowListError`` with the line.
    public init(parsing text: String) throws(AllowListError) {
        var texts = text.split(separator: "\n", omittingEmptySubsequences: false)
        if texts.last == "" { texts.removeLast() }
        for (index, text) in texts.enumerated() {
            let words = text.split(whereSeparator: \.isWhitespace)
            if words.first?.hasPrefix("#") ?? true {
                lines.append(.other(text))
            } else if words.count == 2, let key = CurvePublicKey(z85: words[0]), Self.isName(words[1]) {
                lines.append(.entry(Entry(key: key, name: String(words[1]))))
            } else {
                throw AllowListError(line: index + 1)
            }
        }
    }

    public var entries: [Entry] {
        lines.compactMap { if case .entry(let entry) = $0 { entry } else { nil } }
    }

    /// Of one word, printable, and short enough for a table.
    public static func isName(_ text: some StringProtocol) -> Bool {
        1...64 ~= text.utf8.count && !text.hasPrefix("#")
            && text.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control && !$0.properties.isWhitespace
            }
    }

    /// Admits a key; one that is admitted already gets the new name.
    public mutating func allow(_ key: CurvePublicKey, as name: String) {
        precondition(Self.isName(name), "no name for a key: \(name)")
        let entry = Line.entry(Entry(key: key, name: name))
        if let index = index(of: key) { lines[index] = entry } else { lines.append(entry) }
    }

    /// - Returns: whether it was admitted.
    public mutating func revoke(_ key: CurvePublicKey) -> Bool {
        guard let index = index(of: key) else { return false }
        lines.remove(at: index)
        return true
    }

    private func index(of key: CurvePublicKey) -> Int? {
        lines.firstIndex { if case .entry(let entry) = $0 { entry.key == key } else { false } }
    }

    /// What the file then holds.
    public var text: String {
        lines.map { line in
            switch line {
            case .entry(let entry): "\(entry.key.z85) \(entry.name)\n"
            case .other(let text): "\(text)\n"
            }
        }.joined()
    }
}

/// A line that is none of an allow-list's.
public struct AllowListError: Error, Equatable, Sendable, CustomStringConvertible {
    /// From 1.
    public let line: Int

    public var description: String { "line \(line): expected a key of 40 characters (Z85) and a name of one word" }
}
