/// What is to be done once the changes are durable.
public enum FarmAction: Hashable, Sendable {
    /// Hands a segment to a worker.
    case grant(WorkerID, Grant)
    /// Asks a lease back at the next step boundary, with a checkpoint or without.
    case recall(WorkerID, AttemptID, RecallReason, savesCheckpoint: Bool)
    case answer(WorkerID, AttemptID, FarmReport, ReportOutcome)
    /// Asks a worker to stop.
    case drain(WorkerID)
    /// Tells a node's agent how many workers to run.
    case want(node: String, NodeWant)
    /// Answers a node's report: what it brought is taken.
    case answerNode(String, number: UInt64)
    /// Has a worker whose device is set aside render a segment's latents again, for their digest.
    case probe(WorkerID, number: UInt64, SegmentID)
    /// Closes what connection a lost worker has: if it lives it will come back and introduce itself.
    case hangUp(WorkerID)
    /// From now on only this attempt may write its stream; nil for nobody.
    case admit(SegmentID, AttemptID?)
    /// A stream has a new generation; readers that are past its first step must stop.
    case open(StreamID, from: Int)
    /// A segment's file is needed no longer, unless ``FarmMachine/keeps(_:_:)`` says otherwise by now.
    case drop(SegmentID, Artifact)
    /// The MP4's first segments can be joined.
    case assemble(StoryID, revision: Int, segments: Int)
    /// The boundaries of a story are needed no longer.
    case prune(StoryID)
    /// Nothing of a story is needed any longer.
    case forget(StoryID)
    /// A person should know.
    case notice(FarmNotice)
}

/// A segment, and what it needs to begin or to go on.
public struct Grant: Hashable, Sendable {
    public let attempt: AttemptID
    public let phase: LeasePhase
    /// Of the predecessor, whose boundaries are read; nil for none.
    public let source: StreamID?
    /// Where denoising goes on; nil for the beginning.
    public let checkpoint: SegmentRecord.Checkpoint?
    /// What is delivered.
    public let latents: Artifact?

    public init(
        attempt: AttemptID, phase: LeasePhase, source: StreamID?, checkpoint: SegmentRecord.Checkpoint?,
        latents: Artifact?
    ) {
        (self.attempt, self.phase, self.source) = (attempt, phase, source)
        (self.checkpoint, self.latents) = (checkpoint, latents)
    }
}

/// Which of a worker's reports is answered.
public enum FarmReport: Int32, Hashable, Sendable, CaseIterable {
    case checkpoint = 1
    case denoised, delivered, failed, release
}

/// What is counted and logged because a person may ask for it.
public enum FarmNotice: Hashable, Sendable {
    case workerLost(WorkerID)
    case fenced(AttemptID, FarmReport)
    case mismatched(SegmentID)
    case generationOpened(StreamID, from: Int)
    case recordConflict(StreamID, step: Int)
    /// Of each attempt; whether the segment is tried again says ``segmentFailed(_:_:)``.
    case attemptFailed(AttemptID, WorkerID, Failure)
    case segmentFailed(SegmentID, Failure)
    case segmentHeld(SegmentID)
    case deviceSetAside(String)
    case probeFailed(String)
    case deviceReadmitted(String)
    case recalled(AttemptID, RecallReason)
    case hung(SegmentID)
    /// Its worker goes on and does not know of it.
    case leaseUnknown(SegmentID)
    /// A worker came back within its time, or told a restarted coordinator what it holds.
    case attemptKept(SegmentID)
    /// Its agent was silent for too long, or said goodbye.
    case nodeLost(String)
    /// A worker's process ended, and not because it was asked to; which worker, where it had joined: that one is lost,
    /// too.
    case workerExited(node: String, WorkerExit, WorkerID?)
}
