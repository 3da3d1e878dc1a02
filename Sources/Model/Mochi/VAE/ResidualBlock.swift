internal import Torch

/// Two causal convolutions, each after normalisation and SiLU, added to the input.
///
/// Shapes: `C` channels, `T` frames `[H, W]`. Reference: diffusers `MochiResnetBlock3D`.
struct ResidualBlock: Sendable {
    /// What a video's next frames need of its earlier ones.
    struct State: Sendable {
        fileprivate var tail1 = CausalConvolution.Tail()
        fileprivate var tail2 = CausalConvolution.Tail()
    }

    let norm1, norm2: FrameNorm
    let convolution1, convolution2: CausalConvolution

    init(_ channels: Int, weights: WeightScope) throws(LoadError) {
        norm1 = try FrameNorm(channels, weights: weights / "norm1")
        convolution1 = try CausalConvolution(channels, channels, weights: weights / "conv1")
        norm2 = try FrameNorm(channels, weights: weights / "norm2")
        convolution2 = try CausalConvolution(channels, channels, weights: weights / "conv2")
    }

    /// - Parameters:
    ///   - x: `[C, T, H, W]`, the frames that follow those seen by `state`.
    ///   - state: continues with these frames.
    /// - Returns: `[C, T, H, W]` in the weights' dtype.
    func callAsFunction(_ x: Tensor, state: inout State) throws(TorchError) -> Tensor {
        // One variable: each step's input is freed before the next step takes memory.
        var y = try convolution1.padded(x, after: norm1, tail: &state.tail1)
        y = try convolution1(y)
        y = try convolution2.padded(y, after: norm2, tail: &state.tail2)
        y = try convolution2(y)
        // The convolution's result is of the weights' dtype and nobody else's.
        try y.accumulate(x)
        return y
    }
}

extension [ResidualBlock] {
    /// The blocks `resnets.0`, `resnets.1`, … of a stage.
    init(_ count: Int, channels: Int, weights: WeightScope) throws(LoadError) {
        self = []
        for index in 0..<count {
            append(try ResidualBlock(channels, weights: weights / "resnets" / index))
        }
    }

    /// One after the other; `states` has one for each, or none before the first frames.
    func callAsFunction(_ x: consuming Tensor, states: inout [ResidualBlock.State]) throws(TorchError) -> Tensor {
        if states.isEmpty { states = map { _ in ResidualBlock.State() } }
        var y = x
        for (index, block) in enumerated() { y = try block(y, state: &states[index]) }
        return y
    }
}
