import Testing
import Torch

@testable import Mochi

/// Goal: the transformer and the sampler compute what the reference computes. Method: recorded runs of diffusers on
/// random models; fp32, so 1e-5 is a few roundings, and 1e-3 what 64 steps make of them.
@Suite struct TransformerGoldenTests {
    private func configuration(_ golden: Golden) throws -> TransformerConfiguration {
        try TransformerConfiguration(recorded: golden)
    }

    private func rotation(_ golden: Golden) throws -> RotaryEmbedding {
        let configuration = try configuration(golden)
        let frequencies = try golden.weights().tensor(
            "pos_frequencies", [3, configuration.heads, configuration.headWidth / 2])
        return try RotaryEmbedding(
            frequencies: frequencies, frames: golden.integer("frames"), height: golden.integer("height"),
            width: golden.integer("width"))
    }

    @Test(arguments: Golden.all("dit.parts")) func theRotationsAreTheReferences(golden: Golden) throws {
        let rotation = try rotation(golden)
        try golden.expect(rotation.cosine, equals: "cosine", within: 1e-5)
        try golden.expect(rotation.sine, equals: "sine", within: 1e-5)
    }

    @Test(arguments: Golden.all("dit.parts")) func theConditioningIsTheReferences(golden: Golden) throws {
        let configuration = try configuration(golden)
        let weights = golden.weights() / "time_embed"
        let time = try TimestepEmbedding(
            width: configuration.timeWidth, output: configuration.width, device: .cpu,
            weights: weights / "timestep_embedder")
        let pooling = try CaptionPooling(
            width: configuration.captionWidth, heads: 8, output: configuration.width, weights: weights / "pooler")
        let projection = try Linear(
            configuration.captionWidth, configuration.textWidth, weights: weights / "caption_proj")
        let features = try golden.input("features")
        let sum = try time(golden.number("timestep")) + pooling(features)
        try golden.expect(sum, equals: "conditioning", within: 1e-5)
        try golden.expect(projection(features), equals: "text", within: 1e-5)
    }

    @Test(arguments: Golden.all("dit.parts")) func theFirstAndTheLastBlockAreTheReferences(golden: Golden) throws {
        let configuration = try configuration(golden)
        let blocks = golden.weights() / "transformer_blocks"
        let first = try TransformerBlock(configuration, isLast: false, backend: .automatic, weights: blocks / 0)
        let last = try TransformerBlock(
            configuration, isLast: true, backend: .automatic, weights: blocks / (configuration.layers - 1))
        let (visual, text) = (try golden.input("visual"), try golden.input("text"))
        let conditioning = try golden.input("conditioning")
        let (x, y) = try first(visual, text, conditioning: conditioning, rotation: rotation(golden))
        try golden.expect(x, equals: "first.visual", within: 1e-5)
        try golden.expect(#require(y), equals: "first.text", within: 1e-5)
        let (final, nothing) = try last(visual, text, conditioning: conditioning, rotation: rotation(golden))
        try golden.expect(final, equals: "last.visual", within: 1e-5)
        #expect(nothing == nil)
    }

    @Test(arguments: Golden.all("dit.whole")) func theVelocityIsTheReferences(golden: Golden) throws {
        let transformer = try MochiTransformer(configuration(golden), weights: golden.weights())
        let (latents, features) = (try golden.input("latents"), try golden.input("features"))
        let timestep = try golden.number("timestep")
        let velocity = try transformer(latents, features: features, timestep: timestep)
        try golden.expect(velocity, equals: "velocity", within: 1e-5)
        // The reference runs the zeroed prompt through its text stream; here there is none.
        let without = try transformer(latents, features: features.narrowed(1, 0..<0), timestep: timestep)
        try golden.expect(without, equals: "unconditional", within: 1e-5)
    }

    @Test(arguments: Golden.all("dit.sampler")) func sixtyFourStepsEndWhereTheReferenceEnds(golden: Golden) throws {
        let transformer = try MochiTransformer(configuration(golden), weights: golden.weights())
        let schedule = NoiseSchedule(steps: try golden.integer("steps"))
        try golden.expect(
            Tensor(schedule.sigmas, shape: [schedule.sigmas.count]), equals: "sigmas", within: 1e-6)
        let sampler = FlowMatchEuler(schedule, guidance: [try golden.number("guidance")])
        let features = try golden.input("features")
        var state = SamplerState(latents: try golden.input("latents"))
        while state.step < schedule.steps {
            let timestep = schedule.timestep(at: state.step)
            let conditional = try transformer(state.latents, features: features, timestep: timestep)
            let unconditional =
                sampler.needsUnconditional(at: state.step)
                ? try transformer(state.latents, features: features.narrowed(1, 0..<0), timestep: timestep) : nil
            state = try sampler.advanced(
                state, velocity: sampler.guided(conditional, unconditional, at: state.step))
        }
        try golden.expect(state.latents, equals: "latents", within: 1e-3)
    }
}

extension TransformerConfiguration {
    /// That of the recorded model.
    init(recorded golden: Golden) throws {
        self.init()
        patchSize = try golden.integer("patch_size")
        heads = try golden.integer("num_attention_heads")
        headWidth = try golden.integer("attention_head_dim")
        layers = try golden.integer("num_layers")
        textWidth = try golden.integer("pooled_projection_dim")
        captionWidth = try golden.integer("text_embed_dim")
        timeWidth = try golden.integer("time_embed_dim")
        textLength = try golden.integer("max_sequence_length")
    }
}
