internal import Torch

/// Which frames the decoder drops, of those that its temporal expansions make of a video's first latent frame.
public enum DecodeForm: String, Sendable, CaseIterable {
    /// All but the last, right after each expansion: how the model was trained (genmo/mochi).
    case genmo
    /// The same number, but at the end: diffusers. The first frames then differ, fading out over the first 27.
    case diffusers
}

/// Residual blocks, then more frames and pixels of fewer channels.
///
/// Shapes: `I` channels in, `C` out, `T` frames `[H, W]`. Reference: diffusers `MochiUpBlock3D`.
struct UpBlock: Sendable {
    /// What a video's next frames need of its earlier ones.
    struct State: Sendable {
        fileprivate var blocks: [ResidualBlock.State] = []
        fileprivate var hasStarted = false
    }

    let blocks: [ResidualBlock]
    let expansion: SpaceTimeExpansion

    init(
        _ input: Int, _ output: Int, layers: Int, temporal: Int, spatial: Int, weights: WeightScope
    ) throws(LoadError) {
        blocks = try [ResidualBlock](layers, channels: input, weights: weights)
        expansion = try SpaceTimeExpansion(
            input, output, temporal: temporal, spatial: spatial, weights: weights / "proj")
    }

    /// - Parameters:
    ///   - x: `[I, T, H, W]`, the frames that follow those seen by `state`.
    ///   - state: continues with these frames.
    /// - Returns: `[C, T·st, H·s, W·s]`; in genmo's form `st - 1` frames fewer at the start of a video.
    func callAsFunction(
        _ x: consuming Tensor, form: DecodeForm, state: inout State
    ) throws(TorchError) -> Tensor {
        let y = try expansion(blocks(x, states: &state.blocks))
        let surplus = form == .genmo && !state.hasStarted ? expansion.temporal - 1 : 0
        state.hasStarted = true
        return surplus > 0 ? try y.narrowed(1, surplus..<y.extent(1)) : y
    }
}
