import Ledger
public import Storage
public import Transport

/// How a coordinator is set up.
public struct CoordinatorConfiguration: Sendable {
    /// Everything durable lies below it: the ledger, boundary logs and finished files.
    public var folder: String
    /// A folder that workers see as well: what they deposit there stays there. Nil: everything lies in `folder`.
    public var shared: String?
    /// Where workers say Hello.
    public var controlEndpoint = "tcp://127.0.0.1:*"
    /// Where boundaries and files travel.
    public var dataEndpoint = "tcp://127.0.0.1:*"
    /// What workers are told of the data endpoint where it is not what was bound, as behind an address translation.
    public var advertisedDataEndpoint: String?
    /// The coordinator's own.
    public var keys: CurveKeyPair
    /// Whose keys may connect, with the names of their pools.
    public var admitted: [(key: CurvePublicKey, pool: String)]
    /// Steps between two checkpoints of a segment; 0 for none.
    public var checkpointEvery = 8
    /// Steps between two pictures of what a segment is going to be; 0 for none.
    public var previewEvery = 8
    /// Whether workers that only pretend to denoise are let in beside real ones.
    public var admitsSimulation = false
    /// Boundary logs that are kept open, each with a descriptor: more than segments are denoised at once.
    public var openLogsMax = 512
    /// What is kept of stories that have ended, and when no further ones are accepted.
    public var retention = RetentionPolicy()
    /// Of one submitter.
    public var quota = SubmitterQuota.usual

    /// Bytes of the disk that neither boundaries nor files may take: to make room is a decision as well, for which the
    /// ledger needs what its WAL may keep.
    package var ledgerBytes = LedgerLimits.journalBytes

    /// Is told of every agent that was refused its node, on the coordinator's thread: for whoever keeps an audit log.
    public var refusedNode: (@Sendable (RefusedNode) -> Void)?

    /// Until a film that could not be written is tried again.
    package var filmPause = Duration.seconds(10)

    /// Between two counts of all stories, however often somebody asks.
    package var censusPause = Duration.milliseconds(100)

    /// Without CURVE anybody may join: for benchmarks of this package alone, which want to know what CURVE costs.
    package var isPlain = false

    public init(folder: String, keys: CurveKeyPair, admitted: [(key: CurvePublicKey, pool: String)]) {
        (self.folder, self.keys, self.admitted) = (folder, keys, admitted)
    }

    /// The domain of the allow-list that workers are admitted to.
    static let domain = "workers"
}

/// An agent that may not speak for the node that it named.
public struct RefusedNode: Hashable, Sendable {
    /// As it said, which may be any text.
    public let node: String
    /// The public key that it brought; nil where connections are not encrypted.
    public let key: String?
    public let reason: String
}
