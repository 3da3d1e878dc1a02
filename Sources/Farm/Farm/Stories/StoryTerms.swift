/// What the farm needs to know of a story to schedule it; prompts and settings are nothing to it.
public struct StoryTerms: Hashable, Sendable {
    /// Which boundaries a segment reads of the one before it.
    public enum Handoff: Hashable, Sendable {
        /// None: segments have nothing to do with each other.
        case none
        /// Of the step that it enters itself.
        case stream
        /// Of the finished latents.
        case final
    }

    /// Whose share of the farm it uses.
    public let submitter: Submitter
    /// The larger goes first.
    public let priority: Int
    /// N.
    public let segmentCount: Int
    /// S.
    public let steps: Int
    public let handoff: Handoff
    /// The first step that blends: 0 in latent space, 1 in denoised space.
    public let firstBlend: Int
    /// The model's name.
    public let model: String
    /// What a segment is expected to hold a worker for.
    public let segmentTime: Duration
    /// Whether workers that only pretend to denoise may render it.
    public let allowsSimulation: Bool

    public init(
        submitter: Submitter, priority: Int = 0, segmentCount: Int, steps: Int, handoff: Handoff, firstBlend: Int,
        model: String, segmentTime: Duration, allowsSimulation: Bool = false
    ) {
        self.submitter = submitter
        self.priority = priority
        self.segmentCount = segmentCount
        self.steps = steps
        self.handoff = handoff
        self.firstBlend = firstBlend
        self.model = model
        self.segmentTime = segmentTime
        self.allowsSimulation = allowsSimulation
    }

    /// The predecessor's record that a segment must have on entering `step`; nil for none.
    ///
    /// In denoised space the finished latents are blended with at every step, so whoever goes on from a checkpoint
    /// needs their record again; it was consumed once all the same, see ``read(before:)``.
    public func source(at step: Int) -> Int? {
        switch handoff {
        case .none: nil
        case .stream: step
        case .final: step == firstBlend || (firstBlend > 0 && step > firstBlend) ? steps : nil
        }
    }

    /// The predecessor's records that a segment has read when it enters `step`, before it reads for that one.
    public func read(before step: Int) -> Range<Int> {
        switch handoff {
        case .none: 0..<0
        case .stream: 0..<step
        case .final: step > firstBlend ? steps..<(steps + 1) : 0..<0
        }
    }

    /// The last step that a segment may have entered for its state there not to depend on a record of its predecessor.
    func lastStep(withoutReading record: Int) -> Int { handoff == .final ? firstBlend : record }

    /// How many records a segment's stream has when it is complete.
    public var recordCount: Int { handoff == .none ? 0 : steps + 1 }
}

/// Whoever submits: a token's subject, or on loopback a user of the operating system.
public struct Submitter: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static func < (a: Submitter, b: Submitter) -> Bool { a.rawValue < b.rawValue }
}
