import Console
import Foundation
import Media
import Mochi
import Torch

/// The rendering of one segment: text, denoising, decoding, and everything that is written on the way.
struct SegmentRun {
    let plan: SegmentPlan
    let model: MochiModel
    /// What the bytes depend on besides request and model, for trace and checkpoints.
    let setting: [String: String]

    private var command: SegmentCommand { plan.command }

    private var request: [String: String] {
        plan.conditions.merging([
            "VAE form": plan.form.rawValue, "VAE tiles": "\(command.vaeTiles)", "frame rate": "\(plan.frameRate)",
        ]) { $1 }
    }

    func render() throws {
        var trace = SegmentTrace(
            setting: setting, request: request, model: command.model,
            parameters: Dictionary(uniqueKeysWithValues: model.components.map { ($0.name, $0.parameterCount) }),
            firstStep: plan.start.step)
        do {
            try render(&trace)
            trace.outcome = "finished"
        } catch {
            trace.outcome = error is CancellationError ? "stopped" : "\(error)"
            // The failure is what the person must see, not that there is no trace of it either.
            if let path = command.trace { try? trace.write(to: path) }
            throw error
        }
        if let path = command.trace {
            try trace.write(to: path)
            print("\(path): trace of \(trace.steps.count) steps")
        }
    }

    private func render(_ trace: inout SegmentTrace) throws {
        var stages = Stopwatch()
        let (prompt, unconditional) = try stages.measure("text") { try encodeText() }
        (trace.promptTokens, trace.negativeTokens) = (prompt.tokenCount, unconditional.tokenCount)
        trace.milliseconds = stages.milliseconds
        let sampler = GuidedSampler(model, flow: plan.flow, prompt: prompt, unconditional: unconditional)
        let latents = try stages.measure("denoise") { try denoise(sampler, &trace) }
        trace.milliseconds = stages.milliseconds
        if let path = command.saveLatents {
            try Tensor.save(["latents": latents], to: path)
            print("\(path): latents \(latents.shape)")
        }
        if command.output != nil || command.saveFrames != nil {
            try stages.measure("decode") { try SegmentVideo(plan: plan, model: model).write(latents) }
        }
        trace.milliseconds = stages.milliseconds
        let times = ["text", "denoise", "decode"].compactMap { stage in
            stages.milliseconds[stage].map { "\(stage) \(Duration.milliseconds($0).formatted(digits: 1)) s" }
        }
        print("done: \(times.joined(separator: ", "))")
    }

    private func encodeText() throws -> (EncodedPrompt, EncodedPrompt) {
        let prompt = try model.encode(command.prompt)
        if let path = command.saveEmbeddings {
            let mask = (0..<prompt.embeddings.extent(1)).map { $0 < prompt.tokenCount }
            try Tensor.save(
                ["prompt_embeds": prompt.embeddings, "prompt_mask": Tensor(mask, shape: [1, mask.count])], to: path)
            print("\(path): prompt_embeds \(prompt.embeddings.shape), \(prompt.tokenCount) tokens")
        }
        return (prompt, try command.negative.isEmpty ? model.unconditional() : model.encode(command.negative))
    }

    // MARK: Denoising

    private func denoise(_ sampler: GuidedSampler<MochiModel>, _ trace: inout SegmentTrace) throws -> Tensor {
        let schedule = plan.flow.schedule
        var state = plan.start
        state.latents = try state.latents.moved(to: model.device)
        let previews = command.previews.map { SegmentPreviews(folder: $0, model: model) }
        try previews?.prepare(isContinued: command.resume != nil)
        var bar = ProgressBar(ProgressLine("denoising", total: schedule.steps, before: state.step))
        while state.step < schedule.steps {
            if Task.isCancelled {
                bar.close()
                try stop(at: state)
            }
            let step = state.step
            var watch = Stopwatch()
            let evaluation = try sampler.evaluate(state)
            watch.add(evaluation.conditionalTime, to: "conditional")
            watch.add(evaluation.unconditionalTime, to: "unconditional")
            if let previews, isDue(step, every: command.previewEvery) {
                try watch.measure("preview") {
                    try previews.write(plan.flow.estimate(state, velocity: evaluation.velocity), step: step)
                }
            }
            state = try watch.measure("euler") { try plan.flow.advanced(state, velocity: evaluation.velocity) }
            if let path = command.checkpoint, isDue(step, every: command.checkpointEvery) {
                try watch.measure("checkpoint") { try checkpoint(state).write(to: path) }
            }
            trace.steps.append(
                .init(
                    step: step, sigma: schedule.sigmas[step], timestep: schedule.timestep(at: step),
                    guidance: plan.flow.guidance[step], milliseconds: watch.milliseconds))
            bar.show(state.step)
        }
        guard try state.latents.isFinite() else { throw MochiError.notFinite(NotFinite("a finished latent")) }
        return state.latents
    }

    private func isDue(_ step: Int, every interval: Int) -> Bool {
        (step + 1) % interval == 0 || step + 1 == plan.flow.schedule.steps
    }

    private func stop(at state: SamplerState) throws -> Never {
        if let path = command.checkpoint {
            try checkpoint(state).write(to: path)
            note("stopped before step \(state.step); continue with --resume \(path)")
        } else {
            note("stopped before step \(state.step); with --checkpoint it could be continued")
        }
        throw CancellationError()
    }

    private func checkpoint(_ state: SamplerState) -> SegmentCheckpoint {
        SegmentCheckpoint(state, conditions: plan.conditions, setting: setting)
    }
}
