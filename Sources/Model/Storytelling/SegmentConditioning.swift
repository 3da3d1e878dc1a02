public import Mochi
import Torch

/// The prompt of each step: one that stays, or a mixture that is weighted anew.
public enum SegmentConditioning: Sendable {
    case fixed(EncodedPrompt)
    case weighted(PromptWeighting, PromptMixture, PreviewSimilarity, every: Int)

    /// The prompt on entering a step, with what its weights were made of.
    ///
    /// - Parameters:
    ///   - similarity: of the prompts with the preview of the step before.
    ///   - weights: of the step before.
    func prompt(
        at step: Int, of steps: Int, similarity: PromptPair<Double>?, weights: PromptPair<Double>?
    ) throws(TorchError) -> (EncodedPrompt, PromptWeighting.Outcome?) {
        switch self {
        case .fixed(let prompt):
            return (prompt, nil)
        case .weighted(let weighting, let mixture, _, _):
            let outcome = weighting.outcome(
                at: step, of: steps, similarity: similarity, nearness: weights.map(mixture.nearness))
            return (try mixture.mixed(outcome.weights), outcome)
        }
    }

    /// What steers the weights of a step.
    ///
    /// - Parameters:
    ///   - step: that is entered next.
    ///   - estimate: of the finished latents, after the step before, `[1, C, T, h, w]`.
    ///   - last: what steered the step before.
    func similarity(
        entering step: Int, _ estimate: Tensor, by model: some Backbone, last: PromptPair<Double>?
    ) throws -> PromptPair<Double>? {
        switch self {
        case .fixed: return nil
        case .weighted(_, _, let similarity, let every):
            if let last, (step - 1) % every != 0 { return last }
            return try similarity(of: estimate, by: model)
        }
    }
}
