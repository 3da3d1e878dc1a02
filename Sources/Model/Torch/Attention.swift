internal import CTorch

/// Which kernel computes attention; all compute the same formula, in other orders of summation.
public enum AttentionBackend: String, Sendable, CaseIterable {
    /// libtorch chooses by device, dtype and shape.
    case automatic
    /// The plain formula, everywhere; holds all scores in memory.
    case math
    /// FlashAttention: CPU, and CUDA without a mask.
    case flash
    /// Memory-efficient attention: CUDA; wants a mask of full shape.
    case efficient
    /// cuDNN's: CUDA; wants a mask of full shape.
    case cudnn

    /// For sequences of a few hundred tokens. Accelerators' kernels are made for long ones and plan for every new
    /// shape, and masks of very large numbers, as T5's, are cuDNN's weak spot: there the plain formula serves them.
    public static func short(on device: Device) -> AttentionBackend { device == .cpu ? .automatic : .math }

    var raw: ctorch_attention_backend {
        switch self {
        case .automatic: return CTORCH_ATTENTION_AUTOMATIC
        case .math: return CTORCH_ATTENTION_MATH
        case .flash: return CTORCH_ATTENTION_FLASH
        case .efficient: return CTORCH_ATTENTION_EFFICIENT
        case .cudnn: return CTORCH_ATTENTION_CUDNN
        }
    }
}

extension Tensor {
    /// `softmax(q kᵀ · scale + mask) v`, with this tensor as the query.
    ///
    /// Shapes: `B` batch, `H` heads, `L` queries, `M` keys, `D` width of a head.
    ///
    /// - Parameters:
    ///   - key: `[B, H, M, D]`, as `value`; this tensor is `[B, H, L, D]`.
    ///   - mask: broadcast to `[B, H, L, M]`; boolean (true takes part) or added to the scores.
    ///   - isCausal: whether query i sees only the keys up to i; not together with a mask.
    ///   - scale: nil for `1/√D`.
    /// - Returns: `[B, H, L, D]`.
    /// - Throws: `TorchError` of kind `unsupported` or `invalidArgument` where the backend can't do this.
    public func attention(
        key: Tensor, value: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil,
        backend: AttentionBackend = .automatic
    ) throws(TorchError) -> Tensor {
        try produce("attention") {
            ctorch_attention(
                handle, key.handle, value.handle, mask?.handle, isCausal, scale ?? .nan, backend.raw, $0)
        }
    }
}
