import Mochi
import Testing
import Torch

@testable import Storytelling

/// Goal: blends touch frame 0 alone and only where the strength says so. Method: small latents, every way of blending.
@Suite struct BlendingTests {
    private let schedule = NoiseSchedule(steps: 64)

    @Test func onlyFrameZeroChanges() throws {
        let (own, other) = (
            try Generator(seed: 1).normal([1, 12, 5, 4, 6]), try Generator(seed: 2).normal([1, 12, 5, 4, 6])
        )
        let before: [Float] = try own.array()
        let blended = try Boundary.blended(own, with: Boundary.made(of: other, decay: 0.9), strength: 0.3)
        #expect(try own.array() == before)
        let rest: [Float] = try blended.narrowed(2, 1..<5).array()
        #expect(try own.narrowed(2, 1..<5).array() == rest)
        let difference = try (blended.firstFrame() - own.firstFrame()).absolute().minimum(over: []).item()
        #expect(difference > 0)
    }

    @Test func noStrengthIsNoBlend() throws {
        let own = try Generator(seed: 1).normal([1, 12, 2, 2, 2])
        let boundary = try Boundary.made(of: Generator(seed: 2).normal([1, 12, 2, 2, 2]), decay: 0.9)
        let same: [Float] = try own.array()
        #expect(try Boundary.blended(own, with: boundary, strength: 0).array() == same)
        let estimate = try Generator(seed: 3).normal([12, 2, 2])
        let blended = try Boundary.blended(own, estimate: estimate, with: boundary, strength: 0, sigma: 0.5)
        #expect(try blended.array() == same)
    }

    /// A boundary is the sum of two frames, each counted g times: 2g + (1 - 2g) = 1.
    @Test func equalLatentsStayWhatTheyAre() throws {
        let same = try Tensor.full([1, 12, 4, 2, 2], 3)
        let boundary = try Boundary.made(of: same, decay: 0.9)
        let blended: [Float] = try Boundary.blended(same, with: boundary, strength: 0.37).array()
        #expect(blended.allSatisfy { abs($0 - 3) < 1e-5 })
    }

    @Test(arguments: [2, 3, 28, 64, 1000], [0.0, 0.1, 0.49])
    func thePathsShareIsTheSameForEveryNumberOfSteps(steps: Int, g: Double) {
        let schedule = NoiseSchedule(steps: steps)
        for space in Blending.Space.allCases {
            let strengths = Blending(space: space, strength: .path).strengths(g, schedule: schedule)
            #expect(strengths[0] == 0)
            let kept = strengths.reduce(1.0) { $0 * (1 - 2 * $1) }
            #expect(abs(kept - (1 - 2 * g)) < 1e-9)
        }
    }

    @Test func boundariesAreReadWhereTheyAreBlended() {
        func sources(_ blending: Blending, g: Double = 0.2) -> [Int?] {
            let strengths = blending.strengths(g, schedule: schedule)
            return (0..<64).map { blending.source(at: $0, of: 64, strengths: strengths) }
        }
        #expect(sources(Blending(handoff: .stream, space: .latent)) == (0..<64).map { $0 })
        #expect(sources(Blending(handoff: .stream, space: .denoised)) == [nil] + (1..<64).map { $0 })
        #expect(sources(Blending(handoff: .final, space: .latent)) == [64] + Array(repeating: nil, count: 63))
        #expect(sources(Blending(handoff: .final, space: .denoised)) == [nil] + Array(repeating: 64, count: 63))
        #expect(sources(Blending(handoff: .stream, space: .latent), g: 0).allSatisfy { $0 == nil })
        let until = sources(Blending(handoff: .stream, space: .latent, until: 0.975))
        #expect(until.count { $0 != nil } == 33)
    }

    @Test func unlikeActionsBlendNoMoreThanGamma() {
        let representation = ActionRepresentation()
        #expect(representation.strength(gamma: 0.3, similarity: -1, scenes: 0) == 0.3)
        #expect(representation.strength(gamma: 0.3, similarity: 1, scenes: 0) == 0)
        #expect(representation.strength(gamma: 0.3, similarity: .nan, scenes: 0) == 0)
        let gated = ActionRepresentation(gate: .scene)
        #expect(gated.strength(gamma: 0.3, similarity: 0, scenes: 1) == 0.3)
        #expect(gated.strength(gamma: 0.3, similarity: 0, scenes: 0.2) == 0)
    }
}
