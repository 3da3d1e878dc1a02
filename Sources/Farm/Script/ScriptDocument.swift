/// What a script is written in.
public enum ScriptFormat: Sendable {
    case yaml
    case json

    /// By the end of a file's name; what does not end in ".json" is YAML.
    public init(ofFile name: String) { self = name.lowercased().hasSuffix(".json") ? .json : .yaml }
}

/// A story script with the file that it came from, so that whatever is found wrong later still has its place.
public struct ScriptDocument: Sendable {
    /// As it was named by whoever asked for it.
    public let file: String
    public let script: StoryScript
    private let root: ScriptNode

    /// Reads a file.
    ///
    /// - Parameter overrides: as `blending.gamma=0.3`; later ones win, and all win over the file. An element of a list
    ///   is named by its number from 1, as in `segments.2.action=a fox sleeps`. Texts need no quotes.
    /// - Throws: `ScriptError` with the place of what is wrong.
    public init(contentsOf file: String, overrides: [String] = []) throws(ScriptError) {
        try self.init(
            ScriptSource(contentsOf: file, limit: ScriptLimits.scriptBytes), .init(ofFile: file), overrides)
    }

    /// Parses the bytes of a script.
    ///
    /// - Parameters:
    ///   - format: by the file's name if it is nil.
    ///   - file: the name that errors carry.
    ///   - overrides: as in ``init(contentsOf:overrides:)``.
    /// - Throws: `ScriptError` with the place of what is wrong.
    public init(
        parsing bytes: [UInt8], as format: ScriptFormat? = nil, file: String, overrides: [String] = []
    ) throws(ScriptError) {
        let source = try ScriptSource(bytes, file: file, limit: ScriptLimits.scriptBytes)
        try self.init(source, format ?? ScriptFormat(ofFile: file), overrides)
    }

    /// Reads what ``StoryScript/json`` or ``ResolvedStory/json`` gave, which may be longer than a script.
    ///
    /// - Parameter file: the name that errors carry.
    /// - Throws: `ScriptError` with the place of what is wrong.
    public init(json: String, file: String) throws(ScriptError) {
        try self.init(ScriptSource(Array(json.utf8), file: file, limit: ScriptLimits.resolvedBytes), .json, [])
    }

    init(_ source: ScriptSource, _ format: ScriptFormat, _ overrides: [String]) throws(ScriptError) {
        file = source.file
        var root = try ScriptNode(reading: source, as: format, expected: "a story with its segments")
        for text in overrides { try Override(text, of: file).apply(to: &root, file: file) }
        self.root = root
        script = try StoryScript(root, file: file)
    }

    /// An override that is this text, also where it begins as a list, a mapping or a quotation does.
    ///
    /// - Parameter key: as `sampling.negative`.
    public static func override(_ key: String, text: String) -> String { "\(key)=\(JSONText.text(text))" }

    /// Where a value stands, as `video.width` or `segments.3.scene`; nil if it does not stand in the script.
    public func place(of key: String) -> ScriptPlace? {
        root[key.split(separator: ".").map(String.init)[...]]?.place
    }

    /// An error about a value of this script, at its place.
    ///
    /// - Parameters:
    ///   - key: as `video.width`.
    ///   - reason: what it is and what was expected, as "is 190, expected a multiple of 16".
    public func error(_ key: String, _ reason: String) -> ScriptError {
        ScriptError(file: file, place: place(of: key), key: key, reason: reason)
    }

    /// The story with every value given.
    ///
    /// - Throws: `ScriptError` for values that contradict each other, at the place of one that the script gives.
    public func resolved(with defaults: ScriptDefaults = .builtIn) throws(ScriptError) -> ResolvedStory {
        do throws(ScriptConflict) { return try script.resolved(with: defaults) } catch {
            throw place(of: error.key) == nil && defaults.place(of: error.key) != nil
                ? defaults.error(error.key, error.reason) : self.error(error.key, error.reason)
        }
    }
}

extension ScriptNode {
    /// - Parameter expected: what the file should hold, for the error about an empty one.
    init(reading source: ScriptSource, as format: ScriptFormat, expected: String) throws(ScriptError) {
        let node =
            switch format {
            case .yaml: try YAMLReader.read(source)
            case .json: try JSONReader.read(source)
            }
        guard let node else { throw ScriptError(file: source.file, reason: "is empty, expected \(expected)") }
        self = node
    }
}
