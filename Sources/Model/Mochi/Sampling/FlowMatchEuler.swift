public import Torch

/// One run of the sampler between two steps: everything that the next step needs.
public struct SamplerState: Sendable {
    /// `[1, C, T, h, w]`, fp32, on entering `step`.
    public var latents: Tensor
    /// The step that comes next, 0…S; S when the latents are finished.
    public var step: Int

    public init(latents: Tensor, step: Int = 0) {
        self.latents = latents
        self.step = step
    }
}

/// Euler steps along the predicted velocity, in fp32 whatever the network computes in: half of the steps move a latent
/// by about 0.001, less than bf16 can show near 1.
///
/// The velocity points from noise to image: `v = z0 - eps`. Reference: genmo/mochi `pipelines.py`, `sample_model`.
public struct FlowMatchEuler: Equatable, Sendable {
    public let schedule: NoiseSchedule
    /// Classifier-free guidance per step; one at most 1 needs no unconditional velocity.
    public let guidance: [Double]

    /// - Precondition: `guidance` has one entry, or one per step.
    public init(_ schedule: NoiseSchedule, guidance: [Double]) {
        precondition(guidance.count == 1 || guidance.count == schedule.steps, "\(guidance.count) guidances")
        self.schedule = schedule
        self.guidance = guidance.count == 1 ? Array(repeating: guidance[0], count: schedule.steps) : guidance
    }

    /// Whether a step needs the velocity without the prompt.
    public func needsUnconditional(at step: Int) -> Bool { guidance[step] > 1 }

    /// `v = v_u + w (v_c - v_u)`; the conditional one alone where no other is given.
    public func guided(_ conditional: Tensor, _ unconditional: Tensor?, at step: Int) throws(TorchError) -> Tensor {
        guard let unconditional else { return conditional }
        return try unconditional.adding(conditional - unconditional, scaledBy: guidance[step])
    }

    /// The image that the velocity promises: `z + sigma v`.
    public func estimate(_ state: SamplerState, velocity: Tensor) throws(TorchError) -> Tensor {
        try state.latents.adding(velocity, scaledBy: schedule.sigmas[state.step])
    }

    /// `z + (sigma_k - sigma_(k+1)) v`, on entering the next step.
    ///
    /// - Precondition: latents and velocity are fp32 and the state is not at the end.
    public func advanced(_ state: SamplerState, velocity: Tensor) throws(TorchError) -> SamplerState {
        precondition(
            state.latents.dtype == Precision.latents.dtype(weights: .bfloat16)
                && velocity.dtype == Precision.velocity.dtype(weights: .bfloat16), "latents and velocity stay fp32")
        let (now, next) = (schedule.sigmas[state.step], schedule.sigmas[state.step + 1])
        return SamplerState(
            latents: try state.latents.adding(velocity, scaledBy: now - next), step: state.step + 1)
    }
}
