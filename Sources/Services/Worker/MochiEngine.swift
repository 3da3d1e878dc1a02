import CLIP
public import Farm
import Media
public import Mochi
import Script
import Storytelling
import ThreadExecutor
import Torch
public import Wire

/// Mochi-1, or any model of its architecture, with the story method; on one device.
///
/// One model stays loaded between segments. Steps run on the engine's own thread, deliveries on another one.
public actor MochiEngine: Engine {
    public nonisolated let device: WorkerDevice
    public nonisolated let models: [Message.Model]
    public nonisolated let isSimulated = false
    public nonisolated var memory: DeviceMemory {
        // A device that does not say has faults that its next operator tells better.
        guard let memory = try? options.device.memory() else { return .host }
        return DeviceMemory(freeBytes: memory.freeBytes, usedBytes: memory.usedBytes)
    }

    private struct Loaded {
        let name: String
        let mochi: MochiModel
        let clip: CLIP?
        let prompts: StoryPrompts<MochiModel>
    }

    private struct Running {
        let denoiser: SegmentDenoiser<MochiModel>
        let conditions: [String: String]
        var state: Storytelling.SegmentState
        var estimate: Tensor?
    }

    private let offerings: [ModelOffering]
    private let options: MochiModel.Options
    private let setting: [String: String]
    private let deliverer: Deliverer
    private let executor: ThreadExecutor
    private var loaded: Loaded?
    private var running: [AttemptID: Running] = [:]

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter setting: what the last digits depend on besides request and model; goes into checkpoints.
    public init(
        _ offerings: [ModelOffering], _ options: MochiModel.Options, device: WorkerDevice, setting: [String: String]
    ) {
        (self.offerings, self.options, self.device, self.setting) = (offerings, options, device, setting)
        models = offerings.map(\.model)
        // On a CPU whatever else runs there goes first: the farm's messages above all, which take it for moments only.
        let isOnCPU = options.device == .cpu
        executor = ThreadExecutor(name: "engine", priority: isOnCPU ? .low : .usual)
        deliverer = Deliverer(isOnCPU ? .lowest : .low)
    }

    // MARK: Models

    public func warmUp() throws {
        if loaded == nil, let first = offerings.first { _ = try load(first) }
    }

    private func load(_ recipe: Message.Recipe) throws -> Loaded {
        if let loaded, loaded.name == recipe.model { return loaded }
        guard let offering = offerings.first(where: { $0.model.name == recipe.model }) else {
            throw ModelNotLoaded(
                reason: ModelFolderError(file: recipe.model, reason: "this worker has no such model"))
        }
        guard offering.model.digest == recipe.modelDigest else {
            throw ModelNotLoaded(
                reason: ModelFolderError(file: recipe.model, reason: "this worker has another version of the model"))
        }
        do { return try load(offering) } catch { throw ModelNotLoaded(reason: error) }
    }

    private func load(_ offering: ModelOffering) throws -> Loaded {
        // The old one goes first: both may not fit.
        loaded = nil
        let mochi = try MochiModel(offering.folder, options)
        let clip = try offering.folder.clip.map {
            try CLIP(folder: $0, dtype: options.dtype, device: options.device)
        }
        let fresh = Loaded(
            name: offering.model.name, mochi: mochi, clip: clip, prompts: StoryPrompts(mochi, clip: clip))
        loaded = fresh
        return fresh
    }

    /// The model alone, for whoever decodes.
    func model(for recipe: Message.Recipe) throws -> MochiModel { try load(recipe).mochi }

    // MARK: A segment

    public func begin(_ work: SegmentWork, checkpoint: String?) throws {
        let model = try load(work.recipe)
        let recipe = SegmentRecipe(work.settings)
        let texts = PromptPair(scene: work.recipe.scene, action: work.recipe.action)
        let strength = try work.previous.map {
            try model.prompts.strength(
                of: texts, after: PromptPair(scene: $0.scene, action: $0.action), recipe: recipe)
        }
        let denoiser = SegmentDenoiser(
            model.mochi, recipe: recipe, conditioning: try model.prompts.conditioning(texts, recipe.prompting),
            unconditional: try model.prompts.negative(work.settings.sampling.negative), strength: strength ?? 0)
        let video = work.settings.video
        let shape = try model.mochi.geometry.latentShape(
            width: video.width, height: video.height, frames: video.frames)
        let conditions = conditions(of: work)
        let state: Storytelling.SegmentState
        if let checkpoint {
            state = try SegmentCheckpoint(
                contentsOf: checkpoint, shape: shape, recipe: recipe, conditions: conditions
            ).state.moved(to: options.device)
        } else {
            state = Storytelling.SegmentState(
                latents: try InitialNoise.latents(
                    shape, story: work.recipe.noiseSeed, segment: UInt64(work.attempt.segment.number),
                    device: options.device))
        }
        running[work.attempt] = Running(denoiser: denoiser, conditions: conditions, state: state)
    }

    private func conditions(of work: SegmentWork) -> [String: String] {
        [
            "model": "\(work.recipe.modelDigest)", "scene": work.recipe.scene, "action": work.recipe.action,
            "settings": work.recipe.settings, "noise": "\(work.recipe.noiseSeed)",
            "segment": "\(work.attempt.segment.number)",
        ]
    }

    private func current(_ attempt: AttemptID) throws -> Running {
        guard let current = running[attempt] else { throw Courier.Failure.cancelled }
        return current
    }

    public func boundary(of attempt: AttemptID, entering step: Int) throws -> [UInt8] {
        let current = try current(attempt)
        precondition(current.state.step == step, "the state enters step \(current.state.step), not \(step)")
        let boundary = try current.denoiser.boundary(of: current.state).moved(to: .cpu).contiguous()
        guard try boundary.isFinite() else {
            throw MochiError.notFinite(NotFinite("a boundary", step: current.state.step))
        }
        return try boundary.withUnsafeBytes { Array($0) }
    }

    public func step(_ attempt: AttemptID, with boundary: [UInt8]?) throws -> StepReport {
        var current = try current(attempt)
        let clock = ContinuousClock()
        let start = clock.now
        let shape = current.state.sampler.latents.shape
        let tensor = try boundary.map { try Self.tensor($0, shape: [shape[1], shape[3], shape[4]]) }
        let (next, report) = try current.denoiser.advanced(
            current.state, boundary: tensor?.moved(to: options.device))
        guard try next.sampler.latents.isFinite() else {
            throw MochiError.notFinite(NotFinite("the latents", step: current.state.step))
        }
        (current.state, current.estimate) = (next, report.estimate)
        running[attempt] = current
        return StepReport(
            time: clock.now - start, sceneWeight: report.weighting?.weights.scene ?? 0,
            frameZeroDeviation: report.frameZeroDeviation ?? 0,
            isSimilarityDropped: report.weighting?.droppedSimilarity ?? false)
    }

    private static func tensor(_ bytes: [UInt8], shape: [Int]) throws -> Tensor {
        let tensor = try Tensor.empty(shape)
        guard bytes.count == 4 * shape.reduce(1, *) else {
            throw ModelFolderError(file: "boundary", reason: "has \(bytes.count) bytes for a frame of \(shape)")
        }
        try tensor.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
        return tensor
    }

    public func save(_ attempt: AttemptID, to path: String) throws {
        let current = try current(attempt)
        try SegmentCheckpoint(current.state, conditions: current.conditions, setting: setting)
            .write(to: path, isDurable: false)
    }

    public func saveLatents(of attempt: AttemptID, to path: String) throws {
        try Tensor.save(["latents": current(attempt).state.sampler.latents], to: path, isDurable: false)
    }

    public func picture(of attempt: AttemptID) throws -> Picture? {
        let current = try current(attempt)
        guard let estimate = current.estimate, let model = loaded?.mochi else { return nil }
        let middle = try estimate.selected(2, estimate.extent(2) / 2)
        guard let frame = try model.stills(middle).moved(to: .cpu).rgbFrames().first else { return nil }
        return Picture(
            jpeg: try StillImage.encode(frame, as: .jpeg), width: frame.width, height: frame.height)
    }

    public func forget(_ attempt: AttemptID) { running[attempt] = nil }

    // MARK: Delivery

    public nonisolated func deliver(
        _ work: SegmentWork, latents: String, to path: String, keepsGoing: @escaping @Sendable () -> Bool
    ) async throws -> Int {
        let model = try await model(for: work.recipe)
        return try await deliverer.deliver(model, work, latents: latents, to: path, keepsGoing: keepsGoing)
    }

    /// Decodes and encodes beside the engine's steps, which its successors wait for.
    private actor Deliverer {
        private let executor: ThreadExecutor

        init(_ priority: ThreadExecutor.Priority) { executor = ThreadExecutor(name: "delivery", priority: priority) }

        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        func deliver(
            _ model: MochiModel, _ work: SegmentWork, latents: String, to path: String,
            keepsGoing: @Sendable () -> Bool
        ) throws -> Int {
            let video = work.settings.video
            let shape = try model.geometry.latentShape(
                width: video.width, height: video.height, frames: video.frames)
            let finished = try LatentsFile.read(latents, shape: shape).moved(to: model.device)
            let film = SegmentVideo(
                model: model, video: video, form: model.settings.form, output: path, saveFrames: nil,
                metadata: VideoMetadata(title: "\(work.recipe.scene). \(work.recipe.action)"))
            _ = try film.write(finished) { _ in if !keepsGoing() { throw CancellationError() } }
            return video.frames
        }
    }
}
