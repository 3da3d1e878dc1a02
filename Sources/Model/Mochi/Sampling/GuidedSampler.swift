public import Torch

/// Denoises with one prompt, a step at a time; between two steps it can be stopped, stored and continued.
public struct GuidedSampler<Model: Backbone>: Sendable {
    public let model: Model
    public let flow: FlowMatchEuler
    private let prompt: EncodedPrompt
    private let unconditional: EncodedPrompt

    /// - Parameter unconditional: the condition that guidance leads away from.
    public init(_ model: Model, flow: FlowMatchEuler, prompt: EncodedPrompt, unconditional: EncodedPrompt) {
        self.model = model
        self.flow = flow
        self.prompt = prompt
        self.unconditional = unconditional
    }

    /// A step's velocity and how long its parts took.
    public struct Evaluation: Sendable {
        /// `[1, C, T, h, w]`, fp32, of both branches together.
        public let velocity: Tensor
        public let conditionalTime: Duration
        /// Zero where the guidance needs no such branch.
        public let unconditionalTime: Duration
    }

    /// The guided velocity on entering a step.
    ///
    /// - Throws: `MochiError.notFinite` naming the step, else `MochiError.torch`.
    public func evaluate(_ state: SamplerState) throws(MochiError) -> Evaluation {
        let evaluation: Evaluation
        let isFinite: Bool
        do throws(TorchError) {
            evaluation = try evaluateUnchecked(state)
            isFinite = try evaluation.velocity.isFinite()
        } catch {
            throw .torch(error)
        }
        guard isFinite else { throw .notFinite(NotFinite("the velocity", step: state.step)) }
        return evaluation
    }

    private func evaluateUnchecked(_ state: SamplerState) throws(TorchError) -> Evaluation {
        let sigma = flow.schedule.sigmas[state.step]
        let clock = ContinuousClock()
        let start = clock.now
        let conditional = try velocity(state, prompt, sigma)
        let middle = clock.now
        let other = flow.needsUnconditional(at: state.step) ? try velocity(state, unconditional, sigma) : nil
        let end = clock.now
        return Evaluation(
            velocity: try flow.guided(conditional, other, at: state.step), conditionalTime: middle - start,
            unconditionalTime: other == nil ? .zero : end - middle)
    }

    /// Waited for, so that times are those of the device and not of the queue in front of it.
    private func velocity(
        _ state: SamplerState, _ prompt: EncodedPrompt, _ sigma: Double
    ) throws(TorchError) -> Tensor {
        let velocity = try model.velocity(state.latents, prompt: prompt, sigma: sigma)
        try model.device.synchronize()
        return velocity
    }
}
