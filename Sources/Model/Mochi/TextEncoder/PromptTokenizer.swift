/// Turns prompts into tokens of one length, and refuses those of which a part would be lost.
public struct PromptTokenizer: Sendable {
    let tokenizer: T5Tokenizer
    /// Tokens of a prompt at most, the end's included.
    public let length: Int

    init(_ tokenizer: T5Tokenizer, length: Int) {
        self.tokenizer = tokenizer
        self.length = length
    }

    /// - Throws: `MochiError.prompt` for a text that is empty or too long.
    public func callAsFunction(_ prompt: String) throws(MochiError) -> T5Tokens {
        guard prompt.contains(where: { !$0.isWhitespace }) else { throw .prompt(.empty) }
        let tokens: T5Tokens
        do throws(T5TokenizerError) { tokens = try tokenizer(prompt, length: length) } catch {
            throw .tokenizer(error)
        }
        guard !tokens.isTruncated else {
            throw .prompt(.tooLong(tokens: tokens.untruncatedCount, limit: length))
        }
        return tokens
    }
}
