public import Mochi
import Torch

/// The prompt of each step: one that stays, or a mixture that is weighted anew.
public enum SegmentConditioning: Sendable {
    case fixed(EncodedPrompt)
    case weighted(PromptWeighting, PromptMixture, PreviewSimilarity)

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
        case .weighted(let weighting, let mixture, _):
            let outcome = weighting.outcome(
                at: step, of: steps, similarity: similarity, nearness: weights.map(mixture.nearness))
            return (try mixture.mixed(outcome.weights), outcome)
        }
    }

    func similarity(of estimate: Tensor, by model: some Backbone) throws -> PromptPair<Double>? {
        switch self {
        case .fixed: return nil
        case .weighted(_, _, let similarity): return try similarity(of: estimate, by: model)
        }
    }
}
