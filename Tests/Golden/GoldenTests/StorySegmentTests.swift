import CLIP
import Foundation
import Mochi
import Testing
import Torch

@testable import Storytelling

/// Goal: a segment gives the same bytes however it is run: at once, continued from any step, in a story or by itself
/// with stored boundaries; and with every technique off it is plain Mochi. Method: a small random model with its CLIP.
@Suite struct StorySegmentTests {
    private static let scene = "in the park"
    private let steps = 6
    private let shape = [1, 12, 2, 4, 6]
    private let model: MochiModel
    private let clip: CLIP

    init() throws {
        let folder = try ModelFolder("\(Golden.folder)/model-1")
        var options = MochiModel.Options()
        options.dtype = .float32
        model = try MochiModel(folder, options)
        clip = try CLIP(folder: #require(folder.clip))
    }

    private func recipe(
        _ blending: Blending? = Blending(gamma: 0.3), preview: PreviewMode = .frame0, every: Int = 1,
        mask: MixtureMask = .dominant
    ) -> SegmentRecipe {
        SegmentRecipe(
            flow: FlowMatchEuler(NoiseSchedule(steps: steps), guidance: [3]),
            prompting: .weighted(PromptWeighting(), preview: preview, every: every, mask: mask), blending: blending,
            action: ActionRepresentation())
    }

    private func texts(_ number: Int) -> PromptPair<String> {
        PromptPair(scene: Self.scene, action: ["a dog is running", "two foxes are sitting", "night"][number % 3])
    }

    private func denoiser(_ number: Int, _ recipe: SegmentRecipe) throws -> SegmentDenoiser<MochiModel> {
        let prompts = StoryPrompts(model, clip: clip)
        let strength = try prompts.strength(of: texts(number), after: texts(number - 1), recipe: recipe)
        return SegmentDenoiser(
            model, recipe: recipe, conditioning: try prompts.conditioning(texts(number), recipe.prompting),
            unconditional: try model.unconditional(), strength: strength)
    }

    private func noise(_ number: Int) throws -> Tensor {
        try InitialNoise.latents(shape, story: 7, segment: UInt64(number))
    }

    private static let blendings: [Blending] = Blending.Handoff.allCases.flatMap { handoff in
        Blending.Space.allCases.flatMap { space in
            Blending.Strength.allCases.map {
                Blending(gamma: 0.3, handoff: handoff, space: space, strength: $0)
            }
        }
    }

    /// A checkpoint is everything that the remaining steps need.
    @Test(arguments: blendings, [1, 3])
    func aSegmentContinuesFromEveryStepToTheSameBytes(blending: Blending, every: Int) async throws {
        let recipe = recipe(blending, every: every)
        let channel = BoundaryChannel()
        _ = try await denoiser(1, recipe).run(from: SegmentState(latents: noise(1)), sink: channel)
        let denoiser = try denoiser(2, recipe)
        var states = [SegmentState(latents: try noise(2))]
        let whole: [Float] = try await denoiser.run(from: states[0], source: channel) { state, _ in states.append(state)
        }
        .array()
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for state in states {
            try SegmentCheckpoint(state, conditions: [:], setting: [:]).write(to: path)
            let read = try SegmentCheckpoint(contentsOf: path, shape: shape, recipe: recipe, conditions: [:])
            let continued: [Float] = try await denoiser.run(from: read.state, source: channel).array()
            #expect(continued == whole, "from step \(state.step)")
        }
        let alone: [Float] = try await denoiser.run(from: states[0]).array()
        #expect(alone != whole, "a boundary without effect proves nothing")
    }

    /// A damaged file must not end the process, nor be continued to other bytes.
    @Test func aCheckpointWantsTheEstimateThatIsBlendedNext() async throws {
        let recipe = recipe()
        var states: [SegmentState] = []
        _ = try await denoiser(1, recipe).run(from: SegmentState(latents: noise(1))) { state, _ in states.append(state)
        }
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for state in states {
            for key in ["estimate", "estimate_boundary"] {
                var spoilt = state
                if key == "estimate" { spoilt.estimate = nil } else { spoilt.estimateBoundary = nil }
                try SegmentCheckpoint(spoilt, conditions: [:], setting: [:]).write(to: path)
                func read(_ recipe: SegmentRecipe) throws {
                    _ = try SegmentCheckpoint(contentsOf: path, shape: shape, recipe: recipe, conditions: [:])
                }
                if state.step < steps {
                    #expect(throws: LatentsFileError(file: path, "\(key): there is no such tensor")) {
                        try read(recipe)
                    }
                } else {
                    try read(recipe)
                }
                try read(self.recipe(Blending(space: .latent)))
            }
        }
    }

