import Safetensors
public import Torch

/// A CLIP model: texts and images to vectors whose angle says how well they fit.
///
/// Reads the layout of transformers: `config.json`, `model.safetensors` (or shards with an index), `vocab.json`,
/// `merges.txt`, `preprocessor_config.json` and, where there is one, `tokenizer_config.json`.
///
/// Shapes: `F` images of one size, `P` projected width.
/// Reference: transformers 5.23 `modeling_clip.py`, class `CLIPModel`.
public struct CLIP: Sendable {
    /// Images that pass through the tower at once; more of them need memory without being faster.
    private static let imagesAtOnce = 32

    public let configuration: CLIPConfiguration
    public let tokenizer: CLIPTokenizer
    public let preprocessing: CLIPPreprocessing
    public let text: CLIPTextModel
    public let vision: CLIPVisionModel
    /// Number of the towers' scalars, and their memory in bytes.
    public let parameterCount, byteCount: Int
    private let device: Device

    /// Loads a folder and checks that its files fit each other.
    ///
    /// - Parameters:
    ///   - dtype: what the weights are converted to; nil leaves them as they are stored.
    /// - Throws: `CLIPError` naming the file that is missing or refused, and the key, line or weight.
    public init(folder: String, dtype: DType? = nil, device: Device = .cpu) throws(CLIPError) {
        configuration = try CLIPConfiguration(folder: folder)
        tokenizer = try CLIPTokenizer(folder: folder)
        preprocessing = try CLIPPreprocessing(folder: folder)
        self.device = device
        try Self.requireAgreement(configuration, tokenizer, preprocessing, folder: folder)
        do throws(LoadError) {
            let weights = Weights(try Self.archive(folder), dtype: dtype, device: device)
            let width = configuration.projectionWidth
            text = try CLIPTextModel(configuration.text, projectionWidth: width, weights: weights.root)
            vision = try CLIPVisionModel(configuration.vision, projectionWidth: width, weights: weights.root)
            // The scale serves training and classification, the positions are only counted: neither changes an angle.
            try weights.requireAllTaken(ignoring: [
                "logit_scale", "text_model.embeddings.position_ids", "vision_model.embeddings.position_ids",
            ])
            (parameterCount, byteCount) = (weights.parameterCount, weights.byteCount)
        } catch {
            throw .weights(error)
        }
    }

    /// The vector of a text, cut to as many tokens as the model has positions.
    ///
    /// - Returns: float32 `[1, P]` of length 1.
    /// - Throws: `CLIPError.overLimit` for a text over `CLIPLimits.textByteCount`, else `CLIPError.torch`.
    public func embed(text: String) throws(CLIPError) -> Tensor {
        try embed(encoding: tokenizer.encode(text, limit: configuration.text.positionCount))
    }

    /// The same for tokens that `tokenizer` made, at most as many as the model has positions.
    public func embed(encoding: CLIPTokenizer.Encoding) throws(CLIPError) -> Tensor {
        do throws(TorchError) {
            let ids = try Tensor(encoding.ids.map(Int64.init), shape: [1, encoding.ids.count]).moved(to: device)
            return try Self.normalized(self.text(ids))
        } catch {
            throw .torch(error)
        }
    }

    /// The vectors of images.
    ///
    /// - Parameter images: floating-point `[F, 3, H, W]`, RGB from 0 to 1, F at least 1.
    /// - Returns: float32 `[F, P]`, each row of length 1.
    public func embed(images: Tensor) throws(TorchError) -> Tensor {
        precondition(images.rank == 4 && images.extent(0) > 0, "expected [F, 3, H, W], got \(images.shape)")
        var parts: [Tensor] = []
        for start in stride(from: 0, to: images.extent(0), by: Self.imagesAtOnce) {
            let range = start..<min(start + Self.imagesAtOnce, images.extent(0))
            let pixels = try preprocessing(images.narrowed(0, range).moved(to: device))
            parts.append(try Self.normalized(vision(pixels)))
        }
        return try Tensor.concatenated(parts, dimension: 0)
    }

    /// `[…, P]` with each row divided by its length, in float32.
    static func normalized(_ x: Tensor) throws(TorchError) -> Tensor {
        let wide = try x.converted(to: .float32)
        return try wide / (wide * wide).sum([-1], keeping: true).squareRoot()
    }

    private static func archive(_ folder: String) throws(LoadError) -> SafetensorsArchive {
        do throws(SafetensorsError) {
            return try SafetensorsArchive(folder: folder, name: "model")
        } catch {
            throw .file(error)
        }
    }

    private static func requireAgreement(
        _ configuration: CLIPConfiguration, _ tokenizer: CLIPTokenizer, _ preprocessing: CLIPPreprocessing,
        folder: String
    ) throws(CLIPError) {
        let (text, size) = (configuration.text, configuration.vision.imageSize)
        guard tokenizer.maximumID < text.vocabularySize else {
            throw .unsupported(
                file: "\(folder)/config.json", key: "text_config.vocab_size",
                problem: "\(text.vocabularySize), but vocab.json has a token \(tokenizer.maximumID)")
        }
        guard text.positionCount >= 2 else {
            throw .unsupported(
                file: "\(folder)/config.json", key: "text_config.max_position_embeddings",
                problem: "no room for the start and the end token")
        }
        guard text.endTokenID == 2 || text.endTokenID == tokenizer.endID else {
            throw .unsupported(
                file: "\(folder)/config.json", key: "text_config.eos_token_id",
                problem: "\(text.endTokenID), but the tokenizer ends texts with \(tokenizer.endID)")
        }
        guard preprocessing.cropHeight == size, preprocessing.cropWidth == size else {
            throw .unsupported(
                file: "\(folder)/preprocessor_config.json", key: "crop_size",
                problem:
                    "\(preprocessing.cropHeight) × \(preprocessing.cropWidth), but the model sees \(size) × \(size)")
        }
    }
}
