public import FoundationEssentials

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

    /// Takes the values as they stand; `init(contentsOf:)` and `init(json:file:)` also check them.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func integer(_ key: CodingKeys) throws -> Int {
            try values.decode(WholeNumber.self, forKey: key).value
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
    /// - Throws: `ModelFolderError` naming the file and the key.
    public init(contentsOf file: String) throws(ModelFolderError) {
        try self.init(json: ModelFolderError.read(file), file: file)
    }

    /// - Parameter file: the name that errors carry.
    public init(json: Data, file: String) throws(ModelFolderError) {
        do {
            let form = try JSONDecoder().decode(Form.self, from: json)
            guard form.feedForward == "gated-gelu" else {
                let reason = "only gated-gelu is supported, not \(form.feedForward)"
                throw ModelFolderError(file: file, key: "feed_forward_proj", reason: reason)
            }
            self = try JSONDecoder().decode(T5Configuration.self, from: json)
        } catch {
            throw ModelFolderError(error, in: file)
        }
        if let problem { throw ModelFolderError(file: file, key: problem.key.rawValue, reason: problem.reason) }
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

    /// No extent of a model that fits into a machine comes near it.
    private static let extentLimit = 1 << 20
}
