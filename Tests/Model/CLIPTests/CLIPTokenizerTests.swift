import Testing

@testable import CLIP

/// Goal: texts are cut so that the end token stays, with the text that was kept; broken vocabularies are refused.
@Suite struct CLIPTokenizerTests {
    private func refusal(of folder: CLIPFolder) -> String {
        do throws(CLIPError) {
            _ = try CLIPTokenizer(folder: folder.path)
            return "accepted"
        } catch {
            return error.description.replacing(folder.path + "/", with: "")
        }
    }

    @Test func truncationKeepsTheEndTokenAndSaysWhatItKept() throws {
        try CLIPFolder.with(weights: false) { folder in
            let tokenizer = try CLIPTokenizer(folder: folder.path)
            let whole = try tokenizer.encode("  The \n THE 1")
            #expect(whole.ids == [514, 513, 513, Int(UInt8(ascii: "1")) + 256, 515])
            #expect(!whole.isTruncated && whole.keptText == "the the 1")
            let cut = try tokenizer.encode("The the THE the", limit: 5)
            #expect(cut.ids == [514, 513, 513, 513, 515])
            #expect(cut.isTruncated && cut.keptText == "the the the")
            #expect(try !tokenizer.encode("The the THE", limit: 5).isTruncated)
            #expect(cut.ids(paddedTo: 7, with: tokenizer.paddingID) == [514, 513, 513, 513, 515, 515, 515])
            #expect(try tokenizer.encode("the", limit: 2).ids == [514, 515])
        }
    }

    /// "é" and the cat are two and four tokens here: a cut inside them leaves the whole character out.
    @Test func keptTextNeverEndsInsideACharacter() throws {
        try CLIPFolder.with(weights: false) { folder in
            let tokenizer = try CLIPTokenizer(folder: folder.path)
            #expect(try tokenizer.encode("the \u{e9}", limit: 4).keptText == "the")
            #expect(try tokenizer.encode("the \u{e9}", limit: 5).keptText == "the \u{e9}")
            #expect(try tokenizer.encode("a\u{1F431}b", limit: 6).keptText == "a")
            #expect(try tokenizer.encode("a\u{1F431}b", limit: 7).keptText == "a\u{1F431}")
        }
    }

    @Test func endlessTextsAreRefused() throws {
        try CLIPFolder.with(weights: false) { folder in
            let tokenizer = try CLIPTokenizer(folder: folder.path)
            let limit = CLIPLimits.textByteCount
            #expect(throws: CLIPError.overLimit("the text's bytes", found: limit + 1, limit: limit)) {
                try tokenizer.encode(String(repeating: "a", count: limit + 1))
            }
        }
    }

    @Test(arguments: [
        ("#version: 0.2\nt h\nthe\n", "merges.txt:3: expected two tokens"),
        ("#version: 0.2\nt h\n\nth e</w>\n", "merges.txt:3: expected two tokens"),
        ("t h\nth e</w> \n", "merges.txt:2: expected two tokens"),
        ("t h\nt q\n", "merges.txt:2: \"t q\" or its merge is not in the vocabulary"),
        ("t h\r\nth e</w>\r\n", "accepted"),
    ])
    func aBrokenMergeIsNamedByItsLine(merges: String, expected: String) throws {
        try CLIPFolder.with(weights: false) { folder in
            try folder.write(merges, to: "merges.txt")
            #expect(refusal(of: folder).hasPrefix(expected), "\(refusal(of: folder))")
        }
    }

    @Test func brokenVocabulariesAreRefused() throws {
        try CLIPFolder.with(weights: false) { folder in
            try folder.write(#"{"a": 0}"#, to: "vocab.json")
            #expect(refusal(of: folder).hasPrefix("vocab.json: no token \"\u{100}\" for byte 0"))
            try folder.write(#"{"a": "0"}"#, to: "vocab.json")
            #expect(refusal(of: folder).hasPrefix("vocab.json: a: "))
            try folder.write(String(repeating: " ", count: CLIPLimits.vocabularyByteCount + 1), to: "vocab.json")
            #expect(refusal(of: folder).contains("is over the limit of"))
        }
    }

    @Test(arguments: [
        (#"{"bos_token": "<s>"}"#, "tokenizer_config.json: bos_token: the vocabulary has no token \"<s>\""),
        (
            #"{"bos_token": {"content": "<|startoftext|>", "lstrip": true}}"#,
            "tokenizer_config.json: bos_token.lstrip: "
        ),
        (#"{"added_tokens_decoder": {"9": {"content": "x"}}}"#, "tokenizer_config.json: added_tokens_decoder: a token"),
    ])
    func unsupportedSpecialTokensAreRefused(json: String, expected: String) throws {
        try CLIPFolder.with(weights: false) { folder in
            try folder.write(json, to: "tokenizer_config.json")
            #expect(refusal(of: folder).hasPrefix(expected), "\(refusal(of: folder))")
        }
    }
}
