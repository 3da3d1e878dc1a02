import Torch

/// One block of the AsymmDiT: joint attention and a feed-forward per stream, each modulated by the conditioning and
/// normalised before and after (sandwich norm).
///
/// Shapes: `N` visual tokens, `L` text tokens, `D` and `Dt` the streams' widths. Reference: diffusers 0.42.1
/// `transformer_mochi.py`, class `MochiTransformerBlock`; genmo/mochi `asymm_models_joint.py`, `AsymmetricJointBlock`.
struct TransformerBlock {
    /// One stream's own part.
    private struct Stream {
        let modulation: Linear
        let feedForward: FeedForward
    }

    /// What the conditioning makes of one stream: four factors `[1, 1, width]`, fp32; there is no shift.
    private struct Modulation {
        let attentionScale, attentionGate, feedForwardScale, feedForwardGate: Tensor
    }

    private enum Text {
        case stream(Stream)
        /// In the last block: one scale, for the keys and values that it gives.
        case scaleOnly(Linear)
    }

    private let attention: JointAttention
    private let visual: Stream
    private let text: Text

    init(
        _ configuration: TransformerConfiguration, isLast: Bool, backend: AttentionBackend, weights: WeightScope
    ) throws(LoadError) {
        let (width, textWidth) = (configuration.width, configuration.textWidth)
        attention = try JointAttention(configuration, isLast: isLast, backend: backend, weights: weights / "attn1")
        visual = Stream(
            modulation: try Linear(width, 4 * width, weights: weights / "norm1" / "linear"),
            feedForward: try FeedForward(width: width, weights: weights / "ff"))
        if isLast {
            text = .scaleOnly(try Linear(width, textWidth, weights: weights / "norm1_context" / "linear_1"))
        } else {
            text = .stream(
                Stream(
                    modulation: try Linear(width, 4 * textWidth, weights: weights / "norm1_context" / "linear"),
                    feedForward: try FeedForward(width: textWidth, weights: weights / "ff_context")))
        }
    }

    /// - Parameters:
    ///   - x: `[1, N, D]`.
    ///   - y: `[1, L, Dt]`; nil for a prompt without tokens.
    ///   - conditioning: `[1, D]`.
    /// - Returns: both streams; the text is nil after the last block.
    func callAsFunction(
        _ x: Tensor, _ y: Tensor?, conditioning: Tensor, rotation: RotaryEmbedding
    ) throws(TorchError) -> (Tensor, Tensor?) {
        let signal = try conditioning.silu()
        let modulation = try modulate(visual, by: signal)
        let normalised = try x.modulated(by: modulation.attentionScale, epsilon: RMSNorm.epsilon)
        switch text {
        case .scaleOnly(let linear):
            let scale = try linear(signal).unsqueezed(1).converted(for: .modulation) + 1
            let texts = try y.map { y throws(TorchError) in try y.modulated(by: scale, epsilon: RMSNorm.epsilon) }
            let (attended, _) = try attention(normalised, texts, rotation: rotation)
            return (try advance(x, attended, modulation, visual), nil)
        case .stream(let stream):
            let textModulation = try modulate(stream, by: signal)
            let texts = try y.map { y throws(TorchError) in
                try y.modulated(by: textModulation.attentionScale, epsilon: RMSNorm.epsilon)
            }
            let (attended, textAttended) = try attention(normalised, texts, rotation: rotation)
            let advanced = try advance(x, attended, modulation, visual)
            guard let y, let textAttended else { return (advanced, nil) }
            return (advanced, try advance(y, textAttended, textModulation, stream))
        }
    }

    private func modulate(_ stream: Stream, by signal: Tensor) throws(TorchError) -> Modulation {
        let parts = try stream.modulation(signal).converted(for: .modulation).unsqueezed(1).chunked(4, dimension: -1)
        return Modulation(
            attentionScale: try parts[0] + 1, attentionGate: try parts[1].tanh(),
            feedForwardScale: try parts[2] + 1, feedForwardGate: try parts[3].tanh())
    }

    /// - Parameter attended: becomes the stream after the attention; its memory is not used otherwise.
    private func advance(
        _ x: Tensor, _ attended: Tensor, _ modulation: Modulation, _ stream: Stream
    ) throws(TorchError) -> Tensor {
        try attended.modulate(by: modulation.attentionGate, onto: x, epsilon: RMSNorm.epsilon)
        let normalised = try attended.modulated(by: modulation.feedForwardScale, epsilon: RMSNorm.epsilon)
        let change = try stream.feedForward(normalised)
        try change.modulate(by: modulation.feedForwardGate, onto: attended, epsilon: RMSNorm.epsilon)
        return change
    }
}
