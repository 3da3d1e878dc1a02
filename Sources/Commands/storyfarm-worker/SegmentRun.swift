import Console
import Foundation
import Media
import Mochi
import Script
import Storytelling
import Torch
import Worker

/// The rendering of one segment: text, denoising, decoding, and everything that is written on the way.
@MainActor
struct SegmentRun {
    let plan: SegmentPlan
    let model: LoadedModel
    /// What the bytes depend on besides request and model, for trace and checkpoints.
    let setting: [String: String]

    private var command: SegmentCommand { plan.command }

    private var request: [String: String] {
        plan.conditions.merging([
            "VAE form": plan.form.rawValue, "VAE tiles": "\(command.decoding.vaeTiles)", "segment": "\(plan.number)",
        ]) { $1 }
    }

    func render() async throws {
        var trace = SegmentTrace(
            setting: setting, request: request, model: command.device.model,
            parameters: Dictionary(
                uniqueKeysWithValues: model.mochi.components.map { ($0.name, $0.parameterCount) }),
            firstStep: plan.start.step)
        do {
            try await render(&trace)
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

    private func render(_ trace: inout SegmentTrace) async throws {
        var stages = Stopwatch()
        let denoiser = try stages.measure("text") { try makeDenoiser() }
        trace.milliseconds = stages.milliseconds
        let start = ContinuousClock.now
        let latents = try await denoise(denoiser, &trace)
        stages.add(ContinuousClock.now - start, to: "denoise")
        trace.milliseconds = stages.milliseconds
        if let path = command.saveLatents {
            try Tensor.save(["latents": latents], to: path)
            print("\(path): latents \(latents.shape)")
        }
        if command.output != nil || command.saveFrames != nil {
            try stages.measure("decode") { try decode(latents) }
        }
        trace.milliseconds = stages.milliseconds
        let times = ["text", "denoise", "decode"].compactMap { stage in
            stages.milliseconds[stage].map { "\(stage) \(Duration.milliseconds($0).formatted(digits: 1)) s" }
        }
        print("done: \(times.joined(separator: ", "))")
    }

    private func decode(_ latents: Tensor) throws {
        let size = plan.settings.video
        var bar = ProgressBar(ProgressLine("decoding", total: size.frames))
        defer { bar.close() }
        _ = try video.write(latents) { bar.show($0) }
        if let path = command.output {
            print(
                "\(path): \(size.frames) frames of \(PixelSize(width: size.width, height: size.height)) "
                    + "at \(FrameRate(size.framesPerSecond)) fps")
        }
        if let path = command.saveFrames { print("\(path): frames [\(size.frames), 3, \(size.height), \(size.width)]") }
    }

    private var video: SegmentVideo {
        let title =
            plan.texts.scene == plan.texts.action ? plan.texts.scene : "\(plan.texts.scene). \(plan.texts.action)"
        return SegmentVideo(
            model: model.mochi, video: plan.settings.video, form: plan.form, output: command.output,
            saveFrames: command.saveFrames, metadata: VideoMetadata(title: title, comment: "StoryFarm, \(plan.origin)"))
    }

    /// Encodes what has to be, and writes the prompts' vectors where that is wanted.
    private func makeDenoiser() throws -> SegmentDenoiser<MochiModel> {
        let prompts = StoryPrompts(model.mochi, clip: model.clip)
        let strength =
            plan.boundaries == nil
            ? 0 : try prompts.strength(of: plan.texts, after: plan.previous ?? plan.texts, recipe: plan.recipe)
        if let path = command.saveEmbeddings {
            for saved in try prompts.save(plan.texts, plan.recipe.prompting, to: path) { print("\(path): \(saved)") }
        }
        return SegmentDenoiser(
            model.mochi, recipe: plan.recipe,
            conditioning: try prompts.conditioning(plan.texts, plan.recipe.prompting),
            unconditional: try prompts.negative(plan.settings.sampling.negative), strength: strength)
    }

    private func denoise(
        _ denoiser: SegmentDenoiser<MochiModel>, _ trace: inout SegmentTrace
    ) async throws -> Tensor {
        let schedule = plan.recipe.flow.schedule
        let previews = command.previews.map { SegmentPreviews(folder: $0, model: model.mochi) }
        try previews?.prepare(isContinued: command.resume != nil)
        var last = try plan.start.moved(to: model.mochi.device)
        var steps: [SegmentTrace.Step] = []
        let channel = try makeChannel()
        var bar = ProgressBar(ProgressLine("denoising", total: schedule.steps, before: last.step))
        defer { trace.steps = steps }
        do {
            let latents = try await denoiser.run(from: last, source: plan.boundaries, sink: channel) { state, report in
                last = state
                let step = state.step - 1
                var record = SegmentTrace.Step(step, of: plan.recipe.flow, report)
                var watch = Stopwatch()
                if let previews, schedule.isDue(step, every: command.previewEvery) {
                    try watch.measure("pictures") { try previews.write(report.estimate, step: step) }
                }
                if let path = command.checkpoint, schedule.isDue(step, every: command.checkpointEvery) {
                    try watch.measure("checkpoint") { try checkpoint(state, channel).write(to: path) }
                }
                record.milliseconds.merge(watch.milliseconds) { $1 }
                steps.append(record)
                bar.show(state.step)
            }
            guard try latents.isFinite() else { throw MochiError.notFinite(NotFinite("a finished latent")) }
            if let path = command.saveBoundary, let channel {
                try BoundaryFile.write(channel, steps: schedule.steps, to: path)
                print("\(path): boundaries of \(schedule.steps + 1) steps")
            }
            return latents
        } catch {
            bar.close()
            if error is CancellationError { try saveForLater(last, channel) }
            throw error
        }
    }

    /// Of this segment's own boundaries, those of earlier runs among them; nil where nobody wants them.
    private func makeChannel() throws -> BoundaryChannel? {
        guard command.saveBoundary != nil else { return nil }
        return try plan.published.map { try BoundaryChannel(continuing: $0) } ?? BoundaryChannel()
    }

    private func saveForLater(_ state: SegmentState, _ channel: BoundaryChannel?) throws {
        guard let path = command.checkpoint else {
            return note("stopped before step \(state.step); with --checkpoint it could be continued")
        }
        try checkpoint(state, channel).write(to: path)
        note("stopped before step \(state.step); continue with --resume \(path)")
    }

    private func checkpoint(_ state: SegmentState, _ channel: BoundaryChannel?) throws -> SegmentCheckpoint {
        SegmentCheckpoint(
            state, conditions: plan.conditions, setting: setting,
            boundaries: try channel?.records(before: state.step))
    }
}

extension NoiseSchedule {
    /// Whether what is done every so many steps is done after this one; after the last one always.
    func isDue(_ step: Int, every interval: Int) -> Bool { (step + 1) % interval == 0 || step + 1 == steps }
}

extension PromptPair<String> {
    /// As one text.
    var joined: String { "\(scene). \(action)" }
}
