/// Reads typed values out of a mapping whose keys are known, and says what is wrong with the others.
struct MappingReader {
    let file: String
    /// The keys that the mapping lies in, each followed by a dot.
    private let path: String
    let place: ScriptPlace
    private let entries: [ScriptNode.Entry]

    /// - Parameters:
    ///   - keys: all that are allowed; nil where strangers are passed over.
    ///   - owner: what has keys where `path` is empty.
    init(
        _ node: ScriptNode, file: String, path: String, keys: [String]?, of what: String, owner: String = "a story"
    ) throws(ScriptError) {
        guard case .mapping(let entries) = node.content else {
            let examples = (keys ?? []).prefix(3).joined(separator: ", ")
            throw ScriptError(
                file: file, place: node.place, key: path.isEmpty ? nil : String(path.dropLast()),
                reason: "is \(node.words), expected \(what)" + (examples.isEmpty ? "" : " (\(examples), …)"))
        }
        self.file = file
        self.path = path
        self.entries = entries
        place = node.place
        var seen: [String: ScriptPlace] = [:]
        for entry in entries {
            if let keys, !keys.contains(entry.key) {
                let place = path.isEmpty ? owner : String(path.dropLast())
                let remedy =
                    NearestWord.to(entry.key, in: keys).map { "did you mean '\($0)'?" }
                    ?? "expected one of \(keys.joined(separator: ", "))"
                throw ScriptError(
                    file: file, place: entry.keyPlace, key: path + Excerpt.quoted(entry.key),
                    reason: "is no key of \(place); \(remedy)")
            }
            if let first = seen.updateValue(entry.keyPlace, forKey: entry.key) {
                var earlier = ""
                if case .file(let line, _) = first { earlier = ", first in line \(line)" }
                throw ScriptError(
                    file: file, place: entry.keyPlace, key: path + Excerpt.quoted(entry.key),
                    reason: "is given twice\(earlier)")
            }
        }
    }

    private func node(_ key: String) -> ScriptNode? { entries.first { $0.key == key }?.value }

    private func refusal(_ key: String, _ node: ScriptNode, _ reason: String) -> ScriptError {
        ScriptError(file: file, place: node.place, key: path + key, reason: reason)
    }

    // MARK: Numbers

