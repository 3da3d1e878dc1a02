internal import Torch

/// Every pixel attends to itself in the frames up to its own; normalised before, added to the input after.
///
/// Shapes: `C` channels in heads of 32, `T` frames `[H, W]`.
/// Reference: the attention of diffusers `MochiDownBlock3D` and `MochiMidBlock3D`, with `MochiVaeAttnProcessor2_0`.
struct TemporalAttention: Sendable {
    private static let headWidth = 32
    private static let epsilon = 1e-5
    /// Pixels that attend at once: CUDA's kernels take at most 65,535 times heads.
    private static let pixelsPerPiece = 1 << 15

    private let channels: Int
    private let norm: FrameNorm
    private let query, key, value, out: Linear

    /// - Parameters:
    ///   - norm: the scope of the normalisation.
    ///   - weights: the scope of the attention itself.
    init(_ channels: Int, norm: WeightScope, weights: WeightScope) throws(LoadError) {
        self.channels = channels
        self.norm = try FrameNorm(channels, weights: norm)
        query = try Linear(channels, channels, bias: false, weights: weights / "to_q")
        key = try Linear(channels, channels, bias: false, weights: weights / "to_k")
        value = try Linear(channels, channels, bias: false, weights: weights / "to_v")
        out = try Linear(channels, channels, weights: weights / "to_out" / 0)
    }

    /// - Parameter x: `[C, T, H, W]`.
    /// - Returns: `[C, T, H, W]`.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let shape = x.shape
        precondition(shape.count == 4 && shape[0] == channels, "expected [\(channels), T, H, W], got \(shape)")
        let pixels = try norm(x).permuted([2, 3, 1, 0]).reshaped([-1, shape[1], channels])  // [H·W, T, C]
        let count = pixels.extent(0)
        var pieces: [Tensor] = []
        for start in stride(from: 0, to: count, by: Self.pixelsPerPiece) {
            pieces.append(try attended(pixels.narrowed(0, start..<min(start + Self.pixelsPerPiece, count))))
        }
        let attended = try Tensor.concatenated(pieces, dimension: 0)
            .reshaped([shape[2], shape[3], shape[1], channels]).permuted([3, 2, 0, 1])
        return try x + attended
    }

    /// `[P, T, C]` to the same.
    private func attended(_ x: Tensor) throws(TorchError) -> Tensor {
        // A single frame has nothing but itself to attend to.
        if x.extent(1) == 1 { return try out(value(x)) }
        let result = try unit(heads(query(x))).attention(
            key: unit(heads(key(x))), value: heads(value(x)), isCausal: true)
        return try out(result.transposed(1, 2).reshaped(x.shape))
    }

    /// `[P, T, C]` to `[P, C/32, T, 32]`.
    private func heads(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.reshaped([x.extent(0), x.extent(1), -1, Self.headWidth]).transposed(1, 2)
    }

    /// Scaled to length 1 in the last dimension.
    private func unit(_ x: Tensor) throws(TorchError) -> Tensor {
        let wide = try x.converted(for: .norms)
        let length = try (wide * wide).sum([-1], keeping: true).squareRoot().clamped(from: Self.epsilon)
        return try (wide / length).converted(for: .attention, weights: x.dtype)
    }
}
