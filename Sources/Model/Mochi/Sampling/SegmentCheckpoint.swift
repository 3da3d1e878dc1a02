import Safetensors
public import Torch

/// A sampling run stored between two steps, with what it depends on: continued, it gives the same bytes.
public struct SegmentCheckpoint: Sendable {
    public let state: SamplerState
    /// What the remaining steps depend on besides the state: prompt, schedule, model, precision, …
    public let conditions: [String: String]
    /// Device, libtorch, threads: with others the remaining steps give other last digits.
    public let setting: [String: String]

    private static let versionKey = "storyfarm.checkpoint"
    private static let version = "1"
    private static let stepKey = "step"
    private static let prefix = "condition."
    private static let settingPrefix = "setting."

    public init(_ state: SamplerState, conditions: [String: String], setting: [String: String]) {
        self.state = state
        self.conditions = conditions
        self.setting = setting
    }

    /// Writes the file, all or nothing.
    public func write(to path: String) throws(LoadError) {
        var metadata = [Self.versionKey: Self.version, Self.stepKey: "\(state.step)"]
        for (name, value) in conditions { metadata[Self.prefix + name] = value }
        for (name, value) in setting { metadata[Self.settingPrefix + name] = value }
        try Tensor.save(["latents": state.latents], metadata: metadata, to: path)
    }

    /// Reads a checkpoint of the run that is to be continued.
    ///
    /// - Parameters:
    ///   - shape: the latents', `[1, C, T, h, w]`.
    ///   - steps: of the run.
    ///   - conditions: of the run; all must be the same.
    /// - Throws: `CheckpointError` naming the first that differs.
    public init(
        contentsOf path: String, shape: [Int], steps: Int, conditions: [String: String], device: Device = .cpu
    ) throws(CheckpointError) {
        let file: SafetensorsFile
        do throws(SafetensorsError) { file = try SafetensorsFile(path: path) } catch {
            throw CheckpointError(file: path, reason: error.description, isWholeText: true)
        }
        let metadata = file.header.metadata
        guard let version = metadata[Self.versionKey], let step = metadata[Self.stepKey].flatMap({ Int($0) }) else {
            throw CheckpointError(file: path, reason: "is no checkpoint of a segment")
        }
        guard version == Self.version else {
            throw CheckpointError(file: path, reason: "is a checkpoint of version \(version), expected \(Self.version)")
        }
        for (name, value) in conditions.sorted(by: { $0.key < $1.key }) {
            let found = metadata[Self.prefix + name]
            guard found == value else {
                throw CheckpointError(
                    file: path, reason: "is of a run with \(name) \(found ?? "unknown"), this one has \(value)")
            }
        }
        guard 0...steps ~= step else {
            throw CheckpointError(file: path, reason: "stands at step \(step) of \(steps)")
        }
        do throws(LoadError) {
            let latents = try Tensor.load("latents", from: file, shape: shape, dtypes: [.float32])
            do throws(TorchError) {
                // Copied, so that what is done with the file later is without effect.
                state = SamplerState(latents: try latents.copy().moved(to: device), step: step)
            } catch {
                throw .torch(error)
            }
        } catch {
            throw CheckpointError(file: path, reason: error.description, isWholeText: true)
        }
        self.conditions = conditions
        setting = metadata.reduce(into: [:]) { setting, item in
            guard item.key.hasPrefix(Self.settingPrefix) else { return }
            setting[String(item.key.dropFirst(Self.settingPrefix.count))] = item.value
        }
    }
}

/// A checkpoint that can't be continued.
public struct CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    init(file: String, reason: String, isWholeText: Bool = false) {
        description = isWholeText ? reason : "\(file): \(reason)"
    }
}
