public import Torch

/// Decodes single latent frames to single images, with 2-D operators only: a third of the arithmetic.
///
/// Equal to frame 0 of the decoder in genmo's form, up to rounding. There a video's first latent frame is one frame at
/// every stage (the surplus is dropped at once) and is repeated before the start, so that a 3×3×3 convolution sees
/// three equal frames: its kernels may be added over time beforehand. Of an expansion only the last frame is kept.
///
/// Shapes: `N` independent stills, `L` channels, `[h, w]` latents, `[H, W]` pixels.
public struct StillDecoder: Sendable {
    private let decoder: VAEDecoder
    private let blocksIn: [StillResidualBlock]
    private let stages: [(blocks: [StillResidualBlock], expansion: SpaceTimeExpansion)]
    private let blocksOut: [StillResidualBlock]

    /// Sums the kernels: a third of the decoder's memory again.
    public init(_ decoder: VAEDecoder) throws(TorchError) {
        self.decoder = decoder
        blocksIn = try Self.collapsed(decoder.blocksIn)
        blocksOut = try Self.collapsed(decoder.blocksOut)
        var stages: [(blocks: [StillResidualBlock], expansion: SpaceTimeExpansion)] = []
        for block in decoder.upBlocks {
            stages.append((try Self.collapsed(block.blocks), try SpaceTimeExpansion(lastFrameOf: block.expansion)))
        }
        self.stages = stages
    }

    /// - Parameter latents: `[N, L, h, w]` of the transformer.
    /// - Returns: `[N, 3, H, W]`, fp32, 0…1.
    public func callAsFunction(_ latents: Tensor) throws(TorchError) -> Tensor {
        try colours(of: latents).displayed()
    }

    /// As above, -1…1 and not cut off.
    func colours(of latents: Tensor) throws(TorchError) -> Tensor {
        let channels = decoder.configuration.latentChannels
        precondition(
            latents.rank == 4 && latents.extent(1) == channels, "expected [N, \(channels), h, w], got \(latents.shape)")
        // Inside, stills lie where the decoder has frames: [C, N, H, W].
        var y = try decoder.convolutionIn(decoder.statistics.denormalised(latents).transposed(0, 1))
        for block in blocksIn { y = try block(y) }
        for stage in stages {
            for block in stage.blocks { y = try block(y) }
            y = try stage.expansion(y)
        }
        for block in blocksOut { y = try block(y) }
        return try decoder.colours(of: y)
    }

    private static func collapsed(_ blocks: [ResidualBlock]) throws(TorchError) -> [StillResidualBlock] {
        var stills: [StillResidualBlock] = []
        for block in blocks { stills.append(try StillResidualBlock(block)) }
        return stills
    }
}
