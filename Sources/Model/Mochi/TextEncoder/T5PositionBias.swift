internal import Glibc
internal import Torch

/// What T5 adds to the attention scores for the distance between query and key; one table for all layers.
///
/// Shapes: `B` batch, `H` heads, `L` tokens, `N` buckets.
/// Source: transformers `modeling_t5.py`, `T5Attention.compute_bias`; `create_position_bias_mask`.
struct T5PositionBias: Sendable {
    private let table: Embedding
    private let buckets: Int
    private let distance: Int

    /// - Parameter weights: the attention of layer 0, which holds `relative_attention_bias` `[N, H]`.
    init(_ configuration: T5Configuration, weights: WeightScope) throws(LoadError) {
        buckets = configuration.positionBuckets
        distance = configuration.positionDistance
        table = try Embedding(buckets, configuration.heads, weights: weights / "relative_attention_bias")
    }

    /// What every layer adds to its scores: the position's bias, and the lowest number where a key is masked.
    ///
    /// - Parameter mask: boolean `[B, L]`, where the weights are.
    /// - Returns: `[B, H, L, L]` (queries, then keys) in the table's dtype.
    func masked(_ mask: Tensor) throws(TorchError) -> Tensor {
        precondition(mask.rank == 2 && mask.dtype == .bool, "expected a boolean mask [B, L], got \(mask)")
        let (batch, length) = (mask.extent(0), mask.extent(1))
        let indices = try Tensor(numbers(length), shape: [length, length]).moved(to: mask.device)
        let positions = try table(indices).permuted([2, 0, 1]).unsqueezed(0)  // [1, H, L, L]
        let lowest = try Tensor.full([1], positions.dtype.lowest, dtype: positions.dtype, device: mask.device)
        return try mask.reshaped([batch, 1, 1, length]).choosing(positions, otherwise: lowest).contiguous()
    }

    /// The bucket of every pair of a query (row) and a key (column).
    private func numbers(_ length: Int) -> [Int64] {
        var numbers: [Int64] = []
        numbers.reserveCapacity(length * length)
        for query in 0..<length {
            for key in 0..<length {
                numbers.append(Int64(Self.bucket(key - query, buckets: buckets, distance: distance)))
            }
        }
        return numbers
    }

    /// The bucket of a key `offset` tokens after the query (before it, if negative).
    ///
    /// Half of the buckets are for keys after the query. Of either half, the first half holds one distance each, the
    /// others grow with the distance's logarithm up to `distance`, and the last one holds all from there on.
    ///
    /// Calculated in fp32, in the reference's order (`T5Attention._relative_position_bucket`): where a bucket begins
    /// hangs on the last bit.
    static func bucket(_ offset: Int, buckets: Int, distance: Int) -> Int {
        let half = buckets / 2
        let exact = half / 2
        let side = offset > 0 ? half : 0
        let magnitude = abs(offset)
        if magnitude < exact { return side + magnitude }
        let ratio = logf(Float(magnitude) / Float(exact)) / Float(log(Double(distance) / Double(exact)))
        return side + min(exact + Int(ratio * Float(half - exact)), half - 1)
    }
}

extension DType {
    /// The lowest finite number of a type that weights have (`torch.finfo(dtype).min`).
    fileprivate var lowest: Double {
        switch self {
        case .bfloat16: return -0x1.fep127
        case .float16: return -65504
        default: return -Double(Float.greatestFiniteMagnitude)
        }
    }
}
