extension CLIPTokenizer {
    /// Reads `vocab.json`, `merges.txt` and, where there is one, `tokenizer_config.json`.
    ///
    /// - Throws: `CLIPError` naming the file, and the line or the key that can't be used.
    public init(folder: String) throws(CLIPError) {
        let limit = CLIPLimits.vocabularyByteCount
        let vocabularyFile = try SettingsFile(folder: folder, name: "vocab.json", limit: limit)
        let vocabulary = try vocabularyFile.decoded(as: [String: Int32].self)
        let merges = try SettingsFile(folder: folder, name: "merges.txt", limit: limit)
        pairs = try BytePairs(vocabulary: vocabulary, vocabularyPath: vocabularyFile.path, merges: merges)
        let settings = try SettingsFile(optionalIn: folder, name: "tokenizer_config.json")
        special = try SpecialTokens(
            settings: settings?.decoded(as: TokenizerSettings.self) ?? TokenizerSettings(),
            settingsPath: settings?.path ?? vocabularyFile.path, vocabulary: vocabulary)
        guard let lowest = vocabulary.values.min(), let highest = vocabulary.values.max(), lowest >= 0 else {
            throw .malformed(file: vocabularyFile.path, line: nil, problem: "a token has a negative id")
        }
        maximumID = Int(highest)
    }
}
