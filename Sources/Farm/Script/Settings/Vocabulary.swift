// The words of a script's settings; their raw values are what people write.

/// A part of the method that can be left out.
public enum Switched<Settings> {
    case off
    case on(Settings)

    /// Nil where it is off.
    public var settings: Settings? {
        switch self {
        case .off: nil
        case .on(let settings): settings
        }
    }
}

extension Switched: Equatable where Settings: Equatable {}
extension Switched: Sendable where Settings: Sendable {}

/// How far classifier-free guidance goes; at most 1 is none.
public enum Guidance: Equatable, Sendable {
    /// At every step.
    case constant(Double)
    /// One for each step.
    case perStep([Double])

    /// One for each of `steps`; nil where it is for another number of them.
    public func values(steps: Int) -> [Double]? {
        switch self {
        case .constant(let value): Array(repeating: value, count: steps)
        case .perStep(let values): values.count == steps ? values : nil
        }
    }
}

/// Which of a segment's prompts steer it.
public enum WeightedPrompts: String, CaseIterable, Sendable {
    /// Both, weighed anew at every step.
    case both
    case scene
    case action
    /// Scene, ". " and action as one prompt: what `weighting: off` means.
    case joined
}

/// What the prompts are compared with at a step.
public enum PreviewMode: String, CaseIterable, Sendable {
    /// All frames of a full decode.
    case exact
    /// The first frame.
    case frame0
    /// A latent frame from the middle, decoded as a still.
    case middle
    /// Colours by one matrix, without the autoencoder.
    case linear
}

/// Which positions of two weighed prompts the transformer attends to.
public enum PromptMask: String, CaseIterable, Sendable {
    /// Those of the prompt with the greater weight.
    case dominant
    /// Those of either.
    case union
}

/// Which boundary of its predecessor a segment blends with.
public enum HandOff: String, CaseIterable, Sendable {
    /// The one of the same step.
    case stream
    /// That of the finished latents.
    case final
}

/// What is blended.
public enum BlendSpace: String, CaseIterable, Sendable {
    /// What the latents would be without noise.
    case denoised
    /// The latents as they are.
    case latent
}

/// How the strength of blending is spread over the steps.
public enum BlendStrength: String, CaseIterable, Sendable {
    /// The whole strength at every step.
    case step
    /// So that the product over all steps is the strength of one.
    case path
    /// At step 0 alone.
    case once
}

/// Which prompts are compared to find how much a segment's action departs.
public enum ActionPairing: String, CaseIterable, Sendable {
    /// The segment's own two.
    case within
    /// The actions of the segment and its predecessor.
    case across
}

/// What else weakens blending.
public enum BlendGate: String, CaseIterable, Sendable {
    case none
    /// How little the scenes of the segment and its predecessor are alike.
    case scene
}
