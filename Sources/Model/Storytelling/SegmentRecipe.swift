public import Mochi

/// What a segment's result depends on besides model, prompts, noise and its predecessor.
public struct SegmentRecipe: Equatable, Sendable {
    /// How the prompts steer the model.
    public enum Prompting: Equatable, Sendable {
        /// Both, weighted anew at every step, by a preview that is looked at again after `every` steps.
        case weighted(PromptWeighting, preview: PreviewMode, every: Int, mask: MixtureMask)
        /// One of them alone.
        case sceneOnly, actionOnly
        /// One text made of both: scene + ". " + action.
        case joined
    }

    public var flow: FlowMatchEuler
    public var prompting: Prompting
    /// Nil: neighbours know nothing of each other.
    public var blending: Blending?
    /// Nil: every blend has the full strength.
    public var action: ActionRepresentation?

    public init(
        flow: FlowMatchEuler, prompting: Prompting = .joined, blending: Blending? = nil,
        action: ActionRepresentation? = nil
    ) {
        (self.flow, self.prompting, self.blending, self.action) = (flow, prompting, blending, action)
    }
}

/// What of the promised video is shown to CLIP at each step.
public enum PreviewMode: String, Sendable, CaseIterable {
    /// All frames, decoded in full.
    case exact
    /// The first frame, exact and a hundred times cheaper.
    case frame0
    /// The middle latent frame as a still, which knows nothing of the frames before it.
    case middle
    /// The first latent frame's channels as colours, without a network.
    case linear
}
