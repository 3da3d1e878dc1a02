import CLIP
import Console
import Foundation
import Media
import Mochi
import Script
import Storytelling
import Torch
import Worker

/// A segment's request, resolved against its model and checked as far as that goes without loading the weights.
struct SegmentPlan {
    let command: SegmentCommand
    let folder: ModelFolder
    let settings: ResolvedSettings
    /// The prompt alone is both.
    let texts: PromptPair<String>
    /// Of the segment before, where a story says them.
    let previous: PromptPair<String>?
    /// Of the segment in its story, from 1; decides on its noise.
    let number: Int
    let recipe: SegmentRecipe
    let form: DecodeForm
    /// `[1, C, T, h, w]`.
    let latentShape: [Int]
    /// What the steps depend on besides the latents, and where those came from.
    let conditions: [String: String]
    /// A seed's noise, or given latents; of a run that is continued, what its checkpoint says.
    let origin: String
    /// Where the sampling starts, on the CPU: a checkpoint, given latents, or noise.
    let start: SegmentState
    /// This segment's own boundaries of the steps that a checkpoint has behind it; nil for none.
    let published: Tensor?
    /// The predecessor's boundaries; nil for none.
    let boundaries: BoundaryFile?
    /// Device, libtorch and threads of the run that is continued, where those differ from this one's.
    let otherSetting: [String: String]

    /// - Parameter setting: what else the last digits depend on: device, libtorch, threads.
    init(_ command: SegmentCommand, dtype: DType?, setting: [String: String]) throws {
        self.command = command
        try Self.require(command.checkpointEvery, "checkpoint-every", in: 1...1000)
        try Self.require(command.previewEvery, "preview-every", in: 1...1000)
        try SegmentFiles(command).requireUsable()
        folder = try ModelFolder(command.device.model)
        let request = try SegmentRequest(command)
        try request.requireTokens(folder.promptTokenizer())
        var isSeedStated = false
        let story = try command.settings.resolved(with: folder.recommendations()) { overrides throws(ScriptError) in
            let document = try request.document(overrides)
            isSeedStated = document.script.settings.sampling.seed != nil
            return document
        }
        number = try request.number(in: story)
        var settings = story.settings
        settings.sampling.seed = story.noiseSeed(of: number)
        self.settings = settings
        let segment = story.segments[number - 1]
        texts = PromptPair(scene: segment.scene, action: segment.action)
        previous = number > 1 ? PromptPair(story.segments[number - 2]) : nil
        recipe = SegmentRecipe(settings)
        form = try command.decoding.form(otherwise: folder.settings().form)
        latentShape = try folder.geometry().latentShape(
            width: settings.video.width, height: settings.video.height, frames: settings.video.frames)
        let tokenizer = try folder.promptTokenizer()
        try SegmentRequest.requireTokens(of: texts, recipe.prompting, tokenizer)
        let negative = settings.sampling.negative
        if !negative.isEmpty { try SegmentRequest.require(negative, "the negative prompt", tokenizer) }
        let steps = recipe.flow.schedule.steps
        let frame = [latentShape[1], latentShape[3], latentShape[4]]
        boundaries = try command.boundary.map { path throws(LatentsFileError) in
            try BoundaryFile(path, steps: steps, frame: frame)
        }
        if previous != nil, recipe.blending != nil, boundaries == nil {
            throw WrongInput(
                "segment \(number) blends with segment \(number - 1): give its boundaries with --boundary, "
                    + "or --without blending")
        }
        let given = try command.initialLatents.map { [latentShape] path throws(LatentsFileError) in
            try LatentsFile.read(path, shape: latentShape)
        }
        let stated =
            try given.map { "given latents \(try $0.digest())" }
            ?? Self.noise(of: settings.sampling.seed, segment: number)
        let conditions = Self.conditions(settings, texts, start: stated).merging([
            "model": try folder.fingerprint(), "precision": try folder.precision(dtype: dtype),
        ]) { $1 }.merging(try Self.neighbour(recipe, previous, boundaries)) { $1 }
        let checkpoint = try Self.start(
            command, shape: latentShape, recipe: recipe,
            isStated: isSeedStated || segment.seed != nil || given != nil, conditions, setting
        ) { [latentShape, number] in
            try given ?? InitialNoise.latents(latentShape, story: settings.sampling.seed, segment: UInt64(number))
        }
        self.conditions = checkpoint.conditions
        origin = checkpoint.conditions["start"] ?? stated
        (start, published) = (checkpoint.state, checkpoint.boundaries)
        otherSetting = checkpoint.setting.filter { setting[$0.key] != $0.value }
        if command.saveBoundary != nil, checkpoint.state.step > 0, published == nil {
            throw WrongInput(
                "--save-boundary wants the boundaries of all steps, but \(command.resume ?? "") was written without: "
                    + "leave it out, or render the segment anew")
        }
    }

