public import Torch

/// What a segment hands to its successor at one step: its last latent frame and a weighted mean over all of them, added
/// up: time-weighted blending (TWB), equations 1 and 2 of the paper.
///
/// Shapes: latents `[1, C, T, h, w]`; a boundary `[C, h, w]`; both fp32.
public enum Boundary {
    /// `tail + mean` with `mean = Σ_j w_j Z[j]`, `w_j = decay^(T-1-j)` normalised to 1.
    ///
    /// - Parameter decay: 0 < decay ≤ 1; the paper has 0.9.
    public static func made(of latents: Tensor, decay: Double) throws(TorchError) -> Tensor {
        precondition(
            latents.rank == 5 && latents.extent(0) == 1 && latents.dtype == .float32,
            "expected fp32 latents [1, C, T, h, w], got \(latents)")
        let frames = latents.extent(2)
        let weights = weights(frames, decay: decay)
        // One frame after the other, so that the order of summation is the same everywhere.
        var sum = try latents.selected(2, frames - 1) * (1 + weights[frames - 1])
        for frame in 0..<(frames - 1) {
            sum = try sum.adding(latents.selected(2, frame), scaledBy: weights[frame])
        }
        return try sum.squeezed(0)
    }

    /// The normalised weights, the last frame's last.
    static func weights(_ frames: Int, decay: Double) -> [Double] {
        var weights = Array(repeating: 1.0, count: frames)
        for frame in (0..<(frames - 1)).reversed() { weights[frame] = weights[frame + 1] * decay }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// Latents whose frame 0 is `g · boundary + (1 - 2g) · frame 0`, equations 3 and 4; the others stay.
    ///
    /// - Parameter strength: g, 0…0.5; a boundary counts twice as it is the sum of two.
    public static func blended(
        _ latents: Tensor, with boundary: Tensor, strength: Double
    ) throws(TorchError) -> Tensor {
        try replacingFirstFrame(of: latents, by: mixed(latents.firstFrame(), with: boundary, strength: strength))
    }

    /// The same for estimates of finished latents, which leaves the noise level right: frame 0 moves by what blending
    /// moves its estimate, scaled by the share that the estimate has in the latents.
    ///
    /// `Z'[0] = Z[0] + (1 - sigma) (x̃ - x̂[0])` with `x̃` the blend of `x̂[0]`; exact for Euler steps.
    ///
    /// - Parameters:
    ///   - estimate: `x̂[0]` of the step before, `[C, h, w]`.
    ///   - boundary: of the predecessor's estimates of the step before.
    ///   - sigma: on entering this step.
    public static func blended(
        _ latents: Tensor, estimate: Tensor, with boundary: Tensor, strength: Double, sigma: Double
    ) throws(TorchError) -> Tensor {
        let moved = try mixed(estimate, with: boundary, strength: strength) - estimate
        return try replacingFirstFrame(of: latents, by: latents.firstFrame().adding(moved, scaledBy: 1 - sigma))
    }

    private static func mixed(
        _ frame: Tensor, with boundary: Tensor, strength: Double
    ) throws(TorchError) -> Tensor {
        precondition(0...0.5 ~= strength, "a strength of \(strength)")
        precondition(frame.shape == boundary.shape, "a boundary \(boundary.shape) for a frame \(frame.shape)")
        return try (frame * (1 - 2 * strength)).adding(boundary, scaledBy: strength)
    }

    private static func replacingFirstFrame(of latents: Tensor, by frame: Tensor) throws(TorchError) -> Tensor {
        let result = try latents.copy()
        try result.selected(2, 0).squeezed(0).copy(from: frame)
        return result
    }
}

extension Tensor {
    /// Latent frame 0 of `[1, C, T, h, w]`, as `[C, h, w]`.
    func firstFrame() throws(TorchError) -> Tensor { try selected(2, 0).squeezed(0) }
}
