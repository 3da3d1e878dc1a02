import ArgumentParser
import Console
import Mochi
import Torch

/// Renders one segment with no farm around it: what a person debugs a model or a GPU with.
struct SegmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segment",
        abstract: "Renders one segment with a model on this machine: text to latents to video.",
        discussion: """
            With --prompt, plain Mochi-1; with --scene and --action, or with --story and --segment, the story method. \
            What the model's storyfarm.json recommends holds where neither story nor option says otherwise. Tensors \
            are read and written as safetensors: latents [1, C, T, h, w] in fp32, frames [F, 3, H, W] in fp32 from \
            0 to 1, prompt_embeds [1, L, D]. Ctrl-C stops between two steps; with --checkpoint the run can be \
            continued.
            """)

    @OptionGroup(title: "Model and device")
    var device: DeviceOptions
    @OptionGroup(title: "Decoding")
    var decoding: DecodingOptions
    @OptionGroup(title: "Video and sampling")
    var settings: SettingsOptions

    @Option(help: "What the video shows: plain Mochi-1, without the story method.")
    var prompt: String?
    @Option(help: "Where it happens.")
    var scene: String?
    @Option(help: "What happens.")
    var action: String?
    @Option(help: "A story script (YAML, or JSON).")
    var story: String?
    @Option(help: "Which of the story's segments, from 1.")
    var segment: Int?

    @Option(name: .shortAndLong, help: "The MP4 to write.")
    var output: String?
    @Option(help: "Start from the latents in this file instead of noise.")
    var initialLatents: String?
    @Option(help: "The boundaries of the segment before, as --save-boundary wrote them.")
    var boundary: String?
    @Option(help: "Write this segment's boundaries here, for the segment after.")
    var saveBoundary: String?
    @Option(help: "Write the finished latents here.")
    var saveLatents: String?
    @Option(help: "Write the decoded frames here.")
    var saveFrames: String?
    @Option(help: "Write the prompt's vectors and mask here.")
    var saveEmbeddings: String?
    @Option(help: "Keep the run's state here, every --checkpoint-every steps and when it is stopped.")
    var checkpoint: String?
    @Option(help: "Steps between checkpoints.")
    var checkpointEvery = 8
    @Option(help: "Continue from this checkpoint; a seed or latents that are given too must be those it began with.")
    var resume: String?
    @Option(help: "Write JPEG pictures of what the video is going to be into this folder.")
    var previews: String?
    @Option(help: "Steps between previews.")
    var previewEvery = 8
    @Option(help: "Write what each step did and how long it took, as JSON.")
    var trace: String?

    /// On the main actor because denoising blocks: its queue is not served by the threads that other tasks share.
    @MainActor
    func run() async throws {
        let started = try device.start()
        var options = started.options
        options.tiling = decoding.tiling
        let setting = DeviceSetting.values(started.runtime, options)
        let plan = try judged { try SegmentPlan(self, dtype: options.dtype, setting: setting) }
        for (name, value) in plan.otherSetting.sorted(by: { $0.key < $1.key }) {
            note("warning: the checkpoint was written with \(name) \(value): last digits may differ")
        }
        let model = try judged { try plan.load(options, started.runtime) }
        try await SegmentRun(plan: plan, model: model, setting: setting).render()
    }
}
