/// A worker process as it introduces itself.
public struct WorkerDescription: Hashable, Sendable {
    public let node: String
    /// The process id on that node.
    public let process: Int
    /// The video encoder's build.
    public let encoder: String
    public let device: WorkerDevice
    /// Whether it only pretends to denoise.
    public let isSimulated: Bool

    public init(node: String, process: Int, encoder: String, device: WorkerDevice, isSimulated: Bool = false) {
        self.node = node
        self.process = process
        self.encoder = encoder
        self.device = device
        self.isSimulated = isSimulated
    }
}

/// What a worker computes on.
public struct WorkerDevice: Hashable, Sendable {
    /// The GPU's UUID; made of the node's name for a CPU.
    public var uuid: String
    public var memoryBytes: Int
    public var kind: DeviceKind

    public init(uuid: String, memoryBytes: Int, kind: DeviceKind) {
        self.uuid = uuid
        self.memoryBytes = memoryBytes
        self.kind = kind
    }
}

/// A model that a worker can render with.
public struct ModelOffer: Hashable, Sendable {
    public let name: String
    public let digest: Digest

    public init(name: String, digest: Digest) {
        self.name = name
        self.digest = digest
    }
}
