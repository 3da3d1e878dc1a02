internal import Torch

/// T5's norm: divides by the root mean square over the last dimension, in fp32, then scales.
///
/// Shapes: `D` width. Source: transformers `modeling_t5.py`, `T5LayerNorm`.
struct T5LayerNorm: Sendable {
    private let weight: Tensor
    private let width: Int
    private let epsilon: Double

    /// - Parameter weights: hold `weight` `[D]`.
    init(_ configuration: T5Configuration, weights: WeightScope) throws(LoadError) {
        width = configuration.width
        epsilon = configuration.normEpsilon
        weight = try weights.tensor("weight", [width])
    }

    /// - Parameter x: `[…, D]`.
    /// - Returns: `[…, D]` in the weight's dtype.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        precondition(x.shape.last == width, "expected D = \(width), got \(x.shape)")
        let normalised = try x.converted(for: .norms).rmsNorm([width], epsilon: epsilon)
        // Rounded before it is scaled, as the reference does.
        return try weight * normalised.converted(for: .stream, weights: weight.dtype)
    }
}
