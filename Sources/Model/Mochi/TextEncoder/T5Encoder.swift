public import Torch

/// The encoder of T5 (v1.1, gated): tokens to one vector each, the condition of the video model.
///
/// Computes in the dtype of its weights, fp32 (as Mochi-1's authors) or bf16, with norms and softmax in fp32.
///
/// Shapes: `B` batch, `L` tokens, `D` width, `H` heads.
/// Source: transformers `modeling_t5.py`, `T5EncoderModel` and `T5Stack`.
public struct T5Encoder: Sendable {
    public let configuration: T5Configuration
    private let embedding: Embedding
    private let positionBias: T5PositionBias
    private let blocks: [T5Block]
    private let finalNorm: T5LayerNorm

    /// - Parameter weights: the root of `text_encoder`, which holds `shared` and `encoder`.
    /// - Throws: `LoadError` naming file and key.
    public init(_ configuration: T5Configuration, weights: WeightScope) throws(LoadError) {
        self.configuration = configuration
        embedding = try Embedding(configuration.vocabularyCount, configuration.width, weights: weights / "shared")
        let encoder = weights / "encoder"
        let firstAttention = encoder / "block" / 0 / "layer" / 0 / "SelfAttention"
        positionBias = try T5PositionBias(configuration, weights: firstAttention)
        var blocks: [T5Block] = []
        for index in 0..<configuration.layers {
            blocks.append(try T5Block(configuration, weights: encoder / "block" / index))
        }
        self.blocks = blocks
        finalNorm = try T5LayerNorm(configuration, weights: encoder / "final_layer_norm")
    }

    /// - Parameters:
    ///   - ids: int64 `[B, L]`, each below the vocabulary's count, where the weights are.
    ///   - mask: boolean `[B, L]`: false for tokens that no other token sees. At least one token of each row should be
    ///     true; a row without any sees all alike, as in the reference.
    /// - Returns: `[B, L, D]` in the weights' dtype; also masked tokens have a vector, which means nothing.
    public func callAsFunction(_ ids: Tensor, mask: Tensor) throws(TorchError) -> Tensor {
        let shape = ids.shape
        precondition(shape.count == 2 && ids.dtype == .int64, "expected int64 ids [B, L], got \(ids)")
        precondition(mask.shape == shape && mask.dtype == .bool, "expected a boolean mask \(shape), got \(mask)")
        var x = try embedding(ids)  // [B, L, D]
        let bias = try positionBias.masked(mask)  // [B, H, L, L]
        for block in blocks { x = try block(x, bias: bias) }
        return try finalNorm(x)
    }
}
