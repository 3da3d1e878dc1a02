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
            What --model recommends in its storyfarm.json holds where no option says otherwise. Tensors are read and \
            written as safetensors: latents [1, C, T, h, w] in fp32, frames [F, 3, H, W] in fp32 from 0 to 1, \
            prompt_embeds [1, L, D]. Ctrl-C stops between two steps; with --checkpoint the run can be continued.
            """)

    @OptionGroup(title: "Model and device")
    var device: DeviceOptions
    @Option(help: "The model's folder.")
    var model: String
    @Option(help: "How surplus frames are dropped on decoding: genmo (as trained) or diffusers.")
    var vaeForm: String?
    @Flag(help: "Decode in overlapping tiles: takes less memory, and is not exact.")
    var vaeTiles = false

    @Option(help: "What the video shows.")
    var prompt: String
    @Option(help: "What guidance leads away from; empty for no prompt at all.")
    var negative = ""
    @Option(help: "Pixels; a multiple of 16 for Mochi-1.")
    var width: Int?
    @Option(help: "Pixels; a multiple of 16 for Mochi-1.")
    var height: Int?
    @Option(help: "6k + 1 for Mochi-1.")
    var frames: Int?
    @Option(help: "Frames per second of the video.")
    var fps: Int?
    @Option(help: "Denoising steps, 2 to 1000.")
    var steps: Int?
    @Option(help: "Classifier-free guidance: a number, or one per step, separated by commas; at most 1 is none.")
    var guidance: String?
    @Option(help: "Of the initial noise, 0 to 18446744073709551615; 0 without it.")
    var seed: UInt64?

    @Option(name: .shortAndLong, help: "The MP4 to write.")
    var output: String?
    @Option(help: "Start from the latents in this file instead of noise.")
    var initialLatents: String?
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
    @Option(help: "Continue from this checkpoint.")
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
        if vaeTiles { options.tiling = TiledDecoderStream.Grid() }
        let setting = setting(started.runtime, options)
        let plan = try judged { try SegmentPlan(self, dtype: options.dtype, setting: setting) }
        for (name, value) in plan.otherSetting.sorted(by: { $0.key < $1.key }) {
            note("warning: the checkpoint was written with \(name) \(value): last digits may differ")
        }
        if plan.conditions["precision"] == "bf16", options.device == .cpu, !started.runtime.cpuHasBFloat16 {
            note("warning: this CPU has no bf16 of its own: --precision fp32 is faster here")
        }
        let model = try judged { try plan.load(options) }
        try SegmentRun(plan: plan, model: model, setting: setting).render()
    }

    /// What the last digits of the result depend on besides the request and the model.
    private func setting(_ runtime: Runtime, _ options: MochiModel.Options) -> [String: String] {
        var setting = [
            "libtorch": runtime.loadedVersion, "cpu": runtime.cpuCapability, "threads": "\(Runtime.threadCount)",
            "attention": options.backend.rawValue, "device": "cpu",
        ]
        if case .cuda(let index) = options.device { setting["device"] = Runtime.cudaDeviceName(index) }
        return setting
    }
}
