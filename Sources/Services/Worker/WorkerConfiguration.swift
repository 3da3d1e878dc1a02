public import Storage
public import Transport

/// How a worker process is set up.
public struct WorkerConfiguration: Sendable {
    /// The coordinator's control endpoint.
    public var coordinator: String
    /// The coordinator's CURVE key.
    public var serverKey: CurvePublicKey
    /// The worker's own; keys belong to pools, so several workers may share one.
    public var keys: CurveKeyPair
    /// The name of its machine.
    public var node: String
    /// For files on their way; what this process writes there, it removes.
    public var scratch: String
    /// A folder that the coordinator sees as well, for files that then need not travel; nil for none.
    public var shared: SharedFolder?

    public init(
        coordinator: String, serverKey: CurvePublicKey, keys: CurveKeyPair, node: String, scratch: String
    ) {
        (self.coordinator, self.serverKey, self.keys) = (coordinator, serverKey, keys)
        (self.node, self.scratch) = (node, scratch)
    }
}

/// Why a worker ended.
public enum WorkerEnding: Hashable, Sendable {
    /// It was asked to, and holds nothing any more.
    case drained
    /// The coordinator was not heard of for so long that nobody would know of its work.
    case forsaken(Approach.Stage)
    /// Whoever listens there closes every connection before the handshake: another server, or ours with another key.
    case unwelcome
    /// The coordinator does not want it, and says why.
    case refused(String)
}

public enum WorkerBuild {
    public static let name = "StoryFarm 1"
}
