import Console
import Mochi
import Script
import Storytelling
import Torch
import Worker

/// A story resolved against its model and checked as far as that goes without loading the weights.
struct StoryPlan {
    let command: StoryCommand
    let folder: ModelFolder
    let story: ResolvedStory
    let recipe: SegmentRecipe
    let form: DecodeForm
    /// `[1, C, T, h, w]` of every segment.
    let latentShape: [Int]
    /// What the result depends on besides the story.
    let model: [String: String]
    /// What the run keeps, to be continued; nil where it keeps nothing.
    let archive: StoryArchive?

    init(_ command: StoryCommand, dtype: DType?) throws {
        self.command = command
        if command.comparePreviews, command.trace == nil {
            throw WrongInput("--compare-previews needs --trace, where it writes what it finds")
        }
        try SegmentPlan.require(command.checkpointEvery, "checkpoint-every", in: 1...1000)
        try SegmentPlan.require(command.previewEvery, "preview-every", in: 1...1000)
        try Self.requireUsableFiles(of: command)
        folder = try ModelFolder(command.device.model)
        let file = command.story
        story = try command.settings.resolved(with: folder.recommendations()) { overrides throws(ScriptError) in
            try ScriptDocument(contentsOf: file, overrides: overrides)
        }
        recipe = SegmentRecipe(story.settings)
        form = try command.decoding.form(otherwise: folder.settings().form)
        let video = story.settings.video
        latentShape = try folder.geometry().latentShape(
            width: video.width, height: video.height, frames: video.frames)
        let tokenizer = try folder.promptTokenizer()
        for (index, segment) in story.segments.enumerated() {
            do {
                try SegmentRequest.requireTokens(of: PromptPair(segment), recipe.prompting, tokenizer)
            } catch let error as WrongInput {
                throw WrongInput("\(file): segment \(index + 1): \(error)")
            }
        }
        let negative = story.settings.sampling.negative
        if !negative.isEmpty { try SegmentRequest.require(negative, "the negative prompt", tokenizer) }
        model = ["model": try folder.fingerprint(), "precision": try folder.precision(dtype: dtype)]
        archive = try (command.resume ?? command.checkpoint).map { [model, story, recipe, latentShape] folder in
            try StoryArchive(
                folder, isContinued: command.resume != nil, story: story, model: model, recipe: recipe,
                shape: latentShape, savesBoundaries: command.saveBoundary != nil)
        }
    }

    /// Device, libtorch and threads of the run that is continued, where those differ from this one's.
    func otherSetting(than setting: [String: String]) -> [String: String] {
        archive?.setting.filter { setting[$0.key] != $0.value } ?? [:]
    }

    /// What is written must not overwrite what is read, nor what was written before.
    private static func requireUsableFiles(of command: StoryCommand) throws {
        try RunFile.requireVideoName(command.output)
        let named: [(String, String?, RunFile.Use)] = [
            ("--output", command.output, .written), ("the contact sheet", command.contactSheet, .written),
            ("--trace", command.trace, .written), ("--save-latents", command.saveLatents, .folder),
            ("--save-boundary", command.saveBoundary, .folder), ("--save-frames", command.saveFrames, .folder),
            ("--save-embeddings", command.saveEmbeddings, .folder), ("--previews", command.previews, .folder),
            ("--checkpoint", command.checkpoint, .folder),
            ("--resume", command.resume, .folder),
            ("the story", command.story, .read),
        ]
        let files = named.compactMap { name, path, use in path.map { RunFile(name: name, path: $0, use: use) } }
        for file in files { try file.requireUsable() }
        try RunFile.requireDifferent(files)
        if let resume = command.resume, let checkpoint = command.checkpoint,
            RunFile.place(resume) != RunFile.place(checkpoint)
        {
            throw WrongInput("--checkpoint is \(checkpoint), but a story goes on in --resume \(resume): leave it out")
        }
    }
}
