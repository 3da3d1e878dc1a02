/// The activation between the two layers of an MLP, by its published name.
public enum CLIPActivation: String, Equatable, Sendable, Decodable {
    /// `x · sigmoid(1.702 x)`.
    case quickGelu = "quick_gelu"
    /// By the error function.
    case gelu
}

/// What both towers have: a stack of equal layers.
public struct CLIPTowerConfiguration: Equatable, Sendable {
    /// `D`, the width between the layers.
    public var width: Int
    /// The width inside an MLP.
    public var hiddenWidth: Int
    public var layerCount: Int
    /// Heads that share the width.
    public var headCount: Int
    public var activation = CLIPActivation.quickGelu
    /// Added to the variance in every LayerNorm.
    public var epsilon = 1e-5

    func checkSizes(file: String, prefix: String) throws(CLIPError) {
        try CLIPConfiguration.check(
            [
                ("\(prefix).hidden_size", width), ("\(prefix).intermediate_size", hiddenWidth),
                ("\(prefix).num_attention_heads", headCount),
            ], file: file)
        try CLIPConfiguration.check(
            [("\(prefix).num_hidden_layers", layerCount)], limit: CLIPLimits.layers, file: file)
        guard width % headCount == 0 else {
            throw .unsupported(
                file: file, key: "\(prefix).num_attention_heads",
                problem: "\(headCount) heads do not share a width of \(width)")
        }
        guard epsilon >= 0, epsilon.isFinite else {
            throw .unsupported(file: file, key: "\(prefix).layer_norm_eps", problem: "\(epsilon)")
        }
    }
}

/// `text_config`.
public struct CLIPTextConfiguration: Equatable, Sendable {
    public var tower = CLIPTowerConfiguration(width: 512, hiddenWidth: 2048, layerCount: 12, headCount: 8)
    public var vocabularySize = 49_408
    /// Positions that have an embedding: the longest text in tokens, start and end included.
    public var positionCount = 77
    /// The token whose state stands for the text. 2, which older files say by mistake, means: the largest id.
    public var endTokenID = 49_407

    public init() {}
}

/// `vision_config`.
public struct CLIPVisionConfiguration: Equatable, Sendable {
    public var tower = CLIPTowerConfiguration(width: 768, hiddenWidth: 3072, layerCount: 12, headCount: 12)
    public var channelCount = 3
    /// Height and width of the image in pixels.
    public var imageSize = 224
    /// Height and width of a patch in pixels.
    public var patchSize = 32

    public init() {}

    /// Patches in an image; a rest of pixels that makes no patch is not seen.
    public var patchCount: Int { (imageSize / patchSize) * (imageSize / patchSize) }
}

extension CLIPTowerConfiguration {
    fileprivate enum CodingKeys: String, CodingKey {
        case width = "hidden_size"
        case hiddenWidth = "intermediate_size"
        case layerCount = "num_hidden_layers"
        case headCount = "num_attention_heads"
        case activation = "hidden_act"
        case epsilon = "layer_norm_eps"
    }

    fileprivate mutating func update(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        width = try values.decodeIfPresent(Int.self, forKey: .width) ?? width
        hiddenWidth = try values.decodeIfPresent(Int.self, forKey: .hiddenWidth) ?? hiddenWidth
        layerCount = try values.decodeIfPresent(Int.self, forKey: .layerCount) ?? layerCount
        headCount = try values.decodeIfPresent(Int.self, forKey: .headCount) ?? headCount
        activation = try values.decodeIfPresent(CLIPActivation.self, forKey: .activation) ?? activation
        epsilon = try values.decodeIfPresent(Double.self, forKey: .epsilon) ?? epsilon
    }
}

extension CLIPTextConfiguration: Decodable {
    private enum CodingKeys: String, CodingKey {
        case vocabularySize = "vocab_size"
        case positionCount = "max_position_embeddings"
        case endTokenID = "eos_token_id"
    }

    public init(from decoder: any Decoder) throws {
        try tower.update(from: decoder)
        let values = try decoder.container(keyedBy: CodingKeys.self)
        vocabularySize = try values.decodeIfPresent(Int.self, forKey: .vocabularySize) ?? vocabularySize
        positionCount = try values.decodeIfPresent(Int.self, forKey: .positionCount) ?? positionCount
        endTokenID = try values.decodeIfPresent(Int.self, forKey: .endTokenID) ?? endTokenID
    }
}

extension CLIPVisionConfiguration: Decodable {
    private enum CodingKeys: String, CodingKey {
        case channelCount = "num_channels"
        case imageSize = "image_size"
        case patchSize = "patch_size"
    }

    public init(from decoder: any Decoder) throws {
        try tower.update(from: decoder)
        let values = try decoder.container(keyedBy: CodingKeys.self)
        channelCount = try values.decodeIfPresent(Int.self, forKey: .channelCount) ?? channelCount
        imageSize = try values.decodeIfPresent(Int.self, forKey: .imageSize) ?? imageSize
        patchSize = try values.decodeIfPresent(Int.self, forKey: .patchSize) ?? patchSize
    }
}
