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
    /// - Throws: `LatentsFileError` naming the first that differs.
    public init(
        contentsOf path: String, shape: [Int], steps: Int, conditions: [String: String]
    ) throws(LatentsFileError) {
        let file = try LatentsFile.open(path)
        let metadata = file.header.metadata
        guard let version = metadata[Self.versionKey], let step = metadata[Self.stepKey].flatMap({ Int($0) }) else {
            throw LatentsFileError(file: path, "is no checkpoint of a segment")
        }
        guard version == Self.version else {
            throw LatentsFileError(file: path, "is a checkpoint of version \(version), expected \(Self.version)")
        }
        for (name, value) in conditions.sorted(by: { $0.key < $1.key }) {
            let found = metadata[Self.prefix + name]
            guard found == value else {
                throw LatentsFileError(
                    file: path, "is of a run with \(name) \(found ?? "unknown"), this one has \(value)")
            }
        }
        guard 0...steps ~= step else { throw LatentsFileError(file: path, "stands at step \(step) of \(steps)") }
        state = SamplerState(latents: try LatentsFile.read(file, shape: shape), step: step)
        self.conditions = conditions
        setting = metadata.reduce(into: [:]) { setting, item in
            guard item.key.hasPrefix(Self.settingPrefix) else { return }
            setting[String(item.key.dropFirst(Self.settingPrefix.count))] = item.value
        }
    }
}
