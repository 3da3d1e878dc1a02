/// Normalises the last dimension to mean 0 and variance 1, then scales and shifts it; in fp32, returned in the input's
/// dtype.
public struct LayerNorm: Sendable {
    private let width: Int
    private let epsilon: Double
    private let weight: Tensor
    private let bias: Tensor

    /// - Parameter width: `D`; weight and bias are `[D]`.
    public init(_ width: Int, epsilon: Double, weights: WeightScope) throws(LoadError) {
        self.width = width
        self.epsilon = epsilon
        weight = try weights.tensor("weight", [width])
        bias = try weights.tensor("bias", [width])
    }

    /// - Parameter x: `[…, D]`.
    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let wide = try x.converted(to: .float32)
        let normalised = try wide.layerNorm(
            [width], weight: weight.converted(to: .float32), bias: bias.converted(to: .float32), epsilon: epsilon)
        return try normalised.converted(to: x.dtype)
    }
}
