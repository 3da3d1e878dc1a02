internal import Torch

/// A 3×3×3 convolution whose output frames depend on their own and the two input frames before; around the picture
/// and before the first frame, the outermost values are repeated.
///
/// Shapes: `I` channels in, `O` out, `T` frames `[H, W]`.
/// Reference: diffusers `CogVideoXCausalConv3d` with `pad_mode="replicate"`.
struct CausalConvolution: Sendable {
    /// How many input frames before its own an output frame sees.
    static let reach = 2

    /// The last two input frames of what was convolved so far; empty before the first.
    struct Tail: Sendable {
        /// `[I, 2, H+2, W+2]`, with their borders.
        fileprivate var frames: Tensor?
    }

    let weight: Tensor
    let bias: Tensor

    init(_ input: Int, _ output: Int, weights: WeightScope) throws(LoadError) {
        weight = try (weights / "conv").tensor("weight", [output, input, 3, 3, 3])
        bias = try (weights / "conv").tensor("bias", [output])
    }

    /// What the convolution reads: the frames with their border, after those before them.
    ///
    /// A step of its own so that the caller can let go of `x` before the convolution takes its memory.
    ///
    /// - Parameters:
    ///   - x: `[I, T, H, W]`, the frames that follow those in `tail`.
    ///   - norm: what is applied to the frames first, with its activation.
    ///   - tail: continues with the last two of these frames.
    /// - Returns: `[I, T+2, H+2, W+2]` in the weights' dtype.
    func padded(_ x: Tensor, after norm: FrameNorm, tail: inout Tail) throws(TorchError) -> Tensor {
        let shape = x.shape
        precondition(shape.count == 4 && shape[0] == weight.extent(1), "expected [\(weight.extent(1)), T, H, W]")
        let (count, height, width) = (shape[1], shape[2] + 2, shape[3] + 2)
        let input = try Tensor.empty(
            [shape[0], count + Self.reach, height, width], dtype: weight.dtype, device: x.device)
        try input.narrowed(1, Self.reach..<(count + Self.reach)).fillWithBorder(x, after: norm)
        // Before the first frame: that frame again, twice.
        let front =
            if let frames = tail.frames { frames } else { try input.narrowed(1, Self.reach..<(Self.reach + 1)) }
        precondition(front.extent(2) == height && front.extent(3) == width, "the frames' size changed within a video")
        try input.narrowed(1, 0..<Self.reach).copy(from: front)
        // A copy, as a view would keep the whole input alive.
        tail.frames = try input.narrowed(1, count..<(count + Self.reach)).copy()
        return input
    }

    /// - Parameter input: `[I, T+2, H+2, W+2]` from `padded`.
    /// - Returns: `[O, T, H, W]` in the weights' dtype.
    func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
        try input.unsqueezed(0).convolution3D(weight, bias: bias).squeezed(0)
    }
}
