public import Torch

/// Mochi-1's denoiser, the asymmetric diffusion transformer (AsymmDiT): predicts the velocity from noise to image.
///
/// Reference: diffusers 0.42.1 `transformer_mochi.py`, class `MochiTransformer3DModel`; genmo/mochi
/// `asymm_models_joint.py`, class `AsymmDiTJoint`. Both carry padded text through all blocks, where nothing reads it;
/// here only a prompt's valid tokens come in, and a prompt without tokens has no text stream at all, with the same
/// result.
public struct MochiTransformer: Sendable {
    public let configuration: TransformerConfiguration
    private let device: Device
    private let dtype: DType
    private let patchWeight: Tensor
    private let patchBias: Tensor
    private let time: TimestepEmbedding
    private let pooling: CaptionPooling
    private let captionProjection: Linear
    private let rotations: RotationCache
    private let blocks: [TransformerBlock]
    private let outputModulation: Linear
    private let output: Linear

    /// - Parameters:
    ///   - weights: by their names in the published layout (`transformer/`).
    ///   - backend: which kernel computes the blocks' attention.
    /// - Throws: `LoadError` naming file and key of the first weight that is missing or of another shape.
    public init(
        _ configuration: TransformerConfiguration, backend: AttentionBackend = .automatic, weights: WeightScope
    ) throws(LoadError) {
        self.configuration = configuration
        let (width, patch) = (configuration.width, configuration.patchSize)
        patchWeight = try (weights / "patch_embed" / "proj").tensor(
            "weight", [width, configuration.channels, patch, patch])
        patchBias = try (weights / "patch_embed" / "proj").tensor("bias", [width])
        (device, dtype) = (patchWeight.device, patchWeight.dtype)
        let conditioning = weights / "time_embed"
        time = try TimestepEmbedding(
            width: configuration.timeWidth, output: width, device: device,
            weights: conditioning / "timestep_embedder")
        pooling = try CaptionPooling(
            width: configuration.captionWidth, heads: TransformerConfiguration.poolingHeads, output: width,
            weights: conditioning / "pooler")
        captionProjection = try Linear(
            configuration.captionWidth, configuration.textWidth, weights: conditioning / "caption_proj")
        rotations = RotationCache(
            frequencies: try weights.tensor("pos_frequencies", [3, configuration.heads, configuration.headWidth / 2]))
        var blocks: [TransformerBlock] = []
        for index in 0..<configuration.layers {
            blocks.append(
                try TransformerBlock(
                    configuration, isLast: index == configuration.layers - 1, backend: backend,
                    weights: weights / "transformer_blocks" / index))
        }
        self.blocks = blocks
        outputModulation = try Linear(width, 2 * width, weights: weights / "norm_out" / "linear")
        output = try Linear(width, patch * patch * configuration.channels, weights: weights / "proj_out")
    }

    /// - Parameters:
    ///   - latents: `[1, C, T, h, w]`, fp32; h and w multiples of the patch.
    ///   - features: `[1, L, captionWidth]`, the T5 features of the valid tokens only, fp32; L may be 0.
    ///   - timestep: `1000 (1 - sigma)`.
    /// - Returns: the velocity `[1, C, T, h, w]`, fp32.
    public func callAsFunction(
        _ latents: Tensor, features: Tensor, timestep: Double
    ) throws(TorchError) -> Tensor {
        let (shape, patch) = (latents.shape, configuration.patchSize)
        precondition(
            shape.count == 5 && shape[0] == 1 && shape[1] == configuration.channels && shape[3] % patch == 0
                && shape[4] % patch == 0, "expected [1, \(configuration.channels), T, h, w], got \(shape)")
        let (frames, height, width) = (shape[2], shape[3] / patch, shape[4] / patch)
        let rotation = try rotations.rotation(frames: frames, height: height, width: width)
        let conditioning = try time(timestep) + pooling(features)
        var x = try embed(latents)  // [1, N, D]
        var y: Tensor? = features.extent(1) == 0 ? nil : try captionProjection(features)  // [1, L, Dt]
        for block in blocks {
            (x, y) = try block(x, y, conditioning: conditioning, rotation: rotation)
        }
        return try unpatched(head(x, conditioning), frames: frames, height: height, width: width)
    }

    /// `[1, C, T, h, w]` to tokens `[1, T·(h/p)·(w/p), D]`, w fastest.
    private func embed(_ latents: Tensor) throws(TorchError) -> Tensor {
        let (shape, patch) = (latents.shape, configuration.patchSize)
        let frames = try latents.converted(for: .convolutions, weights: dtype).permuted([0, 2, 1, 3, 4])
            .reshaped([shape[2], shape[1], shape[3], shape[4]])
        let patches = try frames.convolution2D(patchWeight, bias: patchBias, stride: [patch, patch])  // [T, D, h', w']
        let count = patches.extent(2) * patches.extent(3)
        return try patches.reshaped([shape[2], configuration.width, count]).transposed(1, 2)
            .reshaped([1, shape[2] * count, configuration.width])
    }

    /// Layer norm, scale and shift by the conditioning, projection to pixels of a patch.
    private func head(_ x: Tensor, _ conditioning: Tensor) throws(TorchError) -> Tensor {
        let parts = try outputModulation(conditioning.silu()).unsqueezed(1).chunked(2, dimension: -1)
        let normalised = try x.converted(for: .norms).layerNorm([configuration.width], epsilon: 1e-6)
        let scale = try parts[0].converted(for: .modulation) + 1
        return try output((normalised * scale) + parts[1].converted(for: .modulation))
    }

    /// `[1, N, p·p·C]`, c fastest, to `[1, C, T, h, w]`.
    private func unpatched(_ x: Tensor, frames: Int, height: Int, width: Int) throws(TorchError) -> Tensor {
        let (patch, channels) = (configuration.patchSize, configuration.channels)
        return try x.converted(for: .velocity).reshaped([frames, height, width, patch, patch, channels])
            .permuted([5, 0, 1, 3, 2, 4]).reshaped([1, channels, frames, height * patch, width * patch])
    }
}
