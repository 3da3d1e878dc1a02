internal import Torch

/// A causal convolution of a still: all three frames that it sees are the same, so its kernels add up over time.
///
/// Shapes: `I` channels in, `O` out, `N` independent stills.
struct StillConvolution: Sendable {
    private let weight: Tensor
    private let bias: Tensor

    init(_ whole: CausalConvolution) throws(TorchError) {
        weight = try whole.weight.converted(for: .kernelSums).sum([2])
            .converted(for: .convolutions, weights: whole.weight.dtype)
        bias = whole.bias
    }

    /// - Parameter x: `[I, N, H, W]`.
    /// - Returns: `[N, I, H+2, W+2]` in the weights' dtype.
    func padded(_ x: Tensor, after norm: FrameNorm) throws(TorchError) -> Tensor {
        let shape = x.shape
        precondition(shape.count == 4 && shape[0] == weight.extent(1), "expected [\(weight.extent(1)), N, H, W]")
        let input = try Tensor.empty(
            [shape[1], shape[0], shape[2] + 2, shape[3] + 2], dtype: weight.dtype, device: x.device)
        try input.transposed(0, 1).fillWithBorder(x, after: norm)
        return input
    }

    /// - Parameter input: `[N, I, H+2, W+2]` from `padded`.
    /// - Returns: `[O, N, H, W]`.
    func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
        try input.convolution2D(weight, bias: bias).transposed(0, 1)
    }
}

/// A residual block of a still.
struct StillResidualBlock: Sendable {
    private let norm1, norm2: FrameNorm
    private let convolution1, convolution2: StillConvolution

    init(_ whole: ResidualBlock) throws(TorchError) {
        (norm1, norm2) = (whole.norm1, whole.norm2)
        convolution1 = try StillConvolution(whole.convolution1)
        convolution2 = try StillConvolution(whole.convolution2)
    }

    /// - Parameter x: `[C, N, H, W]`.
    /// - Returns: `[C, N, H, W]`.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        // One variable: each step's input is freed before the next step takes memory.
        var y = try convolution1.padded(x, after: norm1)
        y = try convolution1(y)
        y = try convolution2.padded(y, after: norm2)
        y = try convolution2(y)
        try y.accumulate(x)
        return y
    }
}
