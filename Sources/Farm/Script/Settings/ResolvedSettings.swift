/// How a story is rendered, with nothing left open.
///
/// ``StorySettings`` says what the values mean.
public struct ResolvedSettings: Equatable, Sendable {
    public struct Video: Equatable, Sendable {
        public var width, height, frames, framesPerSecond: Int
    }

    public struct Sampling: Equatable, Sendable {
        public var steps: Int
        public var guidance: Guidance
        public var seed: UInt64
        public var negative: String
    }

    public struct Weighting: Equatable, Sendable {
        public var prompt: WeightedPrompts
        public var alignment, smoothness, prior, temperature: Double
        public var preview: PreviewMode
        public var every: Int
        public var mask: PromptMask
    }

    public struct Blending: Equatable, Sendable {
        public var gamma, decay: Double
        public var handoff: HandOff
        public var space: BlendSpace
        public var strength: BlendStrength
        public var until: Double
    }

    public struct SemanticAction: Equatable, Sendable {
        public var pairing: ActionPairing
        public var gate: BlendGate
    }

    public var video: Video
    public var sampling: Sampling
    /// Off is ``WeightedPrompts/joined``.
    public var weighting: Weighting
    public var blending: Switched<Blending>
    /// Off whenever ``blending`` is: there is nothing for it to weaken.
    public var semanticAction: Switched<SemanticAction>

    /// For a model that recommends nothing: the published Mochi-1's video and sampling, and the method as published.
    public static let builtIn = ResolvedSettings(
        video: Video(width: 848, height: 480, frames: 163, framesPerSecond: 30),
        sampling: Sampling(steps: 64, guidance: .constant(4.5), seed: 0, negative: ""),
        weighting: Weighting(
            prompt: .both, alignment: 1, smoothness: 1, prior: 1, temperature: 0.5, preview: .middle, every: 1,
            mask: .dominant),
        blending: .on(Blending.builtIn),
        semanticAction: .on(SemanticAction.builtIn))
}

extension ResolvedSettings.Blending {
    /// The published method names no γ; this one measured best in 64 steps (`ops/ablation`).
    static let builtIn = Self(
        gamma: 0.1, decay: 0.9, handoff: .stream, space: .denoised, strength: .step, until: 0)
}

extension ResolvedSettings.SemanticAction {
    static let builtIn = Self(pairing: .within, gate: .none)
}

extension ResolvedSettings {
    /// What the story says; else what the model recommends; else what is built in.
    init(_ story: StorySettings, _ model: StorySettings) throws(ScriptConflict) {
        let last = Self.builtIn
        video = Video(story.video, model.video, last.video)
        sampling = Sampling(story.sampling, model.sampling, last.sampling)
        switch story.weighting ?? model.weighting ?? .on(.init()) {
        case .on(let part): weighting = Weighting(part, model.weighting?.settings, last.weighting)
        case .off:
            weighting = Weighting(.init(), model.weighting?.settings, last.weighting)
            weighting.prompt = .joined
        }
        switch story.blending ?? model.blending ?? .on(.init()) {
        case .on(let part): blending = .on(Blending(part, model.blending?.settings))
        case .off: blending = .off
        }
        switch story.semanticAction ?? model.semanticAction ?? .on(.init()) {
        case .on(let part) where blending != .off:
            semanticAction = .on(SemanticAction(part, model.semanticAction?.settings))
        case .on, .off: semanticAction = .off
        }
        try check()
    }

    /// What no value is at fault for by itself.
    private func check() throws(ScriptConflict) {
        if sampling.guidance.values(steps: sampling.steps) == nil, case .perStep(let values) = sampling.guidance {
            throw ScriptConflict(
                key: "sampling.guidance",
                reason: "has \(values.count) numbers, expected one, or one for each of \(sampling.steps) steps")
        }
        if case .on(let blending) = blending, blending.strength == .path,
            blending.gamma >= ScriptLimits.gamma.upperBound
        {
            throw ScriptConflict(
                key: "blending.gamma",
                reason: "is \(JSONText.number(blending.gamma)), expected less than "
                    + "\(JSONText.number(ScriptLimits.gamma.upperBound)) with strength path")
        }
    }
}

extension ResolvedSettings.Video {
    fileprivate init(_ story: StorySettings.Video, _ model: StorySettings.Video, _ last: Self) {
        width = story.width ?? model.width ?? last.width
        height = story.height ?? model.height ?? last.height
        frames = story.frames ?? model.frames ?? last.frames
        framesPerSecond = story.framesPerSecond ?? model.framesPerSecond ?? last.framesPerSecond
    }
}

extension ResolvedSettings.Sampling {
    fileprivate init(_ story: StorySettings.Sampling, _ model: StorySettings.Sampling, _ last: Self) {
        steps = story.steps ?? model.steps ?? last.steps
        guidance = story.guidance ?? model.guidance ?? last.guidance
        seed = story.seed ?? model.seed ?? last.seed
        negative = story.negative ?? model.negative ?? last.negative
    }
}

extension ResolvedSettings.Weighting {
    fileprivate init(_ story: StorySettings.Weighting, _ model: StorySettings.Weighting?, _ last: Self) {
        prompt = story.prompt ?? model?.prompt ?? last.prompt
        alignment = story.alignment ?? model?.alignment ?? last.alignment
        smoothness = story.smoothness ?? model?.smoothness ?? last.smoothness
        prior = story.prior ?? model?.prior ?? last.prior
        temperature = story.temperature ?? model?.temperature ?? last.temperature
        preview = story.preview ?? model?.preview ?? last.preview
        every = story.every ?? model?.every ?? last.every
        mask = story.mask ?? model?.mask ?? last.mask
    }
}

extension ResolvedSettings.Blending {
    fileprivate init(_ story: StorySettings.Blending, _ model: StorySettings.Blending?) {
        let last = Self.builtIn
        gamma = story.gamma ?? model?.gamma ?? last.gamma
        decay = story.decay ?? model?.decay ?? last.decay
        handoff = story.handoff ?? model?.handoff ?? last.handoff
        space = story.space ?? model?.space ?? last.space
        strength = story.strength ?? model?.strength ?? last.strength
        until = story.until ?? model?.until ?? last.until
    }
}

extension ResolvedSettings.SemanticAction {
    fileprivate init(_ story: StorySettings.SemanticAction, _ model: StorySettings.SemanticAction?) {
        pairing = story.pairing ?? model?.pairing ?? Self.builtIn.pairing
        gate = story.gate ?? model?.gate ?? Self.builtIn.gate
    }
}
