internal import Torch

/// T5's self-attention: scores are not divided by √K, a bias stands for positions and mask.
///
/// Shapes: `B` batch, `L` tokens, `D` width, `H` heads, `K` width of a head.
/// Source: transformers `modeling_t5.py`, `T5Attention`.
struct T5Attention: Sendable {
    private let q, k, v, o: Linear
    private let width: Int
    private let heads: Int
    private let headWidth: Int

    /// - Parameter weights: hold `q`, `k`, `v` `[H·K, D]` and `o` `[D, H·K]`, none with a bias.
    init(_ configuration: T5Configuration, weights: WeightScope) throws(LoadError) {
        width = configuration.width
        heads = configuration.heads
        headWidth = configuration.headWidth
        let inner = heads * headWidth
        q = try Linear(width, inner, bias: false, weights: weights / "q")
        k = try Linear(width, inner, bias: false, weights: weights / "k")
        v = try Linear(width, inner, bias: false, weights: weights / "v")
        o = try Linear(inner, width, bias: false, weights: weights / "o")
    }

    /// - Parameters:
    ///   - x: `[B, L, D]`, normalised.
    ///   - bias: `[B, H, L, L]` in the dtype of the weights, added to the scores; softmax is in fp32.
    /// - Returns: `[B, L, D]`.
    func callAsFunction(_ x: Tensor, bias: Tensor) throws(TorchError) -> Tensor {
        let shape = x.shape
        precondition(shape.count == 3 && shape[2] == width, "expected [B, L, \(width)], got \(shape)")
        let (batch, length) = (shape[0], shape[1])
        precondition(
            bias.shape == [batch, heads, length, length],
            "expected a bias [\(batch), \(heads), \(length), \(length)], got \(bias.shape)")
        let query = try split(q(x))
        let mixed = try query.attention(
            key: split(k(x)), value: split(v(x)), mask: bias, scale: 1, backend: .short(on: x.device))  // [B, H, L, K]
        return try o(mixed.permuted([0, 2, 1, 3]).reshaped([batch, length, heads * headWidth]))
    }

    /// `[B, L, H·K]` to `[B, H, L, K]`.
    private func split(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.reshaped([x.extent(0), x.extent(1), heads, headWidth]).permuted([0, 2, 1, 3])
    }
}
