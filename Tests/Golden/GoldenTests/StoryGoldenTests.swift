import Mochi
import Testing
import Torch

@testable import Storytelling

/// Goal: the story method's formulas give what they give written out plainly. Method: numpy in double precision over
/// random inputs, recorded by `ops/parity/story.py`.
@Suite struct StoryGoldenTests {
    @Test(arguments: Golden.all("story.weights"), MixtureMask.allCases)
    func weightsAndMixtures(golden: Golden, mask: MixtureMask) throws {
        let counts = try golden.integers("counts")
        let prompts = PromptPair(
            scene: EncodedPrompt(embeddings: try golden.input("scene"), tokenCount: counts[0]),
            action: EncodedPrompt(embeddings: try golden.input("action"), tokenCount: counts[1]))
        let mixture = try PromptMixture(prompts, mask: mask)
        let lambdas = try golden.numbers("lambdas")
        let weighting = PromptWeighting(
            alignment: lambdas[0], smoothness: lambdas[1], prior: lambdas[2],
            temperature: try golden.number("temperature"))
        let similarities: [Double] = try golden.input("similarities").array()
        let steps = try golden.integer("steps")
        var weights: [Double] = []
        var mixtures: [Tensor] = []
        var lengths: [Int64] = []
        var last: PromptPair<Double>?
        for step in 0..<steps {
            let similarity = PromptPair(scene: similarities[2 * step], action: similarities[2 * step + 1])
            let outcome = weighting.outcome(
                at: step, of: steps, similarity: step == 0 ? nil : similarity, nearness: last.map(mixture.nearness))
            let mixed = try mixture.mixed(outcome.weights)
            weights += [outcome.weights.scene, outcome.weights.action]
            mixtures.append(mixed.embeddings)
            lengths.append(Int64(mixed.tokenCount))
            last = outcome.weights
        }
        try golden.expect(Tensor(weights, shape: [steps, 2]), equals: "\(mask).weights", within: 1e-6)
        try golden.expect(Tensor.stacked(mixtures, dimension: 0), equals: "\(mask).mixtures", within: 1e-6)
        #expect(try golden.output("\(mask).lengths").array() == lengths)
    }

    @Test(arguments: Golden.all("story.blends")) func boundariesAndBlends(golden: Golden) throws {
        let (own, estimate) = (try golden.input("own"), try golden.input("estimate"))
        let boundary = try Boundary.made(of: golden.input("other"), decay: golden.number("decay"))
        try golden.expect(boundary, equals: "boundary", within: 1e-6)
        let strength = try golden.number("strength")
        try golden.expect(Boundary.blended(own, with: boundary, strength: strength), equals: "latent", within: 1e-6)
        let denoised = try Boundary.blended(
            own, estimate: estimate, with: boundary, strength: strength, sigma: golden.number("sigma"))
        try golden.expect(denoised, equals: "denoised", within: 1e-6)
    }

    @Test(arguments: Golden.all("story.strengths")) func strengthsOfEveryStep(golden: Golden) throws {
        let schedule = NoiseSchedule(steps: try golden.integer("steps"))
        let gamma = try golden.number("gamma")
        for handoff in Blending.Handoff.allCases {
            for space in Blending.Space.allCases {
                for strength in Blending.Strength.allCases {
                    let blending = Blending(
                        gamma: gamma, handoff: handoff, space: space, strength: strength,
                        until: try golden.number("until"))
                    let row = blending.strengths(gamma, schedule: schedule)
                    try golden.expect(
                        Tensor(row, shape: [row.count]), equals: "\(handoff).\(space).\(strength)", within: 1e-6)
                }
            }
        }
        let pairs: [Double] = try golden.input("pairs").array()
        for gate in ActionRepresentation.Gate.allCases {
            let representation = ActionRepresentation(gate: gate)
            let row = stride(from: 0, to: pairs.count, by: 2).map {
                representation.strength(gamma: gamma, similarity: pairs[$0], scenes: pairs[$0 + 1])
            }
            try golden.expect(Tensor(row, shape: [row.count]), equals: "actions.\(gate)", within: 1e-6)
        }
    }
}
