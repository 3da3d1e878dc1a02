/// How a story is to be rendered, as far as somebody said so: nil is what nobody did.
///
/// A story says it of itself, a model's `storyfarm.json` of all stories, with the same keys.
public struct StorySettings: Equatable, Sendable {
    public struct Video: Equatable, Sendable {
        /// Pixels.
        public var width, height: Int?
        /// Of one segment.
        public var frames: Int?
        public var framesPerSecond: Int?

        public init() {}
    }

    public struct Sampling: Equatable, Sendable {
        public var steps: Int?
        public var guidance: Guidance?
        /// Of the initial noise of all segments.
        public var seed: UInt64?
        /// What guidance leads away from; empty for no prompt at all.
        public var negative: String?

        public init() {}
    }

    /// Which prompt counts how much, step by step.
    public struct Weighting: Equatable, Sendable {
        public var prompt: WeightedPrompts?
        /// The weight of how well a preview shows the prompt.
        public var alignment: Double?
        /// The weight of how like the prompt is to what the step before used.
        public var smoothness: Double?
        /// The weight of the plan: first the scene, at last the action.
        public var prior: Double?
        public var temperature: Double?
        public var preview: PreviewMode?
        /// Steps after which the preview is looked at again: 1 is the method's letter, more cost less.
        public var every: Int?
        public var mask: PromptMask?

        public init() {}
    }

    /// How a segment takes up the end of its predecessor.
    public struct Blending: Equatable, Sendable {
        /// The share of each of the boundary's two parts, 0 to 0.5.
        public var gamma: Double?
        /// By how much a latent frame counts less than its successor in the boundary's mean.
        public var decay: Double?
        public var handoff: HandOff?
        public var space: BlendSpace?
        public var strength: BlendStrength?
        /// The noise level down to which there is blending.
        public var until: Double?

        public init() {}
    }

    /// How blending follows the meaning of the actions.
    public struct SemanticAction: Equatable, Sendable {
        public var pairing: ActionPairing?
        public var gate: BlendGate?

        public init() {}
    }

    public var video = Video()
    public var sampling = Sampling()
    public var weighting: Switched<Weighting>?
    public var blending: Switched<Blending>?
    public var semanticAction: Switched<SemanticAction>?

    public init() {}
}

extension StorySettings {
    static let keys = ["video", "sampling", "weighting", "blending", "sar"]

    init(_ mapping: MappingReader) throws(ScriptError) {
        if let part = try mapping.mapping("video", keys: Video.keys) { video = try Video(part) }
        if let part = try mapping.mapping("sampling", keys: Sampling.keys) { sampling = try Sampling(part) }
        switch try mapping.switched("weighting", keys: Weighting.keys) {
        case .on(let part): weighting = .on(try Weighting(part))
        case .off: weighting = .off
        case nil: break
        }
        switch try mapping.switched("blending", keys: Blending.keys) {
        case .on(let part): blending = .on(try Blending(part))
        case .off: blending = .off
        case nil: break
        }
        switch try mapping.switched("sar", keys: SemanticAction.keys) {
        case .on(let part): semanticAction = .on(try SemanticAction(part))
        case .off: semanticAction = .off
        case nil: break
        }
    }
}

extension StorySettings.Video {
    fileprivate static let keys = ["width", "height", "frames", "fps"]

    fileprivate init(_ part: MappingReader) throws(ScriptError) {
        width = try part.integer("width", in: ScriptLimits.side)
        height = try part.integer("height", in: ScriptLimits.side)
        frames = try part.integer("frames", in: ScriptLimits.frames)
        framesPerSecond = try part.integer("fps", in: ScriptLimits.framesPerSecond)
    }
}

extension StorySettings.Sampling {
    fileprivate static let keys = ["steps", "guidance", "seed", "negative"]

    fileprivate init(_ part: MappingReader) throws(ScriptError) {
        steps = try part.integer("steps", in: ScriptLimits.steps)
        guidance = try part.guidance("guidance")
        seed = try part.seed("seed")
        negative = try part.text("negative", atMost: ScriptLimits.negativeBytes, notEmpty: nil)
    }
}

extension StorySettings.Weighting {
    fileprivate static let keys = [
        "prompt", "alignment", "smoothness", "prior", "temperature", "preview", "every", "mask",
    ]

    fileprivate init(_ part: MappingReader) throws(ScriptError) {
        prompt = try part.choice("prompt")
        alignment = try part.number("alignment", in: ScriptLimits.weight)
        smoothness = try part.number("smoothness", in: ScriptLimits.weight)
        prior = try part.number("prior", in: ScriptLimits.weight)
        temperature = try part.number("temperature", in: ScriptLimits.temperature)
        preview = try part.choice("preview")
        every = try part.integer("every", in: ScriptLimits.every)
        mask = try part.choice("mask")
    }
}

extension StorySettings.Blending {
    fileprivate static let keys = ["gamma", "decay", "handoff", "space", "strength", "until"]

    fileprivate init(_ part: MappingReader) throws(ScriptError) {
        gamma = try part.number("gamma", in: ScriptLimits.gamma)
        decay = try part.number("decay", in: ScriptLimits.decay)
        handoff = try part.choice("handoff")
        space = try part.choice("space")
        strength = try part.choice("strength")
        until = try part.number("until", in: ScriptLimits.sigma)
    }
}

extension StorySettings.SemanticAction {
    fileprivate static let keys = ["pairing", "gate"]

    fileprivate init(_ part: MappingReader) throws(ScriptError) {
        pairing = try part.choice("pairing")
        gate = try part.choice("gate")
    }
}
