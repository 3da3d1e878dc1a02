public import Torch

/// A loaded Mochi-1, or any model of its architecture.
///
/// Its weights are those of the folder, memory-mapped where they need neither conversion nor another device. All names,
/// shapes and types are checked before the first operator runs.
public struct MochiModel: Backbone {
    /// How to load it.
    public struct Options: Sendable {
        /// What transformer and decoder compute in; nil for what their files store.
        public var dtype: DType?
        public var device = Device.cpu
        public var backend = AttentionBackend.automatic
        /// Decodes in tiles, which is not exact; nil for whole frames.
        public var tiling: TiledDecoderStream.Grid?

        /// As the files are, on the CPU.
        public init() {}
    }

    public let settings: ModelSettings
    public let device: Device
    /// In the order in which they work.
    public let components: [ComponentReport]
    public let transformer: MochiTransformer
    public let decoder: VAEDecoder
    private let tokenizer: PromptTokenizer
    private let textEncoder: T5Encoder
    private let stillDecoder: LazyStillDecoder
    private let tiling: TiledDecoderStream.Grid?

    /// - Parameter onLoading: is told each component's name before it is loaded.
    /// - Throws: `MochiError` naming the file and the key.
    public init(
        _ folder: ModelFolder, _ options: Options = Options(), onLoading: (String) -> Void = { _ in }
    ) throws(MochiError) {
        do throws(ModelFolderError) { settings = try folder.settings() } catch { throw .folder(error) }
        (device, tiling) = (options.device, options.tiling)
        tokenizer = try folder.promptTokenizer()
        onLoading("text encoder")
        // Encoding is a thousandth of the work and steers all of it, so it is never rounded further than its files.
        let textDType = options.dtype == .float32 ? DType.float32 : nil
        let text = try folder.textEncoder(dtype: textDType, device: device)
        onLoading("transformer")
        let transformer = try folder.transformer(dtype: options.dtype, device: device, backend: options.backend)
        onLoading("VAE decoder")
        let decoder = try folder.decoder(dtype: options.dtype, device: device)
        (textEncoder, self.transformer, self.decoder) = (text.0, transformer.0, decoder.0)
        components = [text.1, transformer.1, decoder.1]
        stillDecoder = LazyStillDecoder(self.decoder)
        try Self.requireAgreement(
            tokenizer, textEncoder.configuration, self.transformer.configuration, self.decoder.configuration,
            in: folder.path)
    }

    public var geometry: VideoGeometry {
        VideoGeometry(transformer.configuration, decoder.configuration)
    }

    /// Text tokens of a prompt at most, the end's included.
    public var promptLength: Int { tokenizer.length }

    public func encode(_ prompt: String) throws(MochiError) -> EncodedPrompt {
        let tokens = try tokenizer(prompt)
        do throws(TorchError) {
            // All positions, as the reference: what padding's vectors are matters to nobody but whoever compares them.
            let ids = try Tensor(tokens.ids, shape: [1, tokenizer.length]).moved(to: device)
            let mask = try Tensor(tokens.mask, shape: [1, tokenizer.length]).moved(to: device)
            return EncodedPrompt(
                embeddings: try textEncoder(ids, mask: mask).converted(to: .float32),
                tokenCount: tokens.untruncatedCount)
        } catch {
            throw .torch(error)
        }
    }

    /// Nothing of the text encoder reaches a branch without tokens, so it is not asked (genmo zeroes ids and mask).
    public func unconditional() throws(MochiError) -> EncodedPrompt {
        do throws(TorchError) {
            return EncodedPrompt(
                embeddings: try .zeros([1, tokenizer.length, transformer.configuration.captionWidth], device: device),
                tokenCount: 0)
        } catch {
            throw .torch(error)
        }
    }

    public func velocity(_ latents: Tensor, prompt: EncodedPrompt, sigma: Double) throws(TorchError) -> Tensor {
        try transformer(latents, features: prompt.features(), timestep: NoiseSchedule.timestep(sigma: sigma))
    }

    public func decode(_ latents: Tensor, form: DecodeForm, consume: (Tensor) throws -> Void) throws {
        var whole = DecoderStream(decoder, form: form)
        var tiled = tiling.map { TiledDecoderStream(decoder, form: form, grid: $0) }
        for frame in 0..<latents.extent(2) {
            let next = try latents.narrowed(2, frame..<(frame + 1))
            try consume(tiled?.next(next) ?? whole.next(next))
        }
    }

    public func stills(_ latents: Tensor) throws(TorchError) -> Tensor { try stillDecoder()(latents) }

    public func colours(_ latents: Tensor) throws(TorchError) -> Tensor { try settings.colours(latents) }

    private static func requireAgreement(
        _ tokenizer: PromptTokenizer, _ text: T5Configuration, _ transformer: TransformerConfiguration,
        _ autoencoder: VAEConfiguration, in folder: String
    ) throws(MochiError) {
        func require(_ holds: Bool, _ file: String, _ key: String, _ reason: String) throws(MochiError) {
            guard holds else { throw .folder(ModelFolderError(file: "\(folder)/\(file)", key: key, reason: reason)) }
        }
        try require(
            text.width == transformer.captionWidth, "transformer/config.json", "text_embed_dim",
            "is \(transformer.captionWidth), but the text encoder's vectors have \(text.width)")
        try require(
            autoencoder.latentChannels == transformer.channels, "transformer/config.json", "in_channels",
            "is \(transformer.channels), but the autoencoder's latents have \(autoencoder.latentChannels)")
        let pieces = tokenizer.tokenizer.vocabularyCount - T5Tokenizer.sentinelCount
        try require(
            pieces <= text.vocabularyCount, "text_encoder/config.json", "vocab_size",
            "is \(text.vocabularyCount), but the tokenizer has \(pieces) pieces")
    }
}
