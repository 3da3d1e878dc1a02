public import Mochi
import Safetensors
public import Torch

/// A segment stored between two steps, with what it depends on: continued, it gives the same bytes.
public struct SegmentCheckpoint: Sendable {
    public let state: SegmentState
    /// What the remaining steps depend on besides the state: prompts, recipe, model, precision, …
    public let conditions: [String: String]
    /// Device, libtorch, threads: with others the remaining steps give other last digits.
    public let setting: [String: String]
    /// The segment's own boundaries of the steps that are done, `[step, C, h, w]`; nil where nobody wants them.
    public let boundaries: Tensor?

    private static let versionKey = "storyfarm.checkpoint"
    private static let version = "1"
    private static let stepKey = "step"
    private static let weightsKey = "weights"
    private static let similarityKey = "similarity"
    private static let prefix = "condition."
    private static let settingPrefix = "setting."

    public init(
        _ state: SegmentState, conditions: [String: String], setting: [String: String], boundaries: Tensor? = nil
    ) {
        self.state = state
        self.conditions = conditions
        self.setting = setting
        self.boundaries = boundaries
    }

    /// Writes the file, all or nothing.
    ///
    /// - Parameter isDurable: false for what nobody wants after a power loss.
    public func write(to path: String, isDurable: Bool = true) throws(LoadError) {
        var metadata = [Self.versionKey: Self.version, Self.stepKey: "\(state.step)"]
        for (name, value) in conditions { metadata[Self.prefix + name] = value }
        for (name, value) in setting { metadata[Self.settingPrefix + name] = value }
        metadata[Self.weightsKey] = state.weights?.bits
        metadata[Self.similarityKey] = state.similarity?.bits
        var tensors = ["latents": state.sampler.latents]
        tensors["estimate"] = state.estimate
        tensors["estimate_boundary"] = state.estimateBoundary
        tensors["boundaries"] = boundaries
        try Tensor.save(tensors, metadata: metadata, to: path, isDurable: isDurable)
    }

    /// Reads a checkpoint of the run that is to be continued.
    ///
    /// - Parameters:
    ///   - shape: the latents', `[1, C, T, h, w]`.
    ///   - recipe: of the run.
    ///   - conditions: of the run; all must be the same. What is left out is as the file says.
    /// - Throws: `LatentsFileError` naming the first that differs, or the tensor that is missing.
    public init(
        contentsOf path: String, shape: [Int], recipe: SegmentRecipe, conditions: [String: String]
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
        let steps = recipe.flow.schedule.steps
        guard 0...steps ~= step else { throw LatentsFileError(file: path, "stands at step \(step) of \(steps)") }
        let frame = [shape[1], shape[3], shape[4]]
        func tensor(_ key: String, _ shape: [Int], isNeeded: Bool) throws(LatentsFileError) -> Tensor? {
            guard isNeeded || file.header.entries[key] != nil else { return nil }
            return try LatentsFile.read(key, of: file, shape: shape)
        }
        let blendsEstimates = recipe.blending?.space == .denoised && 1..<steps ~= step
        func pair(_ key: String) throws(LatentsFileError) -> PromptPair<Double>? {
            guard let text = metadata[key] else { return nil }
            guard let pair = PromptPair(bits: text) else {
                throw LatentsFileError(file: path, "\(key): no two numbers")
            }
            return pair
        }
        state = SegmentState(
            sampler: SamplerState(latents: try LatentsFile.read("latents", of: file, shape: shape), step: step),
            weights: try pair(Self.weightsKey), similarity: try pair(Self.similarityKey),
            estimate: try tensor("estimate", frame, isNeeded: blendsEstimates),
            estimateBoundary: try tensor("estimate_boundary", frame, isNeeded: blendsEstimates))
        boundaries = try tensor("boundaries", [step] + frame, isNeeded: false)
        func values(_ prefix: String) -> [String: String] {
            metadata.reduce(into: [:]) { values, item in
                guard item.key.hasPrefix(prefix) else { return }
                values[String(item.key.dropFirst(prefix.count))] = item.value
            }
        }
        (self.conditions, setting) = (values(Self.prefix), values(Self.settingPrefix))
    }
}

extension PromptPair<Double> {
    /// Both numbers bit for bit, so that a run continues with exactly what it had.
    fileprivate var bits: String { "\(scene.bitPattern) \(action.bitPattern)" }

    fileprivate init?(bits: String) {
        let parts = bits.split(separator: " ").compactMap { UInt64($0) }
        guard parts.count == 2 else { return nil }
        self.init(scene: Double(bitPattern: parts[0]), action: Double(bitPattern: parts[1]))
    }
}
