/// Why a text could not be turned into tokens.
public enum T5TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The operating system's refusal, in its words.
    case unreadable(file: String, reason: String)
    /// The file is no SentencePiece model, or not one of T5's kind.
    case foreign(file: String, reason: String)
    /// A text of more bytes than `T5Tokenizer.textByteLimit`, refused unread.
    case textTooLong(byteCount: Int, limit: Int)
    /// A failure of the library that has nothing to do with its input.
    case library(String)

    public var description: String {
        switch self {
        case .unreadable(let file, let reason): return "\(file): \(reason)"
        case .foreign(let file, let reason): return "\(file): not T5's tokenizer: \(reason)"
        case .textTooLong(let count, let limit): return "a text of \(count) bytes is over the limit of \(limit)"
        case .library(let reason): return "SentencePiece: \(reason)"
        }
    }
}
