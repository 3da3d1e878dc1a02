internal import Torch

/// Residual blocks, each followed by attention over time in most stages.
///
/// Shapes: `C` channels, `T` frames `[H, W]`. Reference: diffusers `MochiMidBlock3D`.
struct EncoderStage: Sendable {
    private let blocks: [ResidualBlock]
    private let attentions: [TemporalAttention]

    init(_ channels: Int, layers: Int, attends: Bool, weights: WeightScope) throws(LoadError) {
        blocks = try [ResidualBlock](layers, channels: channels, weights: weights)
        var attentions: [TemporalAttention] = []
        for index in 0..<(attends ? layers : 0) {
            attentions.append(
                try TemporalAttention(
                    channels, norm: weights / "norms" / index, weights: weights / "attentions" / index))
        }
        self.attentions = attentions
    }

    /// - Parameter x: `[C, T, H, W]`, a whole video.
    /// - Returns: `[C, T, H, W]`.
    func callAsFunction(_ x: consuming Tensor) throws(TorchError) -> Tensor {
        var y = x
        for (index, block) in blocks.enumerated() {
            var state = ResidualBlock.State()
            y = try block(y, state: &state)
            if !attentions.isEmpty { y = try attentions[index](y) }
        }
        return y
    }
}

/// A strided convolution to fewer frames and pixels, then residual blocks and attention.
///
/// Shapes: `I` channels in, `C` out. Reference: diffusers `MochiDownBlock3D`.
struct DownBlock: Sendable {
    private let window: [Int]
    private let weight, bias: Tensor
    private let stage: EncoderStage

    /// - Parameters:
    ///   - temporal: frames that become one, `st`.
    ///   - spatial: pixels that become one, `s`, in height and in width.
    init(
        _ input: Int, _ output: Int, layers: Int, temporal: Int, spatial: Int, attends: Bool, weights: WeightScope
    ) throws(LoadError) {
        window = [temporal, spatial, spatial]
        let convolution = weights / "conv_in" / "conv"
        weight = try convolution.tensor("weight", [output, input] + window)
        bias = try convolution.tensor("bias", [output])
        stage = try EncoderStage(output, layers: layers, attends: attends, weights: weights)
    }

    /// - Parameter x: `[I, T, H, W]`, a whole video.
    /// - Returns: `[C, (T-1)/st + 1, H/s, W/s]`, rounded down.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        precondition(x.rank == 4 && x.extent(0) == weight.extent(1), "expected [\(weight.extent(1)), T, H, W]")
        let border = (window[1] - 1) / 2
        let y = try x.converted(to: weight.dtype).unsqueezed(0)
            .padded([border, border, border, border, window[0] - 1, 0], with: .replicate)
            .convolution3D(weight, bias: bias, stride: window).squeezed(0)
        return try stage(y)
    }
}