    /// Loads the model; says so, since the largest take minutes.
    func load(_ options: MochiModel.Options, _ runtime: Runtime) throws -> LoadedModel {
        if conditions["precision"] == "bf16", options.device == .cpu, !runtime.cpuHasBFloat16 {
            note("warning: this CPU has no bf16 of its own: --precision fp32 is faster here")
        }
        let clipless = recipe.withoutCLIP(afterAnother: boundaries != nil)
        return try LoadedModel(folder, options, withoutCLIP: clipless.map { [$0] } ?? [])
    }

    /// What a segment's steps depend on besides model and neighbour.
    static func conditions(
        _ settings: ResolvedSettings, _ texts: PromptPair<String>, start: String
    ) -> [String: String] {
        var settings = settings
        let video = settings.video
        // A run that is continued holds it in its latents; what is given all the same must agree.
        settings.sampling.seed = 0
        return [
            "scene": texts.scene, "action": texts.action, "settings": settings.json,
            "size": "\(video.width)×\(video.height)×\(video.frames)", "start": start,
        ]
    }

    /// What the blends depend on: the predecessor's boundaries, and its prompts where they are compared.
    ///
    /// - Throws: `WrongInput` where prompts are to be compared that nobody has said.
    private static func neighbour(
        _ recipe: SegmentRecipe, _ previous: PromptPair<String>?, _ boundaries: BoundaryFile?
    ) throws -> [String: String] {
        guard let boundaries else { return ["boundaries": "none"] }
        let digest = ["boundaries": try boundaries.digest()]
        guard recipe.comparesNeighbours else { return digest }
        guard let previous else {
            throw WrongInput(
                "--boundary is blended by the prompts of the segment before (sar.pairing: across, or sar.gate: scene): "
                    + "say them by --story and a --segment from 2, or --set sar.pairing=within --set sar.gate=none")
        }
        return digest.merging(["previous scene": previous.scene, "previous action": previous.action]) { $1 }
    }

    /// Where the sampling starts, as a checkpoint: the given one, or one before the first step.
    ///
    /// - Parameter isStated: whether anybody says where the latents come from; else a checkpoint's own do.
    private static func start(
        _ command: SegmentCommand, shape: [Int], recipe: SegmentRecipe, isStated: Bool,
        _ conditions: [String: String], _ setting: [String: String], latents: () throws -> Tensor
    ) throws -> SegmentCheckpoint {
        guard let path = command.resume else {
            return SegmentCheckpoint(SegmentState(latents: try latents()), conditions: conditions, setting: setting)
        }
        return try SegmentCheckpoint(
            contentsOf: path, shape: shape, recipe: recipe,
            conditions: conditions.filter { isStated || $0.key != "start" })
    }

    /// What the noise of a story's segment is called.
    static func noise(of seed: UInt64, segment number: Int) -> String { "noise of seed \(seed), segment \(number)" }

    static func require(_ value: Int, _ name: String, in range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw WrongInput("--\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
    }
}

extension PromptPair<String> {
    init(_ segment: StorySegment) { self.init(scene: segment.scene, action: segment.action) }
}

extension ModelFolder {
    /// What the model's makers recommend for stories.
    func recommendations() throws -> ScriptDefaults {
        guard let settingsFile else { return .builtIn }
        do throws(ScriptError) { return try ScriptDefaults(contentsOf: settingsFile) } catch {
            throw WrongInput(error.description)
        }
    }
}
