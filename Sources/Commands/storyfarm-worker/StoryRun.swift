import Console
import DurableFile
import Foundation
import Media
import Mochi
import Script
import Storytelling
import Torch
import Worker

/// The rendering of a story: every segment denoised in order, delivered while the next one is denoised.
@MainActor
struct StoryRun {
    /// A segment's MP4 and a few of its frames.
    struct Delivered: Sendable {
        let number: Int
        let file: String
        let stills: [RGBFrame]
    }

    let plan: StoryPlan
    let model: LoadedModel
    let setting: [String: String]

    private nonisolated static let stillsPerSegment = 6

    func render() async throws {
        let start = ContinuousClock.now
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for written in plan.command.savedFolders.map(\.folder) + [plan.archive?.folder].compactMap({ $0 }) {
            try FileManager.default.createDirectory(atPath: written, withIntermediateDirectories: true)
        }
        var trace = StoryTrace(setting: setting.merging(plan.model) { $1 }, story: plan.story.json)
        do {
            try assemble(try await segments(in: folder, &trace))
            trace.outcome = "finished"
        } catch {
            trace.outcome = error is CancellationError ? "stopped" : "\(error)"
            // The failure is what the person must see, not that there is no trace of it either.
            if let path = plan.command.trace { try? trace.write(to: path) }
            if error is CancellationError {
                note(
                    plan.archive.map { "stopped; continue with --resume \($0.folder)" }
                        ?? "stopped; with --checkpoint it could be continued")
            }
            throw error
        }
        if let path = plan.command.trace {
            try trace.write(to: path)
            print("\(path): trace of \(trace.segments.count) segments")
        }
        for (folder, what) in plan.command.savedFolders { print("\(folder): \(what) of each segment") }
        print("done in \((ContinuousClock.now - start).formatted(digits: 1)) s")
    }

    private func segments(in folder: String, _ trace: inout StoryTrace) async throws -> [Delivered] {
        let prompts = StoryPrompts(model.mochi, clip: model.clip)
        var delivered: [Delivered] = []
        var bar = ProgressBar(
            ProgressLine(
                "denoising", total: plan.story.segments.count * plan.recipe.flow.schedule.steps,
                before: plan.archive?.stepCount ?? 0))
        defer { bar.close() }
        try await withThrowingTaskGroup(of: Delivered.self) { group in
            var previous: BoundaryChannel?
            for number in 1...plan.story.segments.count {
                let checkpoint = try plan.archive?.checkpoint(of: number)
                let channel =
                    try checkpoint?.boundaries.map { try BoundaryChannel(continuing: $0) } ?? BoundaryChannel()
                let start = try checkpoint?.state ?? fresh(number)
                let denoiser = try denoiser(number, prompts)
                if let path = plan.command.file(of: number, in: plan.command.saveEmbeddings) {
                    let texts = PromptPair(plan.story.segments[number - 1])
                    _ = try prompts.save(texts, plan.recipe.prompting, to: path)
                }
                let previews = try previews(of: number, prompts)
                let latents = try await denoise(
                    denoiser, number, start, previews, from: previous, to: channel, &bar, &trace)
                if let path = plan.command.file(of: number, in: plan.command.saveLatents) {
                    try Tensor.save(["latents": latents], to: path)
                }
                if let path = plan.command.file(of: number, in: plan.command.saveBoundary) {
                    try BoundaryFile.write(channel, steps: plan.recipe.flow.schedule.steps, to: path)
                }
                previous = channel
                // One at a time: decoding needs as much memory as a step.
                if let last = try await group.next() { delivered.append(last) }
                let video = video(of: number, in: folder)
                group.addTask { try Self.deliver(latents, number, video) }
            }
            for try await last in group { delivered.append(last) }
        }
        return delivered
    }

    private func denoiser(
        _ number: Int, _ prompts: StoryPrompts<MochiModel>
    ) throws -> SegmentDenoiser<MochiModel> {
        let texts = PromptPair(plan.story.segments[number - 1])
        let strength =
            number == 1
            ? 0
            : try prompts.strength(
                of: texts, after: PromptPair(plan.story.segments[number - 2]), recipe: plan.recipe)
        return SegmentDenoiser(
            model.mochi, recipe: plan.recipe, conditioning: try prompts.conditioning(texts, plan.recipe.prompting),
            unconditional: try prompts.negative(plan.story.settings.sampling.negative), strength: strength)
    }

