import Testing

@testable import Storytelling

/// Goal: weights are a share of one whole whatever the scores are. Method: the extremes by hand.
@Suite struct PromptWeightingTests {
    private let plain = PromptWeighting()

    @Test func theFirstStepKnowsOnlyThePrior() {
        let outcome = plain.outcome(at: 0, of: 64, similarity: nil, nearness: nil)
        #expect(outcome.prior == PromptPair(scene: 63.0 / 64, action: 1.0 / 64))
        #expect(outcome.scores == outcome.prior)
        #expect(outcome.weights.scene > outcome.weights.action)
    }

    @Test(arguments: [1e-12, 1e-3, 0.5, 1e6]) func weightsAreOneTogether(temperature: Double) {
        let weighting = PromptWeighting(temperature: temperature)
        for step in 0..<8 {
            let weights = weighting.outcome(
                at: step, of: 8, similarity: PromptPair(scene: 0.3, action: -0.2),
                nearness: PromptPair(scene: 1, action: 0.4)
            ).weights
            #expect(abs(weights.scene + weights.action - 1) < 1e-15)
            #expect(0...1 ~= weights.scene && 0...1 ~= weights.action)
        }
    }

    @Test func lowTemperaturesDecideAndHighOnesMix() {
        let similarity = PromptPair(scene: 0.31, action: 0.3)
        func weights(_ temperature: Double) -> PromptPair<Double> {
            PromptWeighting(prior: 0, temperature: temperature).outcome(
                at: 1, of: 4, similarity: similarity, nearness: nil
            ).weights
        }
        #expect(weights(1e-5).scene > 1 - 1e-9)
        #expect(abs(weights(1e5).scene - 0.5) < 1e-6)
    }

    @Test func equalScoresShareEvenly() {
        let outcome = PromptWeighting(prior: 0).outcome(
            at: 2, of: 4, similarity: PromptPair(scene: 0.3, action: 0.3), nearness: nil)
        #expect(outcome.weights == PromptPair(scene: 0.5, action: 0.5))
    }

    /// One number that is none says nothing about the other prompt either: both would be judged differently.
    @Test(arguments: [Double.nan, .infinity]) func aSimilarityThatIsNoNumberIsLeftOut(value: Double) {
        let outcome = plain.outcome(
            at: 3, of: 8, similarity: PromptPair(scene: value, action: 0.3), nearness: nil)
        #expect(outcome.droppedSimilarity)
        #expect(outcome.similarity == PromptPair(scene: 0, action: 0))
        #expect(outcome.weights.scene.isFinite)
    }
}
