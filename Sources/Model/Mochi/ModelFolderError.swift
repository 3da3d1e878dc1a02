/// Why a model's folder can't be used: the file, the key in it where there is one, and the reason.
public struct ModelFolderError: Error, Equatable, Sendable, CustomStringConvertible {
    public let file: String
    public let key: String?
    public let reason: String

    public init(file: String, key: String? = nil, reason: String) {
        self.file = file
        self.key = key
        self.reason = reason
    }

    public var description: String { (key.map { "\(file): \($0): " } ?? "\(file): ") + reason }
}
