import Torch

/// Each token's vector plus its position's.
///
/// Shapes: `B` batch, `L` tokens, `D` width.
/// Reference: transformers 5.23 `modeling_clip.py`, class `CLIPTextEmbeddings`.
struct TextEmbeddings: Sendable {
    private let tokens: Embedding
    private let positions: Tensor
    private let positionCount: Int

    init(_ configuration: CLIPTextConfiguration, weights: WeightScope) throws(LoadError) {
        let width = configuration.tower.width
        positionCount = configuration.positionCount
        tokens = try Embedding(configuration.vocabularySize, width, weights: weights / "token_embedding")
        positions = try (weights / "position_embedding").tensor("weight", [positionCount, width])
    }

    /// - Parameter ids: int64 `[B, L]`, L at most the number of positions.
    /// - Returns: `[B, L, D]`.
    func callAsFunction(_ ids: Tensor) throws(TorchError) -> Tensor {
        precondition(
            ids.dtype == .int64 && ids.rank == 2 && (1...positionCount).contains(ids.extent(1)),
            "expected int64 [B, at most \(positionCount)], got \(ids)")
        return try tokens(ids) + positions.narrowed(0, 0..<ids.extent(1))
    }
}