    func integer(_ key: String, in range: ClosedRange<Int>) throws(ScriptError) -> Int? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text, .number) = node.content, let value = Int(text), range.contains(value) else {
            throw refusal(
                key, node, "is \(node.words), expected a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func seed(_ key: String) throws(ScriptError) -> UInt64? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let text, .number) = node.content, let value = UInt64(text) else {
            throw refusal(key, node, "is \(node.words), expected a whole number from 0 to \(UInt64.max)")
        }
        return value
    }

    func number(_ key: String, in range: ClosedRange<Double>) throws(ScriptError) -> Double? {
        guard let node = node(key) else { return nil }
        return try number(key, node, in: range)
    }

    private func number(_ key: String, _ node: ScriptNode, in range: ClosedRange<Double>) throws(ScriptError) -> Double
    {
        guard case .scalar(let text, .number) = node.content, let value = Double(text), range.contains(value) else {
            throw refusal(key, node, "is \(node.words), expected a number from \(range.words)")
        }
        return value == 0 ? 0 : value  // Without the sign of -0, which would come back as another text.
    }

    /// A number, or a list of them.
    func guidance(_ key: String) throws(ScriptError) -> Guidance? {
        guard let node = node(key) else { return nil }
        guard case .list(let items) = node.content else {
            return .constant(try number(key, node, in: ScriptLimits.guidance))
        }
        guard 1...ScriptLimits.steps.upperBound ~= items.count else {
            throw refusal(key, node, "has \(items.count) numbers, expected one, or one for each step")
        }
        var values: [Double] = []
        for (index, item) in items.enumerated() {
            values.append(try number("\(key).\(index + 1)", item, in: ScriptLimits.guidance))
        }
        return .perStep(values)
    }

    // MARK: Words

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) throws(ScriptError) -> Choice? {
        guard let node = node(key) else { return nil }
        if case .scalar(let text, _) = node.content, let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue)
        var hint = ""
        if case .scalar(let text, .text) = node.content, let nearest = NearestWord.to(text, in: names) {
            hint = "; did you mean '\(nearest)'?"
        }
        throw refusal(key, node, "is \(node.words), expected \(names.joined(separator: ", "))\(hint)")
    }

    /// A text with every run of white space made one blank, and none at its ends.
    ///
    /// - Parameter what: what the text is, for the error where it must not be empty; nil where it may.
    func text(_ key: String, atMost limit: Int, notEmpty what: String?) throws(ScriptError) -> String? {
        guard let node = node(key) else { return nil }
        guard case .scalar(let raw, let kind) = node.content, isText(kind, node.place) else {
            guard case .scalar(let raw, let kind) = node.content, kind != .null else {
                throw refusal(key, node, "is \(node.words), expected \(what ?? "a text")")
            }
            // A number may be of any length; a yes or no is not shown as it was written.
            let (found, word) = kind == .number ? ("the number \(node.words)", node.words) : (node.words, raw)
            throw refusal(key, node, "is \(found), expected \(what ?? "a text"): write \"\(word)\" for the word")
        }
        let (text, control) = Self.tidied(raw)
        if let what, text.isEmpty { throw refusal(key, node, "is empty, expected \(what)") }
        guard text.utf8.count <= limit else {
            throw refusal(key, node, "has \(text.utf8.count) bytes, over the limit of \(limit)")
        }
        // Escapes bring what the source may not contain.
        if let control { throw refusal(key, node, "has the control character \(Excerpt.code(control))") }
        return text
    }

    /// - Returns: the first control character as well, white space aside.
    private static func tidied(_ raw: String) -> (text: String, control: Unicode.Scalar?) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.utf8.count)
        var control: Unicode.Scalar?
        var isAfterSpace = false
        for scalar in raw.unicodeScalars {
            guard !isSpace(scalar) else {
                isAfterSpace = true
                continue
            }
            if isAfterSpace, !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            isAfterSpace = false
            if control == nil, ScriptSource.isControl(scalar) { control = scalar }
            if scalar.isASCII { bytes.append(UInt8(scalar.value)) } else { bytes += UTF8.encode(scalar)! }
        }
        return (String(decoding: bytes, as: UTF8.self), control)
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20, 0x09...0x0D: true
        case 0..<0x80: false
        default: scalar.properties.isWhitespace
        }
    }

    func prompt(_ key: String) throws(ScriptError) -> String {
        guard let text = try text(key, atMost: ScriptLimits.promptBytes, notEmpty: "a prompt") else {
            throw ScriptError(file: file, place: place, key: path + key, reason: "is missing, expected a prompt")
        }
        return text
    }

    /// Who types an override should not need quotes inside quotes.
    private func isText(_ kind: ScriptNode.Scalar, _ place: ScriptPlace) -> Bool {
        if case .override = place { return true }
        return kind == .text
    }

    // MARK: Parts

    func mapping(_ key: String, keys: [String]) throws(ScriptError) -> MappingReader? {
        guard let node = node(key) else { return nil }
        return try MappingReader(node, file: file, path: path + key + ".", keys: keys, of: "a mapping")
    }

    /// A mapping that `off` can stand in for; `on` for an empty one.
    func switched(_ key: String, keys: [String]) throws(ScriptError) -> Switched<MappingReader>? {
        guard let node = node(key) else { return nil }
        switch node.content {
        case .scalar(_, .flag(false)), .scalar("off", _): return .off
        case .scalar(_, .flag(true)), .scalar("on", _):
            let empty = ScriptNode(content: .mapping([]), place: node.place)
            return .on(try MappingReader(empty, file: file, path: path + key + ".", keys: keys, of: "a mapping"))
        case .scalar, .list, .mapping:
            return .on(
                try MappingReader(node, file: file, path: path + key + ".", keys: keys, of: "off or a mapping"))
        }
    }

    /// The elements of a list, which must be there.
    func list(_ key: String, count: ClosedRange<Int>, of what: String) throws(ScriptError) -> [ScriptNode] {
        guard let node = node(key) else {
            throw ScriptError(file: file, place: place, key: path + key, reason: "is missing, expected \(what)")
        }
        guard case .list(let items) = node.content else {
            throw refusal(key, node, "is \(node.words), expected \(what)")
        }
        guard count.contains(items.count) else {
            throw refusal(key, node, "has \(items.count) entries, expected \(count.lowerBound) to \(count.upperBound)")
        }
        return items
    }
}

extension ClosedRange<Double> {
    var words: String { "\(JSONText.number(lowerBound)) to \(JSONText.number(upperBound))" }
}
