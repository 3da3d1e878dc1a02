public import Torch

/// What the encoder says of a video's latents: a normal distribution of each.
public struct LatentDistribution: Sendable {
    /// `[1, L, T, h, w]`, fp32.
    public let mean: Tensor
    /// `[1, L, T, h, w]`, fp32, the logarithm of the variance, -30…20.
    public let logVariance: Tensor
}

/// Encodes an image or a video to latents.
///
/// Shapes: `F` frames of `H` by `W` pixels; `L` channels and `T` frames `[h, w]` of latents, where
/// `F = (T-1)·framesPerLatent + 1`. It attends over time, so a video is encoded at once.
/// Reference: diffusers `MochiEncoder3D` and `AutoencoderKLMochi.encode`.
public struct VAEEncoder: Sendable {
    public let configuration: VAEConfiguration
    private let statistics: LatentStatistics
    private let projectionIn: PointwiseProjection
    private let stageIn: EncoderStage
    private let downBlocks: [DownBlock]
    private let stageOut: EncoderStage
    private let normOut: FrameNorm
    private let projectionOut: PointwiseProjection

    /// - Parameter weights: of the autoencoder; the encoder's begin with `encoder.`.
    /// - Throws: `LoadError` naming the weight that is missing or of another shape.
    public init(_ configuration: VAEConfiguration, weights: WeightScope) throws(LoadError) {
        let weights = weights / "encoder"
        let widths = configuration.encoderBlockOutChannels
        let (layers, attends) = (configuration.layersPerBlock, configuration.addAttentionBlock)
        let innermost = widths.count - 1
        self.configuration = configuration
        statistics = LatentStatistics(configuration)
        projectionIn = try PointwiseProjection(configuration.inChannels, widths[0], weights: weights / "proj_in")
        stageIn = try EncoderStage(widths[0], layers: layers[0], attends: attends[0], weights: weights / "block_in")
        var downBlocks: [DownBlock] = []
        for stage in 0..<innermost {
            downBlocks.append(
                try DownBlock(
                    widths[stage], widths[stage + 1], layers: layers[stage + 1],
                    temporal: configuration.temporalExpansions[stage], spatial: configuration.spatialExpansions[stage],
                    attends: attends[stage + 1], weights: weights / "down_blocks" / stage))
        }
        self.downBlocks = downBlocks
        stageOut = try EncoderStage(
            widths[innermost], layers: layers[innermost + 1], attends: attends[innermost + 1],
            weights: weights / "block_out")
        normOut = try FrameNorm(widths[innermost], weights: weights / "norm_out")
        projectionOut = try PointwiseProjection(
            widths[innermost], 2 * configuration.latentChannels, bias: false, weights: weights / "proj_out")
    }

    /// - Parameter video: `[1, 3, F, H, W]`, -1…1; an image has one frame.
    /// - Returns: the distribution of the transformer's latents: mean 0 and variance 1 over many videos.
    public func callAsFunction(_ video: Tensor) throws(TorchError) -> LatentDistribution {
        let plain = try distribution(of: video)
        return LatentDistribution(
            mean: try statistics.normalised(plain.mean),
            logVariance: try statistics.normalised(logVariance: plain.logVariance))
    }

    /// As above, of the autoencoder's own latents.
    func distribution(of video: Tensor) throws(TorchError) -> LatentDistribution {
        precondition(
            video.rank == 5 && video.extent(0) == 1 && video.extent(1) == configuration.outChannels,
            "expected [1, \(configuration.outChannels), F, H, W], got \(video.shape)")
        var y = try projectionIn(FourierFeatures.apply(video.squeezed(0)))
        y = try stageIn(consume y)
        for block in downBlocks { y = try block(y) }
        y = try stageOut(consume y)
        y = try projectionOut(normOut(y).silu()).converted(for: .latents).unsqueezed(0)
        let halves = try y.chunked(2, dimension: 1)
        // The bounds are those of diffusers' DiagonalGaussianDistribution.
        return LatentDistribution(mean: halves[0], logVariance: try halves[1].clamped(from: -30, to: 20))
    }
}
