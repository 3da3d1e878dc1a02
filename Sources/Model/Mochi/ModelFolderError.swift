import FoundationEssentials
import Glibc

/// Why a model's folder can't be used: the file, the key in it where there is one, and the reason.
public struct ModelFolderError: Error, Equatable, Sendable, CustomStringConvertible {
    public let file: String
    /// As the file spells it; nil where the file as a whole is at fault.
    public let key: String?
    public let reason: String

    public init(file: String, key: String? = nil, reason: String) {
        self.file = file
        self.key = key
        self.reason = reason
    }

    public var description: String { (key.map { "\(file): \($0): " } ?? "\(file): ") + reason }
}

extension ModelFolderError {
    /// Bytes of a `config.json`; the published ones have about 1 KB.
    private static let byteLimit = 1 << 20

    /// What the JSON decoder says, with its key; an error of this type stays as it is.
    init(_ error: any Error, in file: String) {
        switch error {
        case let error as ModelFolderError:
            self = error
        case DecodingError.keyNotFound(let key, let context):
            self.init(file: file, key: Self.name(context.codingPath + [key]), reason: "is missing")
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            self.init(
                file: file, key: Self.name(context.codingPath), reason: "is of another type than expected")
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            self.init(
                file: file, key: Self.name(context.codingPath), reason: "is of another kind than expected")
        default:
            self.init(file: file, reason: "is not the JSON of a configuration")
        }
    }

    /// `video.width`; positions in a list are left out.
    private static func name(_ path: [any CodingKey]) -> String? {
        let names = path.filter { $0.intValue == nil }.map(\.stringValue)
        return names.isEmpty ? nil : names.joined(separator: ".")
    }

    /// The content of a configuration file.
    static func read(_ path: String) throws(ModelFolderError) -> Data {
        var information = stat()
        guard stat(path, &information) == 0 else {
            throw ModelFolderError(file: path, reason: String(cString: strerror(errno)))
        }
        guard information.st_mode & S_IFMT == S_IFREG, information.st_size <= byteLimit else {
            throw ModelFolderError(file: path, reason: "is no file of at most \(byteLimit) bytes")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ModelFolderError(file: path, reason: "may not be read")
        }
        return data
    }
}
