import Glibc

/// The operating system's refusal of a file.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    /// `errno` as it stood right after the call.
    public let code: Int32

    public init(path: String, code: Int32) {
        self.path = path
        self.code = code
    }

    /// The system's words, as "No space left on device".
    public var reason: String { String(cString: strerror(code)) }
    public var description: String { "\(path): \(reason)" }
}