    /// Streaming beside its predecessor, a segment waits for each boundary and gets the same bytes as afterwards.
    @Test func segmentsThatStreamSideBySideGiveTheSameBytes() async throws {
        let recipe = recipe()
        let (first, second) = (BoundaryChannel(), BoundaryChannel())
        _ = try await denoiser(1, recipe).run(from: SegmentState(latents: noise(1)), sink: first)
        let expected: [Float] = try await denoiser(2, recipe).run(
            from: SegmentState(latents: noise(2)), source: first
        ).array()
        let (one, two) = (try denoiser(1, recipe), try denoiser(2, recipe))
        let (noiseOne, noiseTwo) = (try noise(1), try noise(2))
        async let later = two.run(from: SegmentState(latents: noiseTwo), source: second)
        _ = try await one.run(from: SegmentState(latents: noiseOne), sink: second)
        let streamed: [Float] = try await later.array()
        #expect(streamed == expected)
    }

    @Test func withEverythingOffASegmentIsPlainMochi() async throws {
        let flow = FlowMatchEuler(NoiseSchedule(steps: steps), guidance: [3])
        let prompts = StoryPrompts(model, clip: nil)
        let off = SegmentDenoiser(
            model, recipe: SegmentRecipe(flow: flow), conditioning: try prompts.conditioning(texts(1), .joined),
            unconditional: try model.unconditional(), strength: 0)
        let found: [Float] = try await off.run(from: SegmentState(latents: noise(1)), source: BoundaryChannel()).array()
        let sampler = GuidedSampler(
            model, flow: flow, prompt: try model.encode("\(texts(1).scene). \(texts(1).action)"),
            unconditional: try model.unconditional())
        var state = SamplerState(latents: try noise(1))
        while state.step < steps {
            state = try flow.advanced(state, velocity: sampler.evaluate(state).velocity)
        }
        #expect(try state.latents.array() == found)
    }

    /// Each technique changes the result, and a preview mode decides nothing else than what CLIP sees.
    @Test(arguments: PreviewMode.allCases, MixtureMask.allCases)
    func weightsFollowThePreview(preview: PreviewMode, mask: MixtureMask) async throws {
        let denoiser = try denoiser(1, recipe(nil, preview: preview, mask: mask))
        var outcomes: [PromptWeighting.Outcome] = []
        _ = try await denoiser.run(from: SegmentState(latents: noise(1))) { _, report in
            if let weighting = report.weighting { outcomes.append(weighting) }
        }
        #expect(outcomes.count == steps)
        #expect(outcomes[0].similarity == PromptPair(scene: 0, action: 0))
        #expect(outcomes.dropFirst().allSatisfy { $0.similarity != PromptPair(scene: 0, action: 0) })
        #expect(outcomes.dropFirst().allSatisfy { abs($0.similarity.scene) <= 1.000001 })
        #expect(outcomes.allSatisfy { !$0.droppedSimilarity })
    }

    @Test func previewsAreLookedAtAgainAfterAsManySteps() async throws {
        let denoiser = try denoiser(1, recipe(nil, every: 2))
        var seen: [PromptPair<Double>] = []
        _ = try await denoiser.run(from: SegmentState(latents: noise(1))) { _, report in
            if let weighting = report.weighting { seen.append(weighting.similarity) }
        }
        #expect(seen[1] == seen[2] && seen[3] == seen[4])
        #expect(seen[2] != seen[3] && seen[4] != seen[5])
    }

    /// All S + 1 of them, the last that of the finished latents.
    @Test func everyBoundaryIsPublished() async throws {
        let channel = BoundaryChannel()
        let latents = try await denoiser(1, recipe()).run(from: SegmentState(latents: noise(1)), sink: channel)
        for step in 0...steps {
            let boundary = try await channel.boundary(at: step)
            #expect(boundary.shape == [12, 4, 6])
        }
        let last: [Float] = try await channel.boundary(at: steps).array()
        #expect(try Boundary.made(of: latents, decay: 0.9).array() == last)
    }

    @Test func aReaderThatIsCancelledStopsWaiting() async throws {
        let channel = BoundaryChannel()
        let reader = Task { try await channel.boundary(at: 3) }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
        channel.fail(StorytellingError.needsCLIP("nothing"))
        await #expect(throws: StorytellingError.self) { try await channel.boundary(at: 4) }
    }
}
