/// Everything that can happen to the farm.
public enum FarmEvent: Hashable, Sendable {
    // Of people.
    case submitted(StoryID, StoryTerms)
    /// What a story left open is settled, as its model's makers recommend; before its first lease only.
    case resolved(StoryID, StoryTerms)
    /// It can't be rendered as its model's makers recommend, for this reason.
    case rejected(StoryID, String)
    case paused(StoryID)
    case resumed(StoryID)
    case cancelled(StoryID)
    /// What failed or was cancelled begins again.
    case retried(StoryID)
    /// Segments from this one on have other prompts or noise; they and what follows are rendered again.
    case revised(StoryID, from: Int)
    case prioritized(StoryID, Int)
    /// Only what has ended; its files go.
    case deleted(StoryID)
    /// It has ended long enough ago: what it would go on with goes, what it came to stays.
    case pruned(StoryID)
    /// A person wants this worker to stop, or takes that back.
    case drained(WorkerID, Bool)
    /// A person wants a node to run so many workers.
    case scaled(node: String, to: Int)

    // Of workers.
    /// First, and after each reconnect; with what the process holds.
    case connected(WorkerID, WorkerDescription, [Held])
    case offered(WorkerID, [ModelOffer])
    /// Its connection closed.
    case disconnected(WorkerID)
    case heartbeat(WorkerID, [Held])
    /// The grant of an attempt was durable and has left, as far as there is a connection.
    case grantSent(WorkerID, AttemptID)
    /// A step of an attempt took so long, waits for boundaries not counted.
    case stepped(WorkerID, AttemptID, step: Int, Duration)
    /// The process is gone; true if it broke while its node lived on.
    case left(WorkerID, isCrash: Bool)
    /// It must stop soon.
    case leaving(WorkerID)

    // Of nodes' agents, by the names of their nodes.
    /// First, and after each reconnect; only whom ``FarmMachine/refusal(of:agent:)`` does not refuse. The agent's id is
    /// made of its secret, as a worker's.
    case nodeConnected(String, agent: WorkerID, NodeDescription)
    /// Its connection closed.
    case nodeDisconnected(String)
    /// It ends, and its workers have ended.
    case nodeLeft(String)
    case nodeReported(String, number: UInt64, NodeStatus)

    // Reports on attempts; what they name is durable.
    case checkpointed(WorkerID, AttemptID, step: Int, Artifact, Consumed)
    /// - matches: whether the digest of what was read is that of the records in the log.
    case denoised(WorkerID, AttemptID, Artifact, Consumed, matches: Bool)
    case delivered(WorkerID, AttemptID, Artifact)
    case failed(WorkerID, AttemptID, LeasePhase, Failure)
    case released(WorkerID, AttemptID, LeasePhase, ReleaseReason, step: Int)

    // Of boundary streams.
    /// Records `0..<head` of a stream are in the log.
    case reached(StreamID, head: Int)
    /// Other bytes came for a record than the log has.
    case conflicted(StreamID, step: Int)
    /// The log was damaged: only records `0..<head` of a stream are left.
    case lost(StreamID, head: Int)

    // Of the MP4.
    /// The first segments of a revision are in the file.
    case assembled(StoryID, revision: Int, segments: Int)
    /// For this reason the file can't be written for now.
    case unassembled(StoryID, revision: Int, String)

    /// A set-aside device has rendered what it was asked to; nil where it failed to.
    case probed(WorkerID, number: UInt64, Digest?)
    /// Nothing but time went by.
    case ticked
}
