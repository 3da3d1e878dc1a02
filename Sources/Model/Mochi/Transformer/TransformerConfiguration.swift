import FoundationEssentials

/// The sizes of an AsymmDiT, as `transformer/config.json` of the published layout gives them.
///
/// Reference: diffusers 0.42.1 `models/transformers/transformer_mochi.py`, class `MochiTransformer3DModel`.
public struct TransformerConfiguration: Equatable, Sendable {
    /// Pixels of latent along each side of a token.
    public var patchSize = 2
    public var heads = 24
    public var headWidth = 128
    public var layers = 48
    /// Width of the text stream.
    public var textWidth = 1536
    /// Channels of the latents, in and out.
    public var channels = 12
    /// Width of the T5 features.
    public var captionWidth = 4096
    /// Width of the sinusoid that the timestep becomes.
    public var timeWidth = 256
    /// Text tokens at most.
    public var textLength = 256

    /// The published Mochi-1 (genmo/mochi-1-preview): 10,027,677,744 parameters.
    public init() {}

    /// Width of the visual stream.
    public var width: Int { heads * headWidth }
    /// Hidden width of the visual stream's feed-forward.
    public var hiddenWidth: Int { Self.hiddenWidth(of: width) }

    static func hiddenWidth(of width: Int) -> Int { 4 * width * 2 / 3 }
    /// Heads of the caption's pooling; not in the file, the reference has it fixed.
    static let poolingHeads = 8
}

extension TransformerConfiguration {
    /// Reads `config.json`.
    ///
    /// - Throws: `ModelFolderError` naming the file and the key whose value is missing, odd or not supported.
    public init(contentsOf file: String) throws(ModelFolderError) {
        try self.init(json: ModelFolderError.read(file), file: file)
    }

    init(json: Data, file: String) throws(ModelFolderError) {
        let fields: Fields
        do { fields = try JSONDecoder().decode(Fields.self, from: json) } catch {
            throw ModelFolderError(error, in: file)
        }
        (patchSize, heads, headWidth) = (fields.patchSize.value, fields.heads.value, fields.headWidth.value)
        (layers, textWidth, channels) = (fields.layers.value, fields.textWidth.value, fields.channels.value)
        (captionWidth, timeWidth) = (fields.captionWidth.value, fields.timeWidth.value)
        textLength = fields.textLength.value
        try fields.requireSupported(file)
    }
}

private struct Fields: Decodable {
    let patchSize, heads, headWidth, layers, textWidth, channels, captionWidth, timeWidth, textLength: WholeNumber
    let outChannels: WholeNumber?
    let activation, norm: String?

    enum CodingKeys: String, CodingKey {
        case patchSize = "patch_size"
        case heads = "num_attention_heads"
        case headWidth = "attention_head_dim"
        case layers = "num_layers"
        case textWidth = "pooled_projection_dim"
        case channels = "in_channels"
        case outChannels = "out_channels"
        case captionWidth = "text_embed_dim"
        case timeWidth = "time_embed_dim"
        case textLength = "max_sequence_length"
        case activation = "activation_fn"
        case norm = "qk_norm"
    }

    /// Everything that would fail, or worse not fail, somewhere inside the network.
    func requireSupported(_ file: String) throws(ModelFolderError) {
        let sizes: [(CodingKeys, WholeNumber, ClosedRange<Int>)] = [
            (.patchSize, patchSize, 1...8), (.heads, heads, 1...256), (.headWidth, headWidth, 2...1024),
            (.layers, layers, 1...1000), (.textWidth, textWidth, 1...65_536), (.channels, channels, 1...1024),
            (.captionWidth, captionWidth, 1...65_536), (.timeWidth, timeWidth, 2...65_536),
            (.textLength, textLength, 2...4096),
        ]
        for (key, number, range) in sizes where !range.contains(number.value) {
            throw ModelFolderError(file: file, key: key.rawValue, reason: "is \(number.value), expected \(range)")
        }
        func require(_ holds: Bool, _ key: CodingKeys, _ reason: String) throws(ModelFolderError) {
            guard holds else { throw ModelFolderError(file: file, key: key.rawValue, reason: reason) }
        }
        let (headWidth, timeWidth) = (self.headWidth.value, self.timeWidth.value)
        let (captionWidth, channels) = (self.captionWidth.value, self.channels.value)
        try require(headWidth % 2 == 0, .headWidth, "is \(headWidth), rotation needs an even width")
        try require(timeWidth % 2 == 0, .timeWidth, "is \(timeWidth), half are sines and half cosines")
        let pooling = TransformerConfiguration.poolingHeads
        try require(captionWidth % pooling == 0, .captionWidth, "is \(captionWidth), no multiple of \(pooling) heads")
        try require(
            outChannels?.value ?? channels == channels, .outChannels,
            "is \(outChannels?.value ?? 0), expected \(channels)")
        try require(activation ?? "swiglu" == "swiglu", .activation, "is \(activation ?? ""), expected swiglu")
        try require(norm ?? "rms_norm" == "rms_norm", .norm, "is \(norm ?? ""), expected rms_norm")
    }
}
