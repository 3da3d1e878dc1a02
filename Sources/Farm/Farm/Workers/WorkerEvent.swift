/// Everything that can happen to a worker.
public enum WorkerEvent: Hashable, Sendable {
    // Of its connection.
    /// The coordinator answered its introduction.
    case welcomed
    case disconnected
    /// A process manager or a person wants it to stop.
    case stopRequested

    // Of the coordinator.
    case granted(Grant, StoryTerms, checkpointEvery: Int)
    case recalled(AttemptID, RecallReason, savesCheckpoint: Bool)
    case answered(AttemptID, FarmReport, ReportOutcome)
    case drainRequested
    /// A record of its own stream is in the log.
    case stored(SegmentID, step: Int)
    /// The log lacks its records from this step on: a power loss took what it had.
    case wanted(SegmentID, from: Int)
    /// A record of the predecessor's stream; its bytes lie with the driver.
    case record(reader: AttemptID, StreamID, step: Int)
    /// What an attempt has read is void.
    case superseded(reader: AttemptID)

    // Of the engine.
    /// The model is loaded, prompts are encoded, the checkpoint is fetched.
    case prepared(AttemptID)
    /// The boundary of the step that is entered is there to be sent.
    case stepped(AttemptID, Duration)
    /// A checkpoint lies on the worker's own disk: what it is of may change.
    case written(AttemptID)
    /// A checkpoint lies on the coordinator's disk.
    case saved(AttemptID, step: Int, Artifact, Consumed)
    /// The finished latents lie on the coordinator's disk.
    case uploaded(AttemptID, Artifact, Consumed)
    /// A segment's video lies on the coordinator's disk.
    case delivered(AttemptID, Artifact)
    case failed(AttemptID, LeasePhase, Failure)

    case ticked
}

/// What a worker is to do.
public enum WorkerAction: Hashable, Sendable {
    // To the coordinator.
    case heartbeat([Held])
    /// Sends the boundary of a step. The first time, between entering and taking the step, the driver makes it and
    /// keeps it, whether or not it is connected.
    case publish(AttemptID, step: Int)
    case read(AttemptID, StreamID, from: Int, window: Int)
    case report(WorkerReport)
    /// - waited: for the predecessor's record, before the step could be taken.
    case say(stepped: AttemptID, step: Int, Duration, waited: Duration)

    // To the engine.
    case prepare(Grant)
    /// Takes a step, blended with the predecessor's record where one is named.
    case step(AttemptID, step: Int, record: Int?)
    /// Writes and uploads the state on entering a step.
    case save(AttemptID, step: Int)
    /// Uploads the finished latents.
    case upload(AttemptID)
    /// Decodes, encodes and uploads.
    case deliver(AttemptID, Artifact)
    /// Uploads the encoded segment once more.
    case uploadVideo(AttemptID)
    /// Stops whatever is done for an attempt and forgets it.
    case abandon(AttemptID)

    /// Leaves.
    case stop
}

/// How an attempt ended, repeated until it is answered.
public enum WorkerReport: Hashable, Sendable {
    case checkpoint(AttemptID, step: Int, Artifact, Consumed)
    case denoised(AttemptID, Artifact, Consumed)
    case delivered(AttemptID, Artifact)
    case failed(AttemptID, LeasePhase, Failure)
    case released(AttemptID, LeasePhase, ReleaseReason, step: Int)
}
