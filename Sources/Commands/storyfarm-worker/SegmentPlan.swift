import Console
import Foundation
import Media
import Mochi
import Safetensors
import Torch

/// A segment's request, resolved against its model and checked as far as that goes without loading the weights.
struct SegmentPlan {
    let command: SegmentCommand
    let folder: ModelFolder
    let width, height, frames: Int
    let frameRate: FrameRate
    let form: DecodeForm
    let flow: FlowMatchEuler
    /// `[1, C, T, h, w]`.
    let latentShape: [Int]

    init(_ command: SegmentCommand) throws {
        self.command = command
        folder = try ModelFolder(command.model)
        let settings = try folder.settings()
        width = command.width ?? settings.width
        height = command.height ?? settings.height
        frames = command.frames ?? settings.frames
        frameRate = FrameRate(try Self.require(command.fps ?? settings.framesPerSecond, "fps", in: 1...120))
        let steps = try Self.require(command.steps ?? settings.steps, "steps", in: 2...1000)
        let guidance = try Self.guidance(command.guidance, otherwise: settings.guidance, steps: steps)
        flow = FlowMatchEuler(NoiseSchedule(steps: steps), guidance: guidance)
        form = try Self.form(command.vaeForm, otherwise: settings.form)
        _ = try Self.require(command.checkpointEvery, "checkpoint-every", in: 1...1000)
        _ = try Self.require(command.previewEvery, "preview-every", in: 1...1000)
        try Self.requireOutputs(command)
        latentShape = try folder.geometry().latentShape(width: width, height: height, frames: frames)
        let tokenizer = try folder.promptTokenizer()
        _ = try tokenizer(command.prompt)
        if !command.negative.isEmpty { _ = try tokenizer(command.negative) }
    }

    /// Loads the model; says so, since the largest take minutes.
    func load(_ options: MochiModel.Options) throws -> MochiModel {
        try MochiModel(folder, options) { component in
            note("loading the \(component)")
        }
    }

    /// Where the sampling starts: a checkpoint, given latents, or noise.
    func start(on device: Device, setting: [String: String]) throws -> SamplerState {
        let steps = flow.schedule.steps
        if let path = command.resume {
            let checkpoint = try SegmentCheckpoint(
                contentsOf: path, shape: latentShape, steps: steps, conditions: conditions, device: device)
            for (name, value) in checkpoint.setting.sorted(by: { $0.key < $1.key }) where setting[name] != value {
                note("warning: \(path) was written with \(name) \(value): the result may differ in its last digits")
            }
            return checkpoint.state
        }
        guard let path = command.initialLatents else {
            return SamplerState(
                latents: try InitialNoise.latents(latentShape, story: command.seed, segment: 1, device: device))
        }
        let latents: Tensor
        do {
            latents = try Tensor.load(
                "latents", from: SafetensorsFile(path: path), shape: latentShape, dtypes: [.float32])
        } catch {
            throw WrongInput("\(error)")
        }
        guard try latents.isFinite() else { throw WrongInput("\(path): latents: has values that are not finite") }
        return SamplerState(latents: try latents.copy().moved(to: device))
    }

    /// What the steps depend on besides the latents.
    var conditions: [String: String] {
        [
            "prompt": command.prompt, "negative prompt": command.negative, "size": "\(width)×\(height)×\(frames)",
            "steps": "\(flow.schedule.steps)",
            "guidance": (Set(flow.guidance).count == 1 ? [flow.guidance[0]] : flow.guidance)
                .map { "\($0)" }.joined(separator: ","),
            "start": command.initialLatents == nil ? "noise of seed \(command.seed)" : "given latents",
            "precision": command.device.precision ?? "as stored",
        ]
    }

    // MARK: Checks

    private static func require(_ value: Int, _ name: String, in range: ClosedRange<Int>) throws -> Int {
        guard range.contains(value) else {
            throw WrongInput("--\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func guidance(_ text: String?, otherwise: Double, steps: Int) throws -> [Double] {
        guard let text else { return [otherwise] }
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let values = parts.compactMap { Double($0) }.filter { 0...100 ~= $0 }
        guard values.count == parts.count else {
            throw WrongInput("--guidance is \(text), expected numbers from 0 to 100, separated by commas")
        }
        guard values.count == 1 || values.count == steps else {
            throw WrongInput("--guidance has \(values.count) numbers, expected one, or one for each of \(steps) steps")
        }
        return values
    }

    private static func form(_ name: String?, otherwise: DecodeForm) throws -> DecodeForm {
        guard let name else { return otherwise }
        guard let form = DecodeForm(rawValue: name) else {
            throw WrongInput("--vae-form is \(name), expected genmo or diffusers")
        }
        return form
    }

    /// Whatever can be known before hours of work about where their result goes.
    private static func requireOutputs(_ command: SegmentCommand) throws {
        let results = [
            ("output", command.output), ("save-latents", command.saveLatents), ("save-frames", command.saveFrames),
            ("save-embeddings", command.saveEmbeddings),
        ]
        guard results.contains(where: { $0.1 != nil }) else {
            throw WrongInput("there is nothing to write: give --output, --save-latents or another --save option")
        }
        if let output = command.output, !output.hasSuffix(".mp4") {
            throw WrongInput("--output is \(output), expected a name in .mp4")
        }
        var owner: [String: String] = [:]
        for (option, path) in results + [("checkpoint", command.checkpoint), ("trace", command.trace)] {
            guard let path else { continue }
            if let other = owner.updateValue(option, forKey: path) {
                throw WrongInput("--\(other) and --\(option) are the same file, \(path)")
            }
            let folder = URL(filePath: path).deletingLastPathComponent().path
            guard FileManager.default.isWritableFile(atPath: folder) else {
                throw WrongInput("--\(option) is \(path), but nothing can be written into \(folder)")
            }
            var isDirectory: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue {
                throw WrongInput("--\(option) is \(path), which is a folder")
            }
        }
    }
}
