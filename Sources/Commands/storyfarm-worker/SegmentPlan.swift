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
    /// What the steps depend on besides the latents.
    let conditions: [String: String]
    /// Where the sampling starts, on the CPU: a checkpoint, given latents, or noise.
    let start: SamplerState
    /// Device, libtorch and threads of the run that is continued, where those differ from this one's.
    let otherSetting: [String: String]

    /// - Parameter setting: what else the last digits depend on: device, libtorch, threads.
    init(_ command: SegmentCommand, dtype: DType?, setting: [String: String]) throws {
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
        try SegmentFiles(command).requireUsable()
        latentShape = try folder.geometry().latentShape(width: width, height: height, frames: frames)
        let tokenizer = try folder.promptTokenizer()
        try Self.require("prompt") { _ = try tokenizer(command.prompt) }
        if !command.negative.isEmpty { try Self.require("negative") { _ = try tokenizer(command.negative) } }
        conditions = try Self.conditions(
            command, folder, size: "\(width)×\(height)×\(frames)", flow: flow, dtype: dtype)
        (start, otherSetting) = try Self.start(command, shape: latentShape, flow, conditions, setting)
    }

    /// Loads the model; says so, since the largest take minutes.
    func load(_ options: MochiModel.Options) throws -> MochiModel {
        try MochiModel(folder, options) { component in
            note("loading the \(component)")
        }
    }

    private static func conditions(
        _ command: SegmentCommand, _ folder: ModelFolder, size: String, flow: FlowMatchEuler, dtype: DType?
    ) throws -> [String: String] {
        let guidance = Set(flow.guidance).count == 1 ? [flow.guidance[0]] : flow.guidance
        return [
            "model": try folder.fingerprint(), "precision": try folder.precision(dtype: dtype),
            "prompt": command.prompt, "negative prompt": command.negative, "size": size,
            "steps": "\(flow.schedule.steps)", "guidance": guidance.map { "\($0)" }.joined(separator: ","),
            // A run that is continued holds it in its latents; what is given all the same must agree.
            "start": command.initialLatents == nil ? "noise of seed \(command.seed ?? 0)" : "given latents",
        ]
    }

    private static func start(
        _ command: SegmentCommand, shape: [Int], _ flow: FlowMatchEuler, _ conditions: [String: String],
        _ setting: [String: String]
    ) throws -> (SamplerState, [String: String]) {
        if let path = command.resume {
            let isStartGiven = command.seed != nil || command.initialLatents != nil
            let checkpoint = try SegmentCheckpoint(
                contentsOf: path, shape: shape, steps: flow.schedule.steps,
                conditions: conditions.filter { isStartGiven || $0.key != "start" })
            return (checkpoint.state, checkpoint.setting.filter { setting[$0.key] != $0.value })
        }
        if let path = command.initialLatents {
            return (SamplerState(latents: try LatentsFile.read(path, shape: shape)), [:])
        }
        return (SamplerState(latents: try InitialNoise.latents(shape, story: command.seed ?? 0, segment: 1)), [:])
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

    /// Names the option that a text came from.
    private static func require(_ option: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as MochiError where error.isBadInput {
            throw WrongInput("--\(option): \(error)")
        }
    }
}
