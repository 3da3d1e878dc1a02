internal import Torch

/// One layer of the encoder: attention, then feed-forward, each on the norm of its input and added to it.
///
/// Shapes: `B` batch, `L` tokens, `D` width, `H` heads. Source: transformers `modeling_t5.py`, `T5Block`.
struct T5Block: Sendable {
    private let attentionNorm: T5LayerNorm
    private let attention: T5Attention
    private let feedForwardNorm: T5LayerNorm
    private let feedForward: T5FeedForward

    /// - Parameter weights: `encoder.block.i`.
    init(_ configuration: T5Configuration, weights: WeightScope) throws(LoadError) {
        let first = weights / "layer" / 0
        attentionNorm = try T5LayerNorm(configuration, weights: first / "layer_norm")
        attention = try T5Attention(configuration, weights: first / "SelfAttention")
        let second = weights / "layer" / 1
        feedForwardNorm = try T5LayerNorm(configuration, weights: second / "layer_norm")
        feedForward = try T5FeedForward(configuration, weights: second / "DenseReluDense")
    }

    /// - Parameters:
    ///   - x: `[B, L, D]`.
    ///   - bias: `[B, H, L, L]`, added to the attention scores.
    /// - Returns: `[B, L, D]`.
    func callAsFunction(_ x: Tensor, bias: Tensor) throws(TorchError) -> Tensor {
        let attended = try x + attention(attentionNorm(x), bias: bias)
        return try attended + feedForward(feedForwardNorm(attended))
    }
}
