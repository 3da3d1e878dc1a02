public import Torch

/// Decodes latents to frames.
///
/// Shapes: `L` channels and `T` frames `[h, w]` of latents; `F = (T-1)·framesPerLatent + 1` frames of `H` by `W`
/// pixels.
/// Reference: diffusers `MochiDecoder3D` and `AutoencoderKLMochi.decode`.
public struct VAEDecoder: Sendable {
    public let configuration: VAEConfiguration
    let statistics: LatentStatistics
    let convolutionIn: PointwiseProjection
    let blocksIn: [ResidualBlock]
    let upBlocks: [UpBlock]
    let blocksOut: [ResidualBlock]
    let projectionOut: PointwiseProjection

    /// - Parameter weights: of the autoencoder; the decoder's begin with `decoder.`.
    /// - Throws: `LoadError` naming the weight that is missing or of another shape.
    public init(_ configuration: VAEConfiguration, weights: WeightScope) throws(LoadError) {
        let weights = weights / "decoder"
        let widths = configuration.decoderBlockOutChannels
        let innermost = widths.count - 1
        self.configuration = configuration
        statistics = LatentStatistics(configuration)
        convolutionIn = try PointwiseProjection(
            configuration.latentChannels, widths[innermost], kernel: [1, 1, 1], weights: weights / "conv_in")
        blocksIn = try [ResidualBlock](
            configuration.layersPerBlock[innermost + 1], channels: widths[innermost], weights: weights / "block_in")
        var upBlocks: [UpBlock] = []
        // The configuration counts stages from the image inwards, the weights from the latents outwards.
        for stage in (0..<innermost).reversed() {
            upBlocks.append(
                try UpBlock(
                    widths[stage + 1], widths[stage], layers: configuration.layersPerBlock[stage + 1],
                    temporal: configuration.temporalExpansions[stage], spatial: configuration.spatialExpansions[stage],
                    weights: weights / "up_blocks" / upBlocks.count))
        }
        self.upBlocks = upBlocks
        blocksOut = try [ResidualBlock](
            configuration.layersPerBlock[0], channels: widths[0], weights: weights / "block_out")
        projectionOut = try PointwiseProjection(
            widths[0], configuration.outChannels, weights: weights / "proj_out")
    }

    /// Decodes a whole video, a chunk at a time; the result does not depend on the chunks' length.
    ///
    /// - Parameters:
    ///   - latents: `[1, L, T, h, w]` of the transformer.
    ///   - chunkLength: latent frames that are in work at once: memory grows with it, speed hardly.
    /// - Returns: `[F, 3, H, W]`, fp32, 0…1.
    public func callAsFunction(
        _ latents: Tensor, form: DecodeForm = .genmo, chunkLength: Int = 1
    ) throws(TorchError) -> Tensor {
        precondition(latents.rank == 5 && chunkLength > 0, "expected [1, L, T, h, w], got \(latents.shape)")
        let (count, ratio) = (latents.extent(2), configuration.pixelsPerLatent)
        let frames = try Tensor.empty(
            [
                configuration.frameCount(latents: count), configuration.outChannels, latents.extent(3) * ratio,
                latents.extent(4) * ratio,
            ], device: latents.device)
        var stream = DecoderStream(self, form: form)
        var done = 0
        for start in stride(from: 0, to: count, by: chunkLength) {
            let chunk = try stream.next(latents.narrowed(2, start..<min(start + chunkLength, count)))
            try frames.narrowed(0, done..<(done + chunk.extent(0))).copy(from: chunk)
            done += chunk.extent(0)
        }
        return frames
    }

    /// SiLU and the projection to colours, frame by frame.
    ///
    /// - Parameter x: `[C, n, H, W]`.
    /// - Returns: `[n, 3, H, W]`, fp32, -1…1 for the most part.
    func colours(of x: Tensor) throws(TorchError) -> Tensor {
        let shape = x.shape
        let colours = try Tensor.empty([shape[1], projectionOut.output, shape[2], shape[3]], device: x.device)
        for frame in 0..<shape[1] {
            try colours.selected(0, frame).copy(from: projectionOut.projected(x.selected(1, frame).silu()))
        }
        return colours
    }
}

extension Tensor {
    /// Colours -1…1 as 0…1; what is beyond is cut off.
    func displayed() throws(TorchError) -> Tensor {
        try (self * 0.5 + 0.5).clamped(from: 0, to: 1)
    }
}
