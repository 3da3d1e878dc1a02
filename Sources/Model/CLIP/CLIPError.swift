public import Torch

/// Why a CLIP folder was refused, or why a text or an image could not be embedded.
public enum CLIPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file of the folder is missing or can't be read; the operating system's own words.
    case unreadable(file: String, reason: String)
    /// A file is not of its format; the line counts from 1 where the format has lines.
    case malformed(file: String, line: Int?, problem: String)
    /// A setting that this implementation does not have, or that contradicts another one.
    case unsupported(file: String, key: String, problem: String)
    /// Something is larger than one of `CLIPLimits`; no file is named where it is the text that was given.
    case overLimit(String, found: Int, limit: Int, file: String? = nil)
    /// The weights do not fit the configuration.
    case weights(LoadError)
    case torch(TorchError)

    /// Whether the same work may succeed elsewhere or later without anything being changed in it.
    public var isRetriable: Bool {
        switch self {
        case .torch(let error), .weights(.torch(let error)): return error.isRetriable
        case .unreadable, .malformed, .unsupported, .overLimit, .weights(.file), .weights(.cancelled): return false
        }
    }

    /// Whether the folder's files or what was asked for is at fault.
    public var isBadInput: Bool {
        switch self {
        case .unreadable, .malformed, .unsupported, .overLimit, .weights(.file): return true
        case .torch, .weights(.torch), .weights(.cancelled): return false
        }
    }

    public var description: String {
        switch self {
        case .unreadable(let file, let reason): return "\(file): \(reason)"
        case .malformed(let file, let line, let problem):
            return line.map { "\(file):\($0): \(problem)" } ?? "\(file): \(problem)"
        case .unsupported(let file, let key, let problem): return "\(file): \(key): \(problem)"
        case .overLimit(let what, let found, let limit, let file):
            return (file.map { "\($0): " } ?? "") + "\(what) \(found) is over the limit of \(limit)"
        case .weights(let error): return error.description
        case .torch(let error): return error.description
        }
    }
}

/// What a CLIP folder may claim before it is refused; the published models stay far below.
public enum CLIPLimits {
    /// Bytes of a JSON file with settings.
    public static let settingsByteCount = 1 << 20
    /// Bytes of `vocab.json` or of `merges.txt`; those of the published models have 1 MB.
    public static let vocabularyByteCount = 16 << 20
    /// UTF-8 bytes of a text. One endless word costs time by the square of its length.
    public static let textByteCount = 1 << 14
    /// Any extent that a configuration names: widths, positions, tokens, pixels.
    public static let extent = 1 << 20
    /// Layers of one tower.
    public static let layers = 256
}
