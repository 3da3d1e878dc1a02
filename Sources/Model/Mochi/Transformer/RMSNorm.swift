import Torch

/// Divides the last dimension by its root mean square; statistics and products in fp32, the result in the input's
/// dtype.
///
/// Epsilon is 1e-6 on the streams and 1e-5 on queries and keys. Reference: diffusers 0.42.1 `normalization.py`, classes
/// `MochiModulatedRMSNorm` (a factor from the conditioning) and `MochiRMSNorm` (a weight).
enum RMSNorm {
    static let epsilon = 1e-6

    /// A weight `[D]` of its own per head, on queries or keys.
    struct Heads {
        private static let epsilon = 1e-5

        private let width: Int
        private let weight: Tensor

        init(width: Int, weights: WeightScope) throws(LoadError) {
            self.width = width
            weight = try weights.tensor("weight", [width])
        }

        /// - Parameters:
        ///   - x: `[1, N, H·D]`.
        ///   - rotation: turns the result; none for tokens without a position.
        ///   - target: `[1, N, H, D]`, where the result is written; may be over the memory of `x`.
        func callAsFunction(_ x: Tensor, rotation: RotaryEmbedding?, into target: Tensor) throws(TorchError) {
            let angles = rotation.map { (cosine: $0.cosine, sine: $0.sine) }
            try x.reshaped([1, x.extent(1), -1, width]).normaliseHeads(
                by: weight, rotatedBy: angles, epsilon: Self.epsilon, into: target)
        }
    }
}
