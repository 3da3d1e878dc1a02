/// What a story gets where it says nothing.
public struct ScriptDefaults: Sendable {
    public var title = "Untitled"
    public var model = "embedded"
    /// What the model's makers recommend.
    public var settings: StorySettings
    private let file: String?
    private let root: ScriptNode?

    /// What holds for a model without a `storyfarm.json`.
    public static let builtIn = ScriptDefaults(settings: StorySettings())

    public init(settings: StorySettings) {
        self.settings = settings
        (file, root) = (nil, nil)
    }

    /// The `storyfarm.json` of a model's folder.
    ///
    /// Its keys beside those of ``StorySettings`` are for others and passed over.
    ///
    /// - Throws: `ScriptError` with the place of what is wrong.
    public init(contentsOf file: String) throws(ScriptError) {
        try self.init(ScriptSource(contentsOf: file, limit: ScriptLimits.scriptBytes))
    }

    /// - Parameters:
    ///   - json: the content of a `storyfarm.json`.
    ///   - file: the name that errors carry.
    /// - Throws: `ScriptError` with the place of what is wrong.
    public init(parsing json: [UInt8], file: String) throws(ScriptError) {
        try self.init(ScriptSource(json, file: file, limit: ScriptLimits.scriptBytes))
    }

    private init(_ source: ScriptSource) throws(ScriptError) {
        let root = try ScriptNode(reading: source, as: .json, expected: "a model's recommendations")
        settings = try StorySettings(
            MappingReader(root, file: source.file, path: "", keys: nil, of: "a model's recommendations"))
        file = source.file
        self.root = root
    }

    func place(of key: String) -> ScriptPlace? { root?[key.split(separator: ".").map(String.init)[...]]?.place }

    func error(_ key: String, _ reason: String) -> ScriptError {
        ScriptError(file: file ?? "the defaults", place: place(of: key), key: key, reason: reason)
    }
}
