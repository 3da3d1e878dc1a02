import ArgumentParser
import Console
import Foundation
import Media
import Mochi
import Script
import Storytelling
import Torch

/// Renders a whole story in this process, a segment after the other.
struct StoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "story",
        abstract: "Renders a story with a model on this machine: a script to one video.",
        discussion: """
            Segments are denoised in order, each blended with the boundaries of the one before; a segment is decoded \
            and encoded while the next one is denoised, and all are joined without re-encoding. Beside the MP4 lies a \
            contact sheet (PNG) with one row per segment. Ctrl-C stops between two steps; with --checkpoint the story \
            can be continued: segments that were denoised are decoded again, the others go on where they stood.
            """)

    @Argument(help: "The story script (YAML, or JSON).")
    var story: String
    @OptionGroup(title: "Model and device")
    var device: DeviceOptions
    @OptionGroup(title: "Decoding")
    var decoding: DecodingOptions
    @OptionGroup(title: "Video and sampling")
    var settings: SettingsOptions
    @Option(name: .shortAndLong, help: "The MP4 to write.")
    var output: String
    @Option(help: "Write each segment's finished latents into this folder, as segment-001.safetensors.")
    var saveLatents: String?
    @Option(help: "Write each segment's boundaries into this folder, named alike.")
    var saveBoundary: String?
    @Option(help: "Write each segment's decoded frames into this folder, named alike.")
    var saveFrames: String?
    @Option(help: "Write the vectors and masks of each segment's prompts into this folder, named alike.")
    var saveEmbeddings: String?
    @Option(help: "Write what each step of each segment did and how long it took, as JSON.")
    var trace: String?
    @Option(help: "Keep what is denoised in this folder, every --checkpoint-every steps and when it is stopped.")
    var checkpoint: String?
    @Option(help: "Steps between checkpoints.")
    var checkpointEvery = 8
    @Option(help: "Continue from this folder, and go on keeping there what is denoised.")
    var resume: String?
    @Option(help: "Write JPEG pictures of what the segments are going to be into this folder, each into its own there.")
    var previews: String?
    @Option(help: "Steps between previews.")
    var previewEvery = 8
    @Flag(help: "Let --trace also say what every preview mode would have seen at each step. Takes many times as long.")
    var comparePreviews = false

    /// Beside the MP4.
    var contactSheet: String { output.dropLast(4) + ".png" }

    /// With what their files hold, one of every segment.
    var savedFolders: [(folder: String, what: String)] {
        let folders = [
            (saveLatents, "latents"), (saveBoundary, "boundaries"), (saveFrames, "frames"),
            (saveEmbeddings, "embeddings"),
        ]
        return folders.compactMap { folder, what in folder.map { ($0, what) } }
    }

    /// - Parameter number: from 1.
    func file(of number: Int, in folder: String?) -> String? {
        folder.map { "\($0)/segment-\(String(format: "%03d", number)).safetensors" }
    }

    /// On the main actor because denoising blocks: its queue is not served by the threads that other tasks share.
    @MainActor
    func run() async throws {
        let started = try device.start()
        var options = started.options
        options.tiling = decoding.tiling
        let setting = DeviceSetting.values(started.runtime, options)
        let plan = try judged { try StoryPlan(self, dtype: options.dtype) }
        for (name, value) in plan.otherSetting(than: setting).sorted(by: { $0.key < $1.key }) {
            note("warning: the checkpoint was written with \(name) \(value): last digits may differ")
        }
        let clipless = [
            plan.recipe.withoutCLIP(afterAnother: plan.story.segments.count > 1),
            comparePreviews ? "no --compare-previews" : nil,
        ]
        let model = try judged { try LoadedModel(plan.folder, options, withoutCLIP: clipless.compactMap { $0 }) }
        try await StoryRun(plan: plan, model: model, setting: setting).render()
    }
}
