/// Why an autoencoder's configuration was refused.
public struct VAEConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    public let file: String
    /// The key of the JSON object; nil where the file as a whole is at fault.
    public let key: String?
    public let problem: String

    init(file: String, key: String? = nil, problem: String) {
        self.file = file
        self.key = key
        self.problem = problem
    }

    init(_ error: DecodingError, file: String) {
        let path: [any CodingKey]
        let problem: String
        switch error {
        case .keyNotFound(let key, let context): (path, problem) = (context.codingPath + [key], "is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            (path, problem) = (context.codingPath, context.debugDescription)
        @unknown default: (path, problem) = ([], "\(error)")
        }
        self.init(file: file, key: path.first?.stringValue, problem: problem)
    }

    public var description: String {
        let place = key.map { "\(file): \($0): " } ?? "\(file): "
        return place + problem
    }
}
