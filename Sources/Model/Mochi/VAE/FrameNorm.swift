internal import Torch

/// Group normalisation of every frame by itself, so that a video can be cut anywhere in time.
///
/// Shapes: `n` frames, `C` channels in 32 groups. Computed in fp32 whatever the weights are stored in.
/// Reference: diffusers `MochiChunkedGroupNorm3D`.
struct FrameNorm: Sendable {
    static let groups = 32
    private static let epsilon = 1e-5

    private let channels: Int
    private let weight: Tensor
    private let bias: Tensor

    init(_ channels: Int, weights: WeightScope) throws(LoadError) {
        self.channels = channels
        weight = try (weights / "norm_layer").tensor("weight", [channels])
        bias = try (weights / "norm_layer").tensor("bias", [channels])
    }

    /// - Parameter x: `[C, n, H, W]`.
    /// - Returns: `[C, n, H, W]`, fp32.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        precondition(x.rank == 4 && x.extent(0) == channels, "expected [\(channels), n, H, W], got \(x.shape)")
        // Channels outside: for channels-last tensors libtorch's CPU kernel takes the variance as E[x²] - E[x]² and
        // loses three digits where the mean is a few standard deviations.
        let frames = try x.transposed(0, 1).contiguous().converted(for: .norms)
        return try frames.groupNorm(
            Self.groups, weight: weight.converted(for: .norms), bias: bias.converted(for: .norms),
            epsilon: Self.epsilon
        ).transposed(0, 1)
    }

    /// As above, then SiLU.
    ///
    /// - Parameters:
    ///   - x: `[C, n, H, W]`.
    ///   - target: `[C, n, H, W]` of any dtype, where the result is written.
    func activate(_ x: Tensor, into target: Tensor) throws(TorchError) {
        precondition(x.rank == 4 && x.extent(0) == channels, "expected [\(channels), n, H, W], got \(x.shape)")
        try x.activateFrames(Self.groups, weight: weight, bias: bias, epsilon: Self.epsilon, into: target)
    }
}
