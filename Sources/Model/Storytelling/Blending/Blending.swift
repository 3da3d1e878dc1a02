import Foundation
public import Mochi

/// How neighbouring segments are blended.
public struct Blending: Equatable, Sendable {
    /// Which boundary is read, and when.
    public enum Handoff: String, Sendable, CaseIterable {
        /// The predecessor's at the same step: segments denoise at the same time.
        case stream
        /// The predecessor's finished latents: segments denoise one after the other.
        case final
    }

    /// What is blended.
    public enum Space: String, Sendable, CaseIterable {
        /// Latents, as in the paper.
        case latent
        /// The estimates of the finished latents: the noise stays what the model is told.
        case denoised
    }

    /// How much at which step.
    public enum Strength: String, Sendable, CaseIterable {
        /// g at every step, as in the paper.
        case step
        /// Spread over the steps by the noise that they remove; all together g, whatever the number of steps.
        case path
        /// g once, entering the first step that blends.
        case once
    }

    /// γ, 0…0.5; below 0.5 for `path`.
    public var gamma: Double
    /// Of the weights in a boundary's mean.
    public var decay: Double
    public var handoff: Handoff
    public var space: Space
    public var strength: Strength
    /// No blends below this noise level.
    public var until: Double

    public init(
        gamma: Double = 0.2, decay: Double = 0.9, handoff: Handoff = .stream, space: Space = .denoised,
        strength: Strength = .step, until: Double = 0
    ) {
        (self.gamma, self.decay, self.until) = (gamma, decay, until)
        (self.handoff, self.space, self.strength) = (handoff, space, strength)
    }

    /// The first step that blends: an estimate exists only after one step.
    private var firstStep: Int { space == .latent ? 0 : 1 }

    /// The strength on entering each step, 0 where nothing is blended.
    ///
    /// - Parameter g: of the whole path: γ, or what the action's representation made of it; 0…0.5.
    public func strengths(_ g: Double, schedule: NoiseSchedule) -> [Double] {
        let sigmas = schedule.sigmas
        return (0..<schedule.steps).map { step in
            guard step >= firstStep, sigmas[step] >= until else { return 0 }
            // Finished latents have no noise: in latent space they can only be blended where all is noise.
            if handoff == .final, space == .latent { return step == 0 ? g : 0 }
            switch strength {
            case .step: return g
            case .once: return step == firstStep ? g : 0
            case .path:
                guard step > 0 else { return 0 }
                let share = (sigmas[step - 1] - sigmas[step]) / (1 - sigmas[schedule.steps - 1])
                return (1 - pow(1 - 2 * g, share)) / 2
            }
        }
    }

    /// The predecessor's step whose boundary is read on entering a step; nil where nothing is blended.
    public func source(at step: Int, of steps: Int, strengths: [Double]) -> Int? {
        guard strengths[step] > 0 else { return nil }
        return handoff == .final ? steps : step
    }
}
