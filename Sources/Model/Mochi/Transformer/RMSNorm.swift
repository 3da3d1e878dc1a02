import Torch

/// Divides the last dimension by its root mean square; statistics in fp32, the result in the input's dtype.
///
/// Reference: diffusers 0.42.1 `normalization.py`, classes `RMSNorm` (without a weight) and `MochiRMSNorm` (with one).
struct RMSNorm {
    private let epsilon: Double
    private let weight: Tensor?

    /// Without a weight, as on the streams: epsilon 1e-6.
    init() {
        epsilon = 1e-6
        weight = nil
    }

    /// With a weight `[width]`, as on queries and keys: epsilon 1e-5.
    init(width: Int, weights: WeightScope) throws(LoadError) {
        epsilon = 1e-5
        weight = try weights.tensor("weight", [width])
    }

    /// - Parameter scale: what the fp32 result is multiplied with before it is rounded; broadcast.
    func callAsFunction(_ x: Tensor, scale: Tensor? = nil) throws(TorchError) -> Tensor {
        var y = try x.converted(to: .float32)
        y = try y.rmsNorm([x.extent(-1)], weight: weight?.converted(to: .float32), epsilon: epsilon)
        if let scale { y = try y * scale.converted(to: .float32) }
        return try y.converted(to: x.dtype)
    }
}
