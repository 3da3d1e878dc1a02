internal import Torch

/// Sines and cosines of the colours, beside them: fine shades that a projection alone would not tell apart.
///
/// Reference: diffusers `FourierFeatures` with frequencies 2⁶ and 2⁷.
enum FourierFeatures {
    private static let frequencies: [Float] = [64, 128]
    /// Channels that 3 become.
    static let width = 3 * (1 + 2 * frequencies.count)

    /// - Parameter video: `[3, F, H, W]`, -1…1.
    /// - Returns: `[15, F, H, W]`, fp32: the colours; the sines, by colour and then frequency; the cosines.
    static func apply(_ video: Tensor) throws(TorchError) -> Tensor {
        precondition(video.rank == 4 && video.extent(0) == 3, "expected [3, F, H, W], got \(video.shape)")
        // In fp32 throughout: the angles reach 800 radians.
        let video = try video.converted(for: .statistics)
        // Not `Float.pi`, which is rounded down and would be 6e-5 off at 800.
        let scales = try Tensor(frequencies.map { $0 * Float(2 * Double.pi) }, shape: [1, frequencies.count, 1, 1, 1])
        let angles = try (video.unsqueezed(1) * scales.moved(to: video.device))
            .reshaped([3 * frequencies.count] + video.shape.dropFirst())
        return try Tensor.concatenated([video, angles.sin(), angles.cos()], dimension: 0)
    }
}
