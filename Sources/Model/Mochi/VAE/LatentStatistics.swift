public import Torch

/// Between the transformer's latents, of mean 0 and variance 1, and the autoencoder's own.
///
/// Reference: diffusers `MochiPipeline`, the lines before `vae.decode`.
public struct LatentStatistics: Sendable {
    private let mean: [Float]
    private let scale: [Float]

    public init(_ configuration: VAEConfiguration) {
        mean = configuration.latentsMean.map { Float($0) }
        scale = configuration.latentsStd.map { Float($0 / configuration.scalingFactor) }
    }

    /// - Parameter latents: `[1, L, T, h, w]` of the transformer.
    /// - Returns: `[1, L, T, h, w]` for the decoder, fp32: `z · std / scaling + mean`.
    public func denormalised(_ latents: Tensor) throws(TorchError) -> Tensor {
        let (mean, scale) = try tensors(for: latents)
        return try mean.adding(productOf: latents.converted(for: .statistics), scale)
    }

    /// - Parameter latents: `[1, L, T, h, w]` of the encoder.
    /// - Returns: `[1, L, T, h, w]` for the transformer, fp32: `(z - mean) · scaling / std`.
    public func normalised(_ latents: Tensor) throws(TorchError) -> Tensor {
        let (mean, scale) = try tensors(for: latents)
        return try (latents.converted(for: .statistics) - mean) / scale
    }

    /// - Parameter logVariance: `[1, L, T, h, w]` of the encoder.
    /// - Returns: that of the normalised latents: `logvar - 2 log(std / scaling)`.
    public func normalised(logVariance: Tensor) throws(TorchError) -> Tensor {
        let scale = try tensors(for: logVariance).scale
        return try logVariance.converted(for: .statistics).adding(scale.log(), scaledBy: -2)
    }

    /// Per channel, `[L, 1, 1, 1]` or with fewer ones, where the latents live.
    private func tensors(for latents: Tensor) throws(TorchError) -> (mean: Tensor, scale: Tensor) {
        precondition(
            latents.rank >= 4 && latents.extent(1) == mean.count,
            "expected [1, \(mean.count), …], got \(latents.shape)")
        let shape = [mean.count] + Array(repeating: 1, count: latents.rank - 2)
        return (
            try Tensor(mean, shape: shape).moved(to: latents.device),
            try Tensor(scale, shape: shape).moved(to: latents.device)
        )
    }
}
