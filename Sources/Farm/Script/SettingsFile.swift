/// A file of settings: one mapping whose keys are known, each with a scalar or a list of them. YAML, or JSON where its
/// name ends so.
///
/// It is read as strictly as a story: an unknown key, a key given twice, a wrong type is an error with its place.
public struct SettingsFile: Sendable {
    /// A value as it was written.
    public struct Value: Equatable, Sendable {
        /// Of a scalar one; of a list its elements.
        public let texts: [String]
        public let isList: Bool
        /// From 1.
        public let line: Int
    }

    public let file: String
    private let values: [String: Value]
    private let places: [String: ScriptPlace]

    /// Bytes; a longer file is none of settings.
    private static let bytesMax = 64 << 10

    /// - Throws: `ScriptError` with the place of what is wrong.
    public init(contentsOf file: String, keys: [String]) throws(ScriptError) {
        try self.init(ScriptSource(contentsOf: file, limit: Self.bytesMax), keys)
    }

    /// - Throws: `ScriptError` with the place of what is wrong.
    public init(parsing bytes: [UInt8], file: String, keys: [String]) throws(ScriptError) {
        try self.init(ScriptSource(bytes, file: file, limit: Self.bytesMax), keys)
    }

    private init(_ source: ScriptSource, _ keys: [String]) throws(ScriptError) {
        file = source.file
        let root =
            switch ScriptFormat(ofFile: file) {
            case .yaml: try YAMLReader.read(source)
            case .json: try JSONReader.read(source)
            }
        var (values, places): ([String: Value], [String: ScriptPlace]) = ([:], [:])
        // A file that has only comments so far says nothing.
        if let root {
            _ = try MappingReader(
                root, file: file, path: "", keys: keys, of: "settings", owner: "this configuration")
            if case .mapping(let entries) = root.content {
                for entry in entries {
                    values[entry.key] = try Self.value(entry, file)
                    places[entry.key] = entry.value.place
                }
            }
        }
        (self.values, self.places) = (values, places)
    }

    public subscript(key: String) -> Value? { values[key] }

    /// An error about a value, at its place.
    public func error(_ key: String, _ reason: String) -> ScriptError {
        ScriptError(file: file, place: places[key], key: key, reason: reason)
    }

    private static func value(_ entry: ScriptNode.Entry, _ file: String) throws(ScriptError) -> Value {
        var line = 0
        if case .file(let number, _) = entry.value.place { line = number }
        switch entry.value.content {
        case .scalar(let text, let kind):
            guard kind != .null else {
                throw ScriptError(file: file, place: entry.value.place, key: entry.key, reason: "is empty")
            }
            return Value(texts: [text], isList: false, line: line)
        case .list(let items):
            var texts: [String] = []
            for item in items {
                guard case .scalar(let text, let kind) = item.content, kind != .null else {
                    throw ScriptError(
                        file: file, place: item.place, key: entry.key, reason: "is \(item.words), expected a text")
                }
                texts.append(text)
            }
            return Value(texts: texts, isList: true, line: line)
        case .mapping:
            throw ScriptError(
                file: file, place: entry.value.place, key: entry.key, reason: "is a mapping, expected a value")
        }
    }
}