    /// Every way to look at an estimate, where they are to be compared.
    private func previews(
        of number: Int, _ prompts: StoryPrompts<MochiModel>
    ) throws -> [String: PreviewSimilarity] {
        guard plan.command.comparePreviews else { return [:] }
        let texts = PromptPair(plan.story.segments[number - 1])
        return try Dictionary(
            uniqueKeysWithValues: Storytelling.PreviewMode.allCases.map {
                ("\($0)", try prompts.previewSimilarity(to: texts, mode: $0))
            })
    }

    private func fresh(_ number: Int) throws -> SegmentState {
        SegmentState(
            latents: try InitialNoise.latents(
                plan.latentShape, story: plan.story.noiseSeed(of: number), segment: UInt64(number)))
    }

    private func denoise(
        _ denoiser: SegmentDenoiser<MochiModel>, _ number: Int, _ start: SegmentState,
        _ previews: [String: PreviewSimilarity], from source: BoundaryChannel?, to sink: BoundaryChannel,
        _ bar: inout ProgressBar, _ trace: inout StoryTrace
    ) async throws -> Tensor {
        let schedule = plan.recipe.flow.schedule
        let pictures = plan.command.previews.map {
            SegmentPreviews(folder: "\($0)/segment-\(String(format: "%03d", number))", model: model.mochi)
        }
        try pictures?.prepare(isContinued: start.step > 0)
        let clock = ContinuousClock.now
        var last = try start.moved(to: model.mochi.device)
        var steps: [SegmentTrace.Step] = []
        defer {
            let texts = plan.story.segments[number - 1]
            trace.segments.append(
                StoryTrace.Segment(
                    number: number, scene: texts.scene, action: texts.action, firstStep: start.step,
                    milliseconds: (ContinuousClock.now - clock) / .milliseconds(1), steps: steps))
        }
        do {
            let latents = try await denoiser.run(from: last, source: source, sink: sink) { state, report in
                last = state
                var step = SegmentTrace.Step(state.step - 1, of: plan.recipe.flow, report)
                if !previews.isEmpty {
                    step.previews = try previews.mapValues { try $0(of: report.estimate, by: model.mochi) }
                }
                var watch = Stopwatch()
                if let pictures, schedule.isDue(state.step - 1, every: plan.command.previewEvery) {
                    try watch.measure("pictures") { try pictures.write(report.estimate, step: state.step - 1) }
                }
                if let archive = plan.archive, schedule.isDue(state.step - 1, every: plan.command.checkpointEvery) {
                    try watch.measure("checkpoint") { try archive.keep(state, of: number, sink, setting: setting) }
                }
                step.milliseconds.merge(watch.milliseconds) { $1 }
                steps.append(step)
                bar.show((number - 1) * schedule.steps + state.step)
            }
            guard try latents.isFinite() else { throw MochiError.notFinite(NotFinite("a finished latent")) }
            return latents
        } catch {
            if error is CancellationError { try plan.archive?.keep(last, of: number, sink, setting: setting) }
            throw error
        }
    }

    // MARK: Delivery

    private func video(of number: Int, in folder: String) -> SegmentVideo {
        SegmentVideo(
            model: model.mochi, video: plan.story.settings.video, form: plan.form, output: "\(folder)/\(number).mp4",
            saveFrames: plan.command.file(of: number, in: plan.command.saveFrames), metadata: VideoMetadata())
    }

    /// Blocks its thread; there is only ever one of it.
    private nonisolated static func deliver(
        _ latents: Tensor, _ number: Int, _ video: SegmentVideo
    ) throws -> Delivered {
        let stills = try video.write(latents, stills: stillsPerSegment)
        return Delivered(number: number, file: video.output ?? "", stills: stills)
    }

    private func assemble(_ delivered: [Delivered]) throws {
        let (output, video) = (plan.command.output, plan.story.settings.video)
        let segments = delivered.sorted { $0.number < $1.number }
        let story = StoryAssembly(
            segments: segments.map { .init(file: $0.file, title: plan.story.segments[$0.number - 1].action) },
            metadata: VideoMetadata(title: plan.story.title), framesPerSegment: video.frames)
        let frameCount = try story.write(to: output)
        let sheet = try StillImage.encode(ContactSheet(rows: segments.map(\.stills)).frame(), as: .png)
        let picture = plan.command.contactSheet
        try PartialFile.write(sheet, to: picture)
        print(
            "\(output): \(segments.count) segments, \(frameCount) frames of \(video.width)×\(video.height) "
                + "at \(video.framesPerSecond) fps")
        print("\(picture): contact sheet, one row per segment")
    }
}
