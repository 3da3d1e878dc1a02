public import FoundationEssentials
internal import Glibc

/// The extents of a T5 encoder, as `text_encoder/config.json` publishes them.
public struct T5Configuration: Equatable, Sendable, Decodable {
    /// `D`: width of a token's vector.
    public let width: Int
    /// `K`: width of one attention head.
    public let headWidth: Int
    /// `F`: width inside the feed-forward layer.
    public let hiddenWidth: Int
    public let layers: Int
    /// `H`.
    public let heads: Int
    /// Half of them for keys before the query, half for keys after it.
    public let positionBuckets: Int
    /// From this distance on, all positions share the last bucket of their side.
    public let positionDistance: Int
    public let normEpsilon: Double
    /// `V`: rows of the embedding table.
    public let vocabularyCount: Int

    enum CodingKeys: String, CodingKey {
        case width = "d_model"
        case headWidth = "d_kv"
        case hiddenWidth = "d_ff"
        case layers = "num_layers"
        case heads = "num_heads"
        case positionBuckets = "relative_attention_num_buckets"
        case positionDistance = "relative_attention_max_distance"
        case normEpsilon = "layer_norm_epsilon"
        case vocabularyCount = "vocab_size"
    }

    /// Takes the values as they stand; `init(path:)` and `init(json:file:)` also check them.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func integer(_ key: CodingKeys) throws -> Int {
            // Decoded as an integer, 1.5 would be an error without its key.
            guard let value = try Int(exactly: values.decode(Double.self, forKey: key)) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: values, debugDescription: "no integer")
            }
            return value
        }
        width = try integer(.width)
        headWidth = try integer(.headWidth)
        hiddenWidth = try integer(.hiddenWidth)
        layers = try integer(.layers)
        heads = try integer(.heads)
        positionBuckets = try integer(.positionBuckets)
        positionDistance = try integer(.positionDistance)
        normEpsilon = try values.decode(Double.self, forKey: .normEpsilon)
        vocabularyCount = try integer(.vocabularyCount)
    }

    /// Reads and checks a `config.json`.
    ///
    /// - Throws: `T5ConfigurationError` naming the file and the key.
    public init(path: String) throws(T5ConfigurationError) {
        var information = stat()
        guard stat(path, &information) == 0 else {
            throw T5ConfigurationError(file: path, key: nil, reason: String(cString: strerror(errno)))
        }
        guard information.st_mode & S_IFMT == S_IFREG, information.st_size <= Self.byteLimit else {
            throw T5ConfigurationError(file: path, key: nil, reason: "no file of at most \(Self.byteLimit) bytes")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw T5ConfigurationError(file: path, key: nil, reason: "it may not be read")
        }
        try self.init(json: data, file: path)
    }

    /// - Parameter file: the name that errors carry.
    public init(json: Data, file: String) throws(T5ConfigurationError) {
        do {
            let form = try JSONDecoder().decode(Form.self, from: json)
            guard form.feedForward == "gated-gelu" else {
                throw T5ConfigurationError(
                    file: file, key: "feed_forward_proj",
                    reason: "only gated-gelu is supported, not \(form.feedForward)")
            }
            self = try JSONDecoder().decode(T5Configuration.self, from: json)
        } catch {
            throw T5ConfigurationError(error, file: file)
        }
        if let problem { throw T5ConfigurationError(file: file, key: problem.key.rawValue, reason: problem.reason) }
    }

    /// What says which of the T5 family this is.
    private struct Form: Decodable {
        let feedForward: String
        enum CodingKeys: String, CodingKey { case feedForward = "feed_forward_proj" }
    }

    /// The first value that no T5 can have, if any.
    private var problem: (key: CodingKeys, reason: String)? {
        let extents: [(CodingKeys, Int)] = [
            (.width, width), (.headWidth, headWidth), (.hiddenWidth, hiddenWidth), (.layers, layers), (.heads, heads),
            (.vocabularyCount, vocabularyCount),
        ]
        for (key, value) in extents where !(1...Self.extentLimit).contains(value) {
            return (key, "\(value) is not within 1 to \(Self.extentLimit)")
        }
        guard positionBuckets % 2 == 0, (4...Self.extentLimit).contains(positionBuckets) else {
            return (.positionBuckets, "\(positionBuckets) is no even number from 4 to \(Self.extentLimit)")
        }
        let exact = positionBuckets / 4
        guard positionDistance > exact, positionDistance <= Self.extentLimit else {
            return (.positionDistance, "\(positionDistance) is not within \(exact + 1) to \(Self.extentLimit)")
        }
        guard normEpsilon > 0, normEpsilon < 1 else { return (.normEpsilon, "\(normEpsilon) is not within 0 to 1") }
        return nil
    }

    /// Bytes of a `config.json`; the published ones have less than 1 KB.
    private static let byteLimit = 1 << 20
    /// No extent of a model that fits into a machine comes near it.
    private static let extentLimit = 1 << 20
}

/// Why a configuration was refused.
public struct T5ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    public let file: String
    /// As the file spells it; nil where the file as a whole is the matter.
    public let key: String?
    public let reason: String

    public var description: String { key.map { "\(file): \($0): \(reason)" } ?? "\(file): \(reason)" }
}

extension T5ConfigurationError {
    /// What the JSON decoder says, with its key.
    fileprivate init(_ error: any Error, file: String) {
        switch error {
        case let error as T5ConfigurationError:
            self = error
        case DecodingError.keyNotFound(let key, _):
            self.init(file: file, key: key.stringValue, reason: "it is missing")
        case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
            self.init(file: file, key: context.codingPath.last?.stringValue, reason: "it is no \(type)")
        case DecodingError.dataCorrupted(let context):
            let key = context.codingPath.last?.stringValue
            self.init(file: file, key: key, reason: key == nil ? "it is no JSON" : "it is no integer")
        default:
            self.init(file: file, key: nil, reason: "\(error)")
        }
    }
}
