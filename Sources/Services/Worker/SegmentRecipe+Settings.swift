import Mochi
public import Script
public import Storytelling

extension SegmentRecipe {
    /// A story's settings as the method takes them.
    public init(_ settings: ResolvedSettings) {
        let (sampling, weighting) = (settings.sampling, settings.weighting)
        let schedule = NoiseSchedule(steps: sampling.steps)
        // One for every step, as resolved settings are checked.
        let guidance = sampling.guidance.values(steps: sampling.steps) ?? []
        let prompting: Prompting =
            switch weighting.prompt {
            case .scene: .sceneOnly
            case .action: .actionOnly
            case .joined: .joined
            case .both:
                .weighted(
                    PromptWeighting(
                        alignment: weighting.alignment, smoothness: weighting.smoothness, prior: weighting.prior,
                        temperature: weighting.temperature),
                    preview: Storytelling.PreviewMode(weighting.preview), every: weighting.every,
                    mask: MixtureMask(weighting.mask))
            }
        self.init(
            flow: FlowMatchEuler(schedule, guidance: guidance), prompting: prompting,
            blending: settings.blending.settings.map(Blending.init),
            action: settings.semanticAction.settings.map(ActionRepresentation.init))
    }
}

extension Storytelling.PreviewMode {
    fileprivate init(_ mode: Script.PreviewMode) {
        switch mode {
        case .exact: self = .exact
        case .frame0: self = .frame0
        case .middle: self = .middle
        case .linear: self = .linear
        }
    }
}

extension MixtureMask {
    fileprivate init(_ mask: PromptMask) {
        switch mask {
        case .dominant: self = .dominant
        case .union: self = .union
        }
    }
}

extension Blending {
    fileprivate init(_ settings: ResolvedSettings.Blending) {
        let handoff: Handoff =
            switch settings.handoff {
            case .stream: .stream
            case .final: .final
            }
        let space: Space =
            switch settings.space {
            case .latent: .latent
            case .denoised: .denoised
            }
        let strength: Strength =
            switch settings.strength {
            case .step: .step
            case .path: .path
            case .once: .once
            }
        self.init(
            gamma: settings.gamma, decay: settings.decay, handoff: handoff, space: space, strength: strength,
            until: settings.until)
    }
}

extension ActionRepresentation {
    fileprivate init(_ settings: ResolvedSettings.SemanticAction) {
        let pairing: Pairing =
            switch settings.pairing {
            case .within: .within
            case .across: .across
            }
        let gate: Gate =
            switch settings.gate {
            case .none: .none
            case .scene: .scene
            }
        self.init(pairing: pairing, gate: gate)
    }
}
