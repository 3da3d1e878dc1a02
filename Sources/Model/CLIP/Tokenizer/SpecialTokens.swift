/// The tokens that are found in a text as a whole, before it is split into words.
struct SpecialTokens: Equatable, Sendable {
    struct Token: Equatable, Sendable {
        let content: String
        let id: Int32
        /// Whether it is sought in the normalised text: "<|STARTOFTEXT|>" counts too.
        let isNormalized: Bool
    }

    let start, end, padding: Token
    /// Each content once, the longest first: where two match, the longer counts.
    let all: [Token]

    /// - Throws: `CLIPError` naming the file, and the key of a token that is not in the vocabulary.
    init(
        settings: TokenizerSettings, settingsPath: String, vocabulary: [String: Int32]
    ) throws(CLIPError) {
        var found: [String: Token] = [:]
        func find(_ role: TokenizerSettings.Role, _ key: String) throws(CLIPError) -> String {
            guard let id = vocabulary[role.content] else {
                throw .unsupported(
                    file: settingsPath, key: key, problem: "the vocabulary has no token \"\(role.content.prefix(60))\"")
            }
            found[role.content] = Token(
                content: role.content, id: id, isNormalized: settings.isNormalized(role.content))
            return role.content
        }
        let contents = [
            try find(settings.start, "bos_token"), try find(settings.end, "eos_token"),
            try find(settings.unknown, "unk_token"), try find(settings.padding, "pad_token"),
        ]
        guard let start = found[contents[0]], let end = found[contents[1]], let padding = found[contents[3]] else {
            preconditionFailure("every role was entered above")
        }
        (self.start, self.end, self.padding) = (start, end, padding)
        all = found.values.sorted {
            ($1.content.utf8.count, $0.content) < ($0.content.utf8.count, $1.content)
        }
    }
}

/// `tokenizer_config.json`, as far as it says which tokens are special.
struct TokenizerSettings: Equatable, Sendable {
    /// A token as plain text, or with how it is sought.
    struct Role: Equatable, Sendable {
        let content: String
        var isNormalized = false
        /// Whether the file has it; otherwise it is the reference's default.
        var isGiven = true
    }

    var start = Role(content: "<|startoftext|>", isGiven: false)
    var end = Role(content: "<|endoftext|>", isGiven: false)
    var unknown = Role(content: "<|endoftext|>", isGiven: false)
    var padding = Role(content: "<|endoftext|>", isGiven: false)
    /// Newer files list the tokens once more; where they do, that list decides.
    var added: [Role]?

    /// Several roles often share one content: then the last one that the file has decides, as in the reference.
    func isNormalized(_ content: String) -> Bool {
        let deciding = added ?? [start, end, unknown, padding].filter(\.isGiven)
        return deciding.last { $0.content == content }?.isNormalized ?? false
    }
}

extension TokenizerSettings: Decodable {
    private enum CodingKeys: String, CodingKey {
        case start = "bos_token"
        case end = "eos_token"
        case unknown = "unk_token"
        case padding = "pad_token"
        case added = "added_tokens_decoder"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        start = try values.decodeIfPresent(Role.self, forKey: .start) ?? start
        end = try values.decodeIfPresent(Role.self, forKey: .end) ?? end
        unknown = try values.decodeIfPresent(Role.self, forKey: .unknown) ?? unknown
        padding = try values.decodeIfPresent(Role.self, forKey: .padding) ?? padding
        added = try values.decodeIfPresent([String: Role].self, forKey: .added).map { Array($0.values) }
        let known = Set([start, end, unknown, padding].map(\.content))
        guard let stranger = added?.first(where: { !known.contains($0.content) }) else { return }
        throw DecodingError.dataCorruptedError(
            forKey: .added, in: values, debugDescription: "a token \"\(stranger.content)\" of no known role")
    }
}

extension TokenizerSettings.Role: Decodable {
    private enum CodingKeys: String, CodingKey {
        case content, normalized, lstrip, rstrip
        case singleWord = "single_word"
    }

    init(from decoder: any Decoder) throws {
        if let content = try? decoder.singleValueContainer().decode(String.self) {
            self.init(content: content)
        } else {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                content: try values.decode(String.self, forKey: .content),
                isNormalized: try values.decodeIfPresent(Bool.self, forKey: .normalized) ?? true)
            for key in [CodingKeys.lstrip, .rstrip, .singleWord] {
                guard try values.decodeIfPresent(Bool.self, forKey: key) != true else {
                    throw DecodingError.dataCorruptedError(
                        forKey: key, in: values, debugDescription: "only false is supported")
                }
            }
        }
        guard content.isEmpty else { return }
        throw DecodingError.dataCorrupted(
            .init(codingPath: decoder.codingPath, debugDescription: "a special token without text"))
    }
}
