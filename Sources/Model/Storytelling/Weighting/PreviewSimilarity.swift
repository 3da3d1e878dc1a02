public import CLIP
public import Mochi
public import Torch

/// How well the video that an estimate promises fits each prompt.
public struct PreviewSimilarity: Sendable {
    private let clip: CLIP
    private let mode: PreviewMode
    /// `[1, P]` each: the prompts' vectors, of length 1.
    private let texts: PromptPair<Tensor>

    /// - Parameter prompts: the vectors that `clip` gives the prompts, `[1, P]` each.
    public init(_ clip: CLIP, mode: PreviewMode, prompts: PromptPair<Tensor>) {
        (self.clip, self.mode, texts) = (clip, mode, prompts)
    }

    /// The cosine of each prompt with the preview, the mean over its frames.
    ///
    /// - Parameter estimate: of the finished latents, `[1, C, T, h, w]`.
    public func callAsFunction(
        of estimate: Tensor, by model: some Backbone
    ) throws -> PromptPair<Double> {
        let vectors = try vectors(of: estimate, by: model)  // [F, P]
        return try texts.map { text in
            try (vectors * text).sum([1]).mean().item()
        }
    }

    private func vectors(of estimate: Tensor, by model: some Backbone) throws -> Tensor {
        switch mode {
        case .exact:
            var parts: [Tensor] = []
            // Previews are always of the form that the model was trained in.
            try model.decode(estimate, form: .genmo) { parts.append(try clip.embed(images: $0)) }
            return try .concatenated(parts, dimension: 0)
        case .frame0:
            return try clip.embed(images: model.stills(estimate.selected(2, 0)))
        case .middle:
            return try clip.embed(images: model.stills(estimate.selected(2, estimate.extent(2) / 2)))
        case .linear:
            return try clip.embed(images: model.colours(estimate.selected(2, 0)))
        }
    }
}
