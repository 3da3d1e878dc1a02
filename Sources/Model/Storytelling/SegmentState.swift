public import Mochi
public import Torch

/// A segment between two steps: with the recipe and the predecessor's boundaries, all that the remaining steps need.
public struct SegmentState: Sendable {
    /// Latents on entering the next step, before its blend.
    public var sampler: SamplerState
    /// The weights of the step before; nil at the first step and where nothing is weighted.
    public var weights: PromptPair<Double>?
    /// Of the prompts with the preview of the step before.
    public var similarity: PromptPair<Double>?
    /// Latent frame 0 of the estimate of the step before, `[C, h, w]`; only where estimates are blended.
    public var estimate: Tensor?
    /// The boundary of that estimate.
    public var estimateBoundary: Tensor?

    /// A run's start.
    public init(latents: Tensor) { sampler = SamplerState(latents: latents) }

    public init(
        sampler: SamplerState, weights: PromptPair<Double>?, similarity: PromptPair<Double>?, estimate: Tensor?,
        estimateBoundary: Tensor?
    ) {
        (self.sampler, self.weights, self.similarity) = (sampler, weights, similarity)
        (self.estimate, self.estimateBoundary) = (estimate, estimateBoundary)
    }

    /// The same state with all its tensors on `device`: a blend takes them together.
    public func moved(to device: Device) throws(TorchError) -> SegmentState {
        var moved = self
        moved.sampler.latents = try sampler.latents.moved(to: device)
        moved.estimate = try estimate?.moved(to: device)
        moved.estimateBoundary = try estimateBoundary?.moved(to: device)
        return moved
    }

    /// The step that comes next, 0…S.
    public var step: Int { sampler.step }
}
