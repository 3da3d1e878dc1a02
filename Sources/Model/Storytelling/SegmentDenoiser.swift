public import Mochi
public import Torch

/// Denoises one segment of a story, a step at a time: prompts weighted, frame 0 blended with the predecessor's
/// boundary.
///
/// Decides nothing about where boundaries come from or go to, and keeps nothing between two steps: a step is a function
/// of a state and, where it blends, of one boundary.
public struct SegmentDenoiser<Model: Backbone>: Sendable {
    public let model: Model
    public let recipe: SegmentRecipe
    /// g of each step.
    public let strengths: [Double]
    private let conditioning: SegmentConditioning
    private let unconditional: EncodedPrompt

    /// - Parameters:
    ///   - strength: of the blends with the predecessor: γ, or less; ignored without blending.
    public init(
        _ model: Model, recipe: SegmentRecipe, conditioning: SegmentConditioning, unconditional: EncodedPrompt,
        strength: Double
    ) {
        (self.model, self.recipe, self.conditioning) = (model, recipe, conditioning)
        self.unconditional = unconditional
        let schedule = recipe.flow.schedule
        strengths =
            recipe.blending?.strengths(strength, schedule: schedule) ?? Array(repeating: 0, count: schedule.steps)
    }

    private var schedule: NoiseSchedule { recipe.flow.schedule }

    /// The predecessor's step whose boundary this step needs; nil for none.
    public func source(at step: Int) -> Int? {
        recipe.blending?.source(at: step, of: schedule.steps, strengths: strengths)
    }

    /// What the successor may read of this segment at `state.step`, before its own blend.
    public func boundary(of state: SegmentState) throws(TorchError) -> Tensor {
        if let boundary = state.estimateBoundary, state.step < schedule.steps { return boundary }
        return try Boundary.made(of: state.sampler.latents, decay: recipe.blending?.decay ?? 0.9)
    }

    /// What a step did.
    public struct Report: Sendable {
        /// `[1, C, T, h, w]`: the finished latents as this step sees them.
        public let estimate: Tensor
        public let weighting: PromptWeighting.Outcome?
        public let strength: Double
        /// Standard deviation of latent frame 0 on entering the step, after the blend; nil where nothing was blended.
        public let frameZeroDeviation: Double?
        public let times: Times
    }

    /// How long a step's parts took.
    public struct Times: Sendable {
        public var blending = Duration.zero
        public var weighting = Duration.zero
        public var conditional = Duration.zero
        public var unconditional = Duration.zero
        public var preview = Duration.zero
    }

    /// Takes one step.
    ///
    /// - Parameter boundary: the predecessor's at `source(at: state.step)`, `[C, h, w]`; nil where that is nil or there
    ///   is no predecessor.
    public func advanced(
        _ state: SegmentState, boundary: Tensor?
    ) throws -> (state: SegmentState, report: Report) {
        precondition(state.step < schedule.steps, "the segment is finished")
        var times = Times()
        let clock = ContinuousClock()
        var mark = clock.now
        func lap(_ part: WritableKeyPath<Times, Duration>) {
            let now = clock.now
            times[keyPath: part] += now - mark
            mark = now
        }
        let blended = try blend(state, boundary)
        lap(\.blending)
        let (prompt, outcome) = try conditioning.prompt(
            at: state.step, of: schedule.steps, similarity: state.similarity, weights: state.weights)
        lap(\.weighting)
        let sampler = GuidedSampler(model, flow: recipe.flow, prompt: prompt, unconditional: unconditional)
        let evaluation = try sampler.evaluate(blended)
        (times.conditional, times.unconditional) = (evaluation.conditionalTime, evaluation.unconditionalTime)
        let estimate = try recipe.flow.estimate(blended, velocity: evaluation.velocity)
        var next = SegmentState(latents: blended.latents)
        next.sampler = try recipe.flow.advanced(blended, velocity: evaluation.velocity)
        next.weights = outcome?.weights
        mark = clock.now
        // The last estimate is shown to nobody: there is no step that it could steer.
        if next.step < schedule.steps {
            next.similarity = try conditioning.similarity(
                entering: next.step, estimate, by: model, last: state.similarity)
        }
        lap(\.preview)
        if let blending = recipe.blending, blending.space == .denoised {
            next.estimate = try estimate.firstFrame()
            next.estimateBoundary = try Boundary.made(of: estimate, decay: blending.decay)
        }
        lap(\.blending)
        let report = Report(
            estimate: estimate, weighting: outcome, strength: boundary == nil ? 0 : strengths[state.step],
            frameZeroDeviation: boundary == nil ? nil : try blended.latents.firstFrame().standardDeviation().item(),
            times: times)
        return (next, report)
    }

    private func blend(_ state: SegmentState, _ boundary: Tensor?) throws(TorchError) -> SamplerState {
        guard let boundary, let blending = recipe.blending, strengths[state.step] > 0 else { return state.sampler }
        var blended = state.sampler
        let strength = strengths[state.step]
        switch blending.space {
        case .latent:
            blended.latents = try Boundary.blended(blended.latents, with: boundary, strength: strength)
        case .denoised:
            guard let estimate = state.estimate else { preconditionFailure("no estimate of the step before") }
            blended.latents = try Boundary.blended(
                blended.latents, estimate: estimate, with: boundary, strength: strength,
                sigma: schedule.sigmas[state.step])
        }
        return blended
    }
}
