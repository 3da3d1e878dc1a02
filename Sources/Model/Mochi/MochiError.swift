public import Torch

/// Why a model could not be loaded or a segment not be rendered.
public enum MochiError: Error, Equatable, Sendable, CustomStringConvertible {
    case folder(ModelFolderError)
    case weights(LoadError)
    case tokenizer(T5TokenizerError)
    case prompt(PromptError)
    case size(VideoSizeError)
    /// A value that is no number, or infinite, appeared: the prompt's, the model's or the device's fault.
    case notFinite(NotFinite)
    case torch(TorchError)

    /// Whether the model's files or what was asked for is at fault, so that trying again is useless everywhere.
    public var isBadInput: Bool {
        switch self {
        case .folder, .weights(.file), .tokenizer, .prompt, .size: return true
        case .weights(.torch), .weights(.cancelled), .notFinite, .torch: return false
        }
    }

    /// Whether the same work may succeed elsewhere or later without anything being changed in it.
    public var isRetriable: Bool {
        switch self {
        case .torch(let error), .weights(.torch(let error)): return error.isRetriable
        case .notFinite: return true
        case .folder, .weights(.file), .weights(.cancelled), .tokenizer, .prompt, .size: return false
        }
    }

    public var description: String {
        switch self {
        case .folder(let error): return error.description
        case .weights(let error): return error.description
        case .tokenizer(let error): return error.description
        case .prompt(let error): return error.description
        case .size(let error): return error.description
        case .notFinite(let error): return error.description
        case .torch(let error): return error.description
        }
    }
}

/// A text that the model can't take.
public enum PromptError: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case tooLong(tokens: Int, limit: Int)

    public var description: String {
        switch self {
        case .empty: return "the prompt is empty"
        case .tooLong(let tokens, let limit): return "the prompt has \(tokens) tokens, over the limit of \(limit)"
        }
    }
}

/// Where a value that is not finite appeared.
public struct NotFinite: Error, Equatable, Sendable, CustomStringConvertible {
    /// "the velocity".
    public let what: String
    /// Counted from 0; nil outside the sampling.
    public let step: Int?

    public init(_ what: String, step: Int? = nil) {
        self.what = what
        self.step = step
    }

    public var description: String {
        "\(what) is not finite" + (step.map { " at step \($0)" } ?? "")
    }
}
