import Torch

/// One softmax attention over the visual and the text tokens together, with projections of their own for each.
///
/// Only valid text tokens come in, so nothing is masked; text has no position. Reference: diffusers 0.42.1
/// `attention_processor.py`, classes `MochiAttention` and `MochiAttnProcessor2_0`.
struct JointAttention {
    /// What one stream needs to take part.
    private struct Projections {
        /// Nil where the stream only answers: the text in the last block.
        let query: (Linear, RMSNorm.Heads)?
        let key: (Linear, RMSNorm.Heads)
        let value: Linear
    }

    private let heads: Int
    private let headWidth: Int
    private let backend: AttentionBackend
    private let visual: Projections
    private let text: Projections
    private let visualOutput: Linear
    private let textOutput: Linear?

    /// - Parameter isLast: the last block's text is not used any more, so it asks nothing.
    init(
        _ configuration: TransformerConfiguration, isLast: Bool, backend: AttentionBackend, weights: WeightScope
    ) throws(LoadError) {
        (heads, headWidth) = (configuration.heads, configuration.headWidth)
        self.backend = backend
        let (width, textWidth) = (configuration.width, configuration.textWidth)
        let head = headWidth
        func project(_ name: String, from input: Int) throws(LoadError) -> Linear {
            try Linear(input, width, bias: false, weights: weights / name)
        }
        func norm(_ name: String) throws(LoadError) -> RMSNorm.Heads {
            try RMSNorm.Heads(width: head, weights: weights / name)
        }
        visual = Projections(
            query: (try project("to_q", from: width), try norm("norm_q")),
            key: (try project("to_k", from: width), try norm("norm_k")),
            value: try project("to_v", from: width))
        // The last block's file has these two as well; their shapes are checked even though nothing needs them.
        let textQuery = (try project("add_q_proj", from: textWidth), try norm("norm_added_q"))
        text = Projections(
            query: isLast ? nil : textQuery,
            key: (try project("add_k_proj", from: textWidth), try norm("norm_added_k")),
            value: try project("add_v_proj", from: textWidth))
        visualOutput = try Linear(width, width, weights: weights / "to_out" / 0)
        textOutput = isLast ? nil : try Linear(width, textWidth, weights: weights / "to_add_out")
    }

    /// - Parameters:
    ///   - x: `[1, N, D]`, the visual stream.
    ///   - y: `[1, L, Dt]`, the text stream; nil for a prompt without tokens.
    /// - Returns: what to add to each stream, of its shape; no text in the last block or where none came in.
    func callAsFunction(
        _ x: Tensor, _ y: Tensor?, rotation: RotaryEmbedding
    ) throws(TorchError) -> (Tensor, Tensor?) {
        let (count, textCount) = (x.extent(1), y?.extent(1) ?? 0)
        let query = try together(x, visual.query, y, text.query, rotation)
        let key = try together(x, visual.key, y, text.key, rotation)
        var value = try visual.value(x)
        if let y { value = try Tensor.concatenated([value, text.value(y)], dimension: 1) }
        let values = try value.reshaped([1, count + textCount, heads, headWidth]).transposed(1, 2)
        let attended = try query.attention(key: key, value: values, backend: backend)
        let merged = try attended.transposed(1, 2).reshaped([1, attended.extent(2), heads * headWidth])
        let visualPart = try visualOutput(merged.narrowed(1, 0..<count))
        guard y != nil, let textOutput else { return (visualPart, nil) }
        return (visualPart, try textOutput(merged.narrowed(1, count..<(count + textCount))))
    }

    /// Queries or keys of both streams, one after the other, normalised, those of the visual stream rotated.
    ///
    /// - Returns: `[1, H, N + L, head]`, a view of `[1, N + L, H, head]`.
    private func together(
        _ x: Tensor, _ visual: (linear: Linear, norm: RMSNorm.Heads)?, _ y: Tensor?,
        _ text: (linear: Linear, norm: RMSNorm.Heads)?, _ rotation: RotaryEmbedding
    ) throws(TorchError) -> Tensor {
        guard let visual else { preconditionFailure("the visual stream always asks") }
        let count = x.extent(1)
        let projected = try visual.linear(x)
        guard let y, let text else {
            let whole = try projected.reshaped([1, count, heads, headWidth])
            try visual.norm(projected, rotation: rotation, into: whole)
            return try whole.transposed(1, 2)
        }
        // Each stream is normalised to where the attention reads it.
        let whole = try Tensor.empty(
            [1, count + y.extent(1), heads, headWidth], dtype: projected.dtype, device: projected.device)
        try visual.norm(projected, rotation: rotation, into: whole.narrowed(1, 0..<count))
        try text.norm(text.linear(y), rotation: nil, into: whole.narrowed(1, count..<(count + y.extent(1))))
        return try whole.transposed(1, 2)
    }
}
