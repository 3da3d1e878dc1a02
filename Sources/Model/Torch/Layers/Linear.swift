/// `x Wᵀ + b`, computed in the dtype of its weight.
public struct Linear: Sendable {
    private let weight: Tensor
    private let bias: Tensor?

    /// - Parameters:
    ///   - input: `I`, the extent of the last dimension that it takes.
    ///   - output: `O`, the extent that it gives; `weight` is `[O, I]`, `bias` `[O]`.
    public init(_ input: Int, _ output: Int, bias: Bool = true, weights: WeightScope) throws(LoadError) {
        weight = try weights.tensor("weight", [output, input])
        self.bias = bias ? try weights.tensor("bias", [output]) : nil
    }

    /// - Parameter x: `[…, I]`.
    /// - Returns: `[…, O]` in the weight's dtype.
    public func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.converted(to: weight.dtype).linear(weight, bias: bias)
    }
}
