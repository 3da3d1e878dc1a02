/// A segment as the farm knows it.
public struct SegmentRecord: Hashable, Sendable {
    /// A state from which denoising can go on.
    public struct Checkpoint: Hashable, Sendable {
        /// The step that it enters.
        public let step: Int
        public let file: Artifact
        public let consumed: Consumed
        /// Of the device that wrote it.
        public let kind: DeviceKind

        public init(step: Int, file: Artifact, consumed: Consumed, kind: DeviceKind) {
            self.step = step
            self.file = file
            self.consumed = consumed
            self.kind = kind
        }
    }

    /// Finished latents, and what they were made from.
    public struct Latents: Hashable, Sendable {
        public let file: Artifact
        public let consumed: Consumed
        /// Under which they were made.
        public let lease: Lease

        public init(file: Artifact, consumed: Consumed, lease: Lease) {
            self.file = file
            self.consumed = consumed
            self.lease = lease
        }
    }

    /// The encoded segment.
    public struct Video: Hashable, Sendable {
        public let file: Artifact
        public let lease: Lease

        public init(file: Artifact, lease: Lease) {
            self.file = file
            self.lease = lease
        }
    }

    /// Who works on it.
    public struct Holding: Hashable, Sendable {
        public let lease: Lease
        public let worker: WorkerID
        public let phase: LeasePhase

        public init(lease: Lease, worker: WorkerID, phase: LeasePhase) {
            self.lease = lease
            self.worker = worker
            self.phase = phase
        }
    }

    public internal(set) var state: SegmentState
    /// The current lease; nil where nobody works on it.
    public internal(set) var holding: Holding?
    /// The generations of its own boundary stream, the current one last; a later span overrides what is above its first
    /// step.
    public internal(set) var generations: [GenerationSpan]
    /// The newest last; never more than ``FarmLimits/checkpointsKept``.
    public internal(set) var checkpoints: [Checkpoint]
    /// Durable, but not accepted while the predecessor is not denoised.
    public internal(set) var latents: Latents?
    public internal(set) var video: Video?
    /// Failures that count, since the last checkpoint that was accepted.
    public internal(set) var failures: Int
    /// Losses that nobody is to blame for, since then.
    public internal(set) var losses: Int
    /// Devices on which it failed, which are avoided while there are others.
    public internal(set) var failedOn: [String]
    /// The step at which a value was not finite, with the device.
    public internal(set) var notFinite: [NotFinite]
    /// Memory that a device must have more of than the one that ran out; 0 where none did.
    public internal(set) var memoryFloor: Int
    /// The kind of device that wrote its stream last.
    public internal(set) var writer: DeviceKind?
    /// Why it stands where it does, for people.
    public internal(set) var note: String?

    public struct NotFinite: Hashable, Sendable {
        public let step: Int
        public let device: String

        public init(step: Int, device: String) {
            self.step = step
            self.device = device
        }
    }

    /// Records of its stream that are in the log, `0..<head`; known again after a restart from the log itself.
    public internal(set) var head = 0
    /// It was recalled for waiting, and starts again only with some of its predecessor's records ahead of it.
    var wantsHeadStart = false

    public static let untouched = SegmentRecord()

    public init(
        state: SegmentState = .blocked, holding: Holding? = nil,
        generations: [GenerationSpan] = [GenerationSpan(generation: Generation(rawValue: 1), fromStep: 0)],
        checkpoints: [Checkpoint] = [], latents: Latents? = nil, video: Video? = nil, failures: Int = 0,
        losses: Int = 0, failedOn: [String] = [], notFinite: [NotFinite] = [], memoryFloor: Int = 0,
        writer: DeviceKind? = nil, note: String? = nil
    ) {
        self.state = state
        self.holding = holding
        self.generations = generations
        self.checkpoints = checkpoints
        self.latents = latents
        self.video = video
        self.failures = failures
        self.losses = losses
        self.failedOn = failedOn
        self.notFinite = notFinite
        self.memoryFloor = memoryFloor
        self.writer = writer
        self.note = note
    }

    /// Of its own stream, now.
    public var generation: Generation { generations[generations.count - 1].generation }

    /// Where denoising goes on; 0 without a checkpoint.
    public var resumeStep: Int { checkpoints.last?.step ?? 0 }

    /// Whether its finished latents are accepted.
    public var isDenoised: Bool {
        switch state {
        case .denoised, .delivering, .finished: true
        case .blocked, .ready, .denoising, .failed, .cancelled: false
        }
    }

    /// Whether nothing is done for it any more, but by a person's command.
    public var isClosed: Bool { state == .finished || state == .failed || state == .cancelled }

    /// Opens a generation of its stream at a step: records from there on are void.
    mutating func open(at step: Int) {
        let next = Generation(rawValue: generation.rawValue + 1)
        generations.open(next, from: step)
        head = min(head, step)
    }

    /// The generation that a record of its stream is of.
    func owner(of record: Int) -> Generation { generations.owner(of: record) ?? generation }

    /// What whoever read its records `range` must say to have read.
    public func spans(of range: Range<Int>) -> [GenerationSpan] {
        guard !range.isEmpty else { return [] }
        let first = GenerationSpan(generation: owner(of: range.lowerBound), fromStep: range.lowerBound)
        return [first] + generations.filter { range.contains($0.fromStep) && $0.fromStep > range.lowerBound }
    }
}
