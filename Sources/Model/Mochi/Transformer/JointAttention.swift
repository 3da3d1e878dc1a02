import Torch

/// One softmax attention over the visual and the text tokens together, with projections of their own for each.
///
/// Only valid text tokens come in, so nothing is masked; text has no position. Reference: diffusers 0.42.1
/// `attention_processor.py`, classes `MochiAttention` and `MochiAttnProcessor2_0`.
struct JointAttention {
    /// What one stream needs to take part.
    private struct Projections {
        /// Nil where the stream only answers: the text in the last block.
        let query: (Linear, RMSNorm)?
        let key: (Linear, RMSNorm)
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
        func norm(_ name: String) throws(LoadError) -> RMSNorm { try RMSNorm(width: head, weights: weights / name) }
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
        let count = x.extent(1)
        var queries = [try rotation(project(x, visual.query))]
        var keys = [try rotation(project(x, visual.key))]
        var values = [try split(visual.value(x))]
        if let y {
            if text.query != nil { queries.append(try project(y, text.query)) }
            keys.append(try project(y, text.key))
            values.append(try split(text.value(y)))
        }
        let attended = try joined(queries).attention(key: joined(keys), value: joined(values), backend: backend)
        let merged = try attended.transposed(1, 2).reshaped([1, attended.extent(2), heads * headWidth])
        let visualPart = try visualOutput(merged.narrowed(1, 0..<count))
        guard let y, let textOutput else { return (visualPart, nil) }
        return (visualPart, try textOutput(merged.narrowed(1, count..<(count + y.extent(1)))))
    }

    /// `[1, N, D]` to normalised `[1, N, H, head]`.
    private func project(_ x: Tensor, _ projection: (linear: Linear, norm: RMSNorm)?) throws(TorchError) -> Tensor {
        guard let projection else { preconditionFailure("a stream that asks nothing was asked for its queries") }
        return try projection.norm(split(projection.linear(x)))
    }

    private func split(_ x: Tensor) throws(TorchError) -> Tensor {
        try x.reshaped([1, x.extent(1), heads, headWidth])
    }

    /// Both streams one after the other, `[1, H, N + L, head]`.
    private func joined(_ parts: [Tensor]) throws(TorchError) -> Tensor {
        let whole = parts.count == 1 ? parts[0] : try Tensor.concatenated(parts, dimension: 1)
        return try whole.transposed(1, 2)
    }
}
