public import Torch

extension CLIP {
    /// The cosine of the angle between each pair of vectors: 1 for the same direction, 0 for a right angle.
    ///
    /// - Parameters:
    ///   - a: `[M, P]`, of any lengths but 0.
    ///   - b: `[N, P]`, likewise.
    /// - Returns: float32 `[M, N]`.
    public static func cosineSimilarity(_ a: Tensor, _ b: Tensor) throws(TorchError) -> Tensor {
        precondition(
            a.rank == 2 && b.rank == 2 && a.extent(1) == b.extent(1),
            "expected [M, P] and [N, P], got \(a.shape) and \(b.shape)")
        return try normalized(a).matmul(normalized(b).transposed(0, 1))
    }
}
