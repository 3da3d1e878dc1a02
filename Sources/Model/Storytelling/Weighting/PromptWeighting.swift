import Foundation

/// How much scene and action prompt count at each step: dynamics-informed prompt weighting (DIPW).
///
/// `score_p = alignment · sim_p + smoothness · prev_p + prior · prior_p`, and the weights are their softmax with a
/// temperature. `sim_p` is how well the video promised so far fits the prompt, `prev_p` how near the prompt is to the
/// last step's mixture, `prior_p` falls from scene to action over the steps. All arithmetic is in double precision.
public struct PromptWeighting: Equatable, Sendable {
    /// λ1, λ2 and λ3 of the paper.
    public var alignment, smoothness, prior: Double
    /// τ; small ones decide, large ones mix evenly.
    public var temperature: Double

    /// - Precondition: the temperature is positive.
    public init(alignment: Double = 1, smoothness: Double = 1, prior: Double = 1, temperature: Double = 0.5) {
        precondition(temperature > 0, "a temperature of \(temperature)")
        (self.alignment, self.smoothness, self.prior) = (alignment, smoothness, prior)
        self.temperature = temperature
    }

    /// A step's weights with what they were made of.
    public struct Outcome: Equatable, Sendable, Codable {
        /// Each 0…1, together 1.
        public let weights: PromptPair<Double>
        public let scores: PromptPair<Double>
        /// As it entered the scores: 0 where there was none.
        public let similarity: PromptPair<Double>
        public let previous: PromptPair<Double>
        public let prior: PromptPair<Double>
        /// Whether a similarity that is no number was left out.
        public let droppedSimilarity: Bool
    }

    /// The weights on entering a step.
    ///
    /// - Parameters:
    ///   - step: k, 0…S-1.
    ///   - steps: S.
    ///   - similarity: of each prompt with the preview of the last step's estimate; nil at the first step.
    ///   - nearness: of each prompt to the last step's mixture; nil at the first step.
    public func outcome(
        at step: Int, of steps: Int, similarity: PromptPair<Double>?, nearness: PromptPair<Double>?
    ) -> Outcome {
        precondition(0..<steps ~= step, "step \(step) of \(steps)")
        let share = Double(step + 1) / Double(steps)
        let prior = PromptPair(scene: 1 - share, action: share)
        let isFinite = similarity.map { $0.scene.isFinite && $0.action.isFinite } ?? true
        let none = PromptPair(scene: 0.0, action: 0.0)
        let aligned = isFinite ? similarity ?? none : none
        let near = nearness ?? none
        func score(_ path: KeyPath<PromptPair<Double>, Double>) -> Double {
            alignment * aligned[keyPath: path] + smoothness * near[keyPath: path] + self.prior * prior[keyPath: path]
        }
        let scores = PromptPair(scene: score(\.scene), action: score(\.action))
        return Outcome(
            weights: softmax(scores), scores: scores, similarity: aligned, previous: near, prior: prior,
            droppedSimilarity: !isFinite)
    }

    /// The largest score is subtracted first, so that no exponential overflows however small the temperature is.
    private func softmax(_ scores: PromptPair<Double>) -> PromptPair<Double> {
        let top = max(scores.scene, scores.action)
        let parts = scores.map { exp(($0 - top) / temperature) }
        let sum = parts.scene + parts.action
        return parts.map { $0 / sum }
    }
}
