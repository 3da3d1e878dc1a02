public import Torch

/// Decodes a video chunk by chunk, in bounded memory, to the same frames as at once, up to the order of summation:
/// every convolution looks two frames back, which are kept, and every normalisation sees one frame only.
///
/// A copy of a stream continues by itself.
public struct DecoderStream: Sendable {
    /// What the next chunk needs of the earlier ones.
    private struct State: Sendable {
        var blocksIn: [ResidualBlock.State] = []
        var upBlocks: [UpBlock.State]
        var blocksOut: [ResidualBlock.State] = []
        /// Frames at the start that are not shown.
        var surplus: Int
    }

    private let decoder: VAEDecoder
    private let form: DecodeForm
    private var state: State
    /// Whether some blocks have seen frames that others have not.
    private var isBroken = false

    public init(_ decoder: VAEDecoder, form: DecodeForm = .genmo) {
        self.decoder = decoder
        self.form = form
        state = State(
            upBlocks: decoder.upBlocks.map { _ in UpBlock.State() },
            surplus: form == .diffusers ? decoder.configuration.framesPerLatent - 1 : 0)
    }

    /// Decodes the next latent frames.
    ///
    /// - Parameter latents: `[1, L, t, h, w]` of the transformer, `t` at least 1, `h` and `w` as before.
    /// - Returns: `[f, 3, H, W]`, fp32, 0…1: `framesPerLatent` frames for each latent frame but the first, which gives
    ///   one.
    /// - Throws: `TorchError`; the stream is then of no more use: what was kept of earlier frames is replaced as it is
    ///   read, as two generations of it would take as much memory as the work itself.
    public mutating func next(_ latents: Tensor) throws(TorchError) -> Tensor {
        try nextColours(latents).displayed()
    }

    /// As `next`, -1…1 and not cut off.
    mutating func nextColours(_ latents: Tensor) throws(TorchError) -> Tensor {
        let channels = decoder.configuration.latentChannels
        precondition(
            latents.rank == 5 && latents.extent(0) == 1 && latents.extent(1) == channels && latents.extent(2) > 0,
            "expected [1, \(channels), t, h, w], got \(latents.shape)")
        precondition(!isBroken, "a stream that failed can't be continued")
        isBroken = true
        var y = try decoder.convolutionIn(decoder.statistics.denormalised(latents).squeezed(0))
        y = try decoder.blocksIn(consume y, states: &state.blocksIn)
        for (index, block) in decoder.upBlocks.enumerated() {
            y = try block(consume y, form: form, state: &state.upBlocks[index])
        }
        y = try decoder.blocksOut(consume y, states: &state.blocksOut)
        y = try decoder.colours(of: y)
        // The expansions make more than one frame of every latent frame if they make a surplus at all.
        y = try y.narrowed(0, state.surplus..<y.extent(0))
        state.surplus = 0
        isBroken = false
        return y
    }
}
