/// Why a safetensors file was refused: the file, the key where there is one, and what was expected and found.
public struct SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Reason: Equatable, Sendable {
        /// The operating system's own refusal, with its text.
        case inputOutput(String)
        /// Not of this format at all, or cut off.
        case foreign(String)
        /// A declared size is over one of `SafetensorsLimits`.
        case overLimit(String, found: Int, limit: Int)
        /// The header is of the format but contradicts itself or the file.
        case inconsistent(String)
        /// The file is sound but not the one that was asked for.
        case mismatch(expected: String, found: String)
        case missingKey
    }

    public let file: String
    public let key: String?
    public let reason: Reason

    public init(file: String, key: String? = nil, reason: Reason) {
        self.file = file
        self.key = key
        self.reason = reason
    }

    public var description: String {
        // A key of a megabyte is no name to anybody.
        let place = key.map { "\(file): \($0.prefix(200)): " } ?? "\(file): "
        switch reason {
        case .inputOutput(let text): return place + text
        case .foreign(let text): return place + "not a safetensors file: " + text
        case .overLimit(let what, let found, let limit): return place + "\(what) \(found) is over the limit of \(limit)"
        case .inconsistent(let text): return place + text
        case .mismatch(let expected, let found): return place + "expected \(expected), found \(found)"
        case .missingKey: return place + "there is no such tensor"
        }
    }
}

/// What a safetensors file may claim before it is refused unread.
public enum SafetensorsLimits {
    /// Bytes of the JSON header; the largest published Mochi-1 file has 0.2 MB.
    public static let headerByteCount = 1 << 20
    /// Bytes of the JSON index of a sharded model.
    public static let indexByteCount = 4 << 20
    /// Dimensions of one tensor.
    public static let rank = 8
    /// Files of one sharded model.
    public static let shards = 1_000
}
