public import Farm
public import Script
public import Wire

/// A segment as its lease describes it.
public struct SegmentWork: Sendable {
    public let attempt: AttemptID
    public let recipe: Message.Recipe
    public let settings: ResolvedSettings
    /// The predecessor's prompts; nil for a story's first segment.
    public let previous: StorySegment?

    public var texts: StorySegment { StorySegment(scene: recipe.scene, action: recipe.action) }

    /// - Throws: `ScriptError` where the settings are of another version.
    public init(_ grant: Message.LeaseGrant) throws(ScriptError) {
        attempt = grant.attempt
        recipe = grant.recipe
        settings = try ResolvedSettings(json: grant.recipe.settings, file: "the lease's settings")
        if case .denoising(let job) = grant.job, let predecessor = job.predecessor {
            previous = StorySegment(scene: predecessor.scene, action: predecessor.action)
        } else {
            previous = nil
        }
    }
}

extension SegmentWork {
    /// What a device is probed with.
    ///
    /// - Throws: `ScriptError` where the settings are of another version.
    init(_ probe: Message.Probe) throws(ScriptError) {
        // Of no story, and never leased: only the number counts, for the noise.
        attempt = AttemptID(
            segment: SegmentID(story: StoryID(rawValue: 0), number: 1), lease: Lease(epoch: 0, number: probe.number),
            generation: Generation(rawValue: 1))
        recipe = probe.recipe
        settings = try ResolvedSettings(json: probe.recipe.settings, file: "the probe's settings")
        previous = nil
    }
}

extension Message.LeaseGrant {
    /// As the worker's machine takes it.
    func grant() -> Grant {
        switch job {
        case .denoising(let job):
            Grant(
                attempt: attempt, phase: .denoising, source: job.predecessor?.stream,
                checkpoint: job.resume.map {
                    .init(step: $0.step, file: $0.checkpoint, consumed: $0.consumed, kind: .unknown)
                }, latents: nil)
        case .delivering(let job):
            Grant(attempt: attempt, phase: .delivering, source: nil, checkpoint: nil, latents: job.latents)
        }
    }
}

extension DeviceKind {
    /// Nothing that a worker decides depends on who wrote a checkpoint: the coordinator has seen to that.
    fileprivate static let unknown = DeviceKind(
        accelerator: "", cpuLevel: "", libtorch: "", precision: "", threads: 1, attention: "")
}

extension SegmentWork {
    /// What the worker's machine must know of the story.
    var terms: StoryTerms {
        StoryTerms(
            submitter: Submitter(rawValue: ""), segmentCount: Int(attempt.segment.number),
            steps: settings.sampling.steps, handoff: settings.handoff, firstBlend: settings.firstBlend,
            model: recipe.model, segmentTime: .zero)
    }
}
