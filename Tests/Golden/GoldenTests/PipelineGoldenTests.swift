import Foundation
import Mochi
import Storytelling
import Testing
import Torch

/// Goal: a model folder gives what diffusers' MochiPipeline gives from the same prompt and latents, whichever layout
/// its files are in. Method: whole runs recorded by `ops/parity/pipeline.py`, in fp32.
@Suite struct PipelineGoldenTests {
    private static let recordings = Golden.all("pipeline")

    private func model(_ recording: Golden, layout: String) throws -> MochiModel {
        var options = MochiModel.Options()
        options.dtype = .float32
        let name = try recording.text("model").replacingOccurrences(of: "model", with: layout)
        return try MochiModel(ModelFolder("\(Golden.folder)/\(name)"), options)
    }

    private func sampler(_ recording: Golden, _ model: MochiModel) throws -> GuidedSampler<MochiModel> {
        let negative = try recording.text("negative")
        return GuidedSampler(
            model,
            flow: FlowMatchEuler(
                NoiseSchedule(steps: try recording.integer("steps")), guidance: [try recording.number("guidance")]),
            prompt: try model.encode(recording.text("prompt")),
            unconditional: negative.isEmpty ? try model.unconditional() : try model.encode(negative))
    }

    /// Prompt to finished latents.
    private func latents(_ recording: Golden, by model: MochiModel) throws -> Tensor {
        let sampler = try sampler(recording, model)
        return try finished(SamplerState(latents: recording.input("latents")), sampler)
    }

    private func finished(_ start: SamplerState, _ sampler: GuidedSampler<MochiModel>) throws -> Tensor {
        var state = start
        while state.step < sampler.flow.schedule.steps {
            state = try sampler.flow.advanced(state, velocity: sampler.evaluate(state).velocity)
        }
        return state.latents
    }

    @Test(arguments: recordings)
    func promptsHaveTheReferencesVectors(recording: Golden) throws {
        let prompt = try model(recording, layout: "model").encode(recording.text("prompt"))
        try recording.expect(prompt.embeddings, equals: "embeddings", within: 1e-5)
        let mask: [Bool] = try recording.output("mask").array()
        #expect(prompt.tokenCount == mask.filter { $0 }.count)
    }

    @Test(arguments: recordings)
    func wholeRunsGiveTheReferencesLatents(recording: Golden) throws {
        try recording.expect(latents(recording, by: model(recording, layout: "model")), equals: "latents", within: 1e-3)
    }

    @Test(arguments: recordings, DecodeForm.allCases)
    func latentsGiveTheReferencesFrames(recording: Golden, form: DecodeForm) throws {
        var parts: [Tensor] = []
        try model(recording, layout: "model").decode(recording.output("latents"), form: form) { parts.append($0) }
        let frames = try Tensor.concatenated(parts, dimension: 0)
        try recording.expect(frames, equals: "frames.\(form.rawValue)", within: 1e-4)
    }

    /// The same weights under other names: the same latents, but for the summation's order, which depends on how
    /// weights are aligned in memory.
    @Test(arguments: recordings)
    func theOriginalFilesAreTheSameModel(recording: Golden) throws {
        let (published, original) = (
            try model(recording, layout: "model"), try model(recording, layout: "original")
        )
        try expect(latents(recording, by: original), near: latents(recording, by: published))
        let finished = try recording.output("latents").selected(2, 0)
        try expect(original.stills(finished), near: published.stills(finished))
        #expect(original.geometry == published.geometry)
    }

    @Test func aRunContinuesFromEveryStepToTheSameBytes() throws {
        let recording = try #require(Self.recordings.first)
        let model = try model(recording, layout: "model")
        let sampler = try sampler(recording, model)
        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).safetensors").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        var state = SamplerState(latents: try recording.input("latents"))
        let whole: [Float] = try finished(state, sampler).array()
        let conditions = ["prompt": try recording.text("prompt")]
        for step in 0...sampler.flow.schedule.steps {
            #expect(state.step == step)
            let stored = SegmentState(
                sampler: state, weights: PromptPair(scene: 0.1, action: .pi), similarity: nil, estimate: nil,
                estimateBoundary: try Boundary.made(of: state.latents, decay: 0.9))
            try SegmentCheckpoint(stored, conditions: conditions, setting: ["threads": "2"]).write(to: path)
            let read = try SegmentCheckpoint(
                contentsOf: path, shape: state.latents.shape, recipe: SegmentRecipe(flow: sampler.flow),
                conditions: conditions)
            #expect(read.state.step == step && read.setting == ["threads": "2"])
            #expect(read.state.weights == stored.weights && read.state.similarity == nil && read.state.estimate == nil)
            #expect(try finished(read.state.sampler, sampler).array() == whole)
            if step < sampler.flow.schedule.steps {
                state = try sampler.flow.advanced(state, velocity: sampler.evaluate(state).velocity)
            }
        }
    }

    private func expect(_ tensor: Tensor, near other: Tensor) throws {
        let difference = try (tensor - other).absolute().maximum(over: []).item()
        let scale = try other.absolute().maximum(over: []).item()
        #expect(difference <= 1e-5 * scale, "\(difference) of \(scale)")
    }
}
