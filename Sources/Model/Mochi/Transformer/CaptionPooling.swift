import Torch

/// Pools the prompt's T5 features to one vector by attention; the query is the mean of the features, and the mean is
/// among the keys too, so a prompt without tokens has a caption as well.
///
/// Reference: diffusers 0.42.1 `embeddings.py`, class `MochiAttentionPool`. There, padding is masked; here it is left
/// out, which is the same.
struct CaptionPooling {
    private let heads: Int
    private let width: Int
    private let keysAndValues: Linear
    private let query: Linear
    private let output: Linear

    /// - Parameters:
    ///   - width: `D` of the features, a multiple of `heads`.
    ///   - output: width of the pooled caption.
    init(width: Int, heads: Int, output: Int, weights: WeightScope) throws(LoadError) {
        (self.width, self.heads) = (width, heads)
        keysAndValues = try Linear(width, 2 * width, weights: weights / "to_kv")
        query = try Linear(width, width, weights: weights / "to_q")
        self.output = try Linear(width, output, weights: weights / "to_out")
    }

    /// - Parameter features: `[1, L, D]`, valid tokens only; L may be 0. The mean is taken in fp32.
    /// - Returns: `[1, output]`.
    func callAsFunction(_ features: Tensor) throws(TorchError) -> Tensor {
        let length = features.extent(1)
        precondition(features.shape == [1, length, width], "expected [1, L, \(width)], got \(features.shape)")
        let mean = try features.converted(for: .features).sum([1], keeping: true) / Double(max(length, 1))  // [1, 1, D]
        let tokens = try Tensor.concatenated([mean, features.converted(for: .features)], dimension: 1)
        let head = width / heads
        let both = try keysAndValues(tokens).reshaped([1, length + 1, 2, heads, head]).permuted([2, 0, 3, 1, 4])
        let q = try query(mean).reshaped([1, 1, heads, head]).transposed(1, 2)  // [1, H, 1, head]
        let pooled = try q.attention(
            key: both.selected(0, 0), value: both.selected(0, 1), backend: .short(on: q.device))
        return try output(pooled.reshaped([1, width]))
    }
}
