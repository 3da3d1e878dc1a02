import Torch

/// Attention of every token to all tokens, or to those before it.
///
/// Shapes: `B` batch, `L` tokens, `D` width, `H` heads.
/// Reference: transformers 5.23 `modeling_clip.py`, class `CLIPAttention` with scaled-dot-product attention.
struct SelfAttention: Sendable {
    private let query, key, value, output: Linear
    private let width, headCount: Int
    private let isCausal: Bool

    /// - Parameter isCausal: whether a token sees only itself and what comes before it.
    init(width: Int, headCount: Int, isCausal: Bool, weights: WeightScope) throws(LoadError) {
        precondition(width % headCount == 0, "\(headCount) heads do not share a width of \(width)")
        (self.width, self.headCount, self.isCausal) = (width, headCount, isCausal)
        query = try Linear(width, width, weights: weights / "q_proj")
        key = try Linear(width, width, weights: weights / "k_proj")
        value = try Linear(width, width, weights: weights / "v_proj")
        output = try Linear(width, width, weights: weights / "out_proj")
    }

    /// - Parameter x: `[B, L, D]`.
    /// - Returns: `[B, L, D]`.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        precondition(x.rank == 3 && x.extent(2) == width, "expected [B, L, \(width)], got \(x.shape)")
        // [B, H, L, D/H].
        let mixed = try heads(query(x)).attention(
            key: heads(key(x)), value: heads(value(x)), isCausal: isCausal, backend: .short(on: x.device))
        return try output(mixed.transposed(1, 2).reshaped(x.shape))
    }

    /// `[B, L, D]` to `[B, H, L, D/H]`.
    private func heads(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.reshaped([x.extent(0), x.extent(1), headCount, width / headCount]).transposed(1, 2)
    }
}
