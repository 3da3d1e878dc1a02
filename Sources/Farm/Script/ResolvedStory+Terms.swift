public import Farm

extension ResolvedSettings {
    /// Which boundaries a segment reads of the one before it.
    public var handoff: StoryTerms.Handoff {
        switch blending {
        case .off: .none
        case .on(let blending): blending.handoff == .stream ? .stream : .final
        }
    }

    /// The first step that blends: before it there is no estimate of the finished latents.
    public var firstBlend: Int {
        switch blending {
        case .off: 0
        case .on(let blending): blending.space == .denoised ? 1 : 0
        }
    }
}

extension ResolvedStory {
    /// The seed of a segment's noise.
    ///
    /// - Parameter number: 1…N.
    public func noiseSeed(of number: Int) -> UInt64 { segments[number - 1].seed ?? settings.sampling.seed }

    /// What the farm's rules need to know of it.
    ///
    /// - Parameter segmentTime: that a segment is expected to hold a worker for.
    public func terms(
        submitter: Submitter, priority: Int, segmentTime: Duration, allowsSimulation: Bool
    ) -> StoryTerms {
        StoryTerms(
            submitter: submitter, priority: priority, segmentCount: segments.count, steps: settings.sampling.steps,
            handoff: settings.handoff, firstBlend: settings.firstBlend, model: model, segmentTime: segmentTime,
            allowsSimulation: allowsSimulation)
    }
}
