public import Farm
public import Transport

/// How a node's agent is set up.
public struct NodeConfiguration: Sendable {
    /// The coordinator's control endpoint.
    public var coordinator: String
    /// The coordinator's CURVE key.
    public var serverKey: CurvePublicKey
    /// The agent's own; keys belong to pools, so its workers may share it.
    public var keys: CurveKeyPair
    /// The name of its machine: its workers give the same.
    public var node: String
    /// What workers may run on; at least one.
    public var devices: [NodeDevice]
    /// The most workers at once.
    public var capacity: Int
    /// How many workers run until somebody wants another number.
    public var proposed: Int
    /// The worker's program, and what it is given.
    public var program: WorkerProgram
    /// How long a worker may take to end after it was asked to.
    public var grace = Duration.seconds(600)

    public init(
        coordinator: String, serverKey: CurvePublicKey, keys: CurveKeyPair, node: String, devices: [NodeDevice],
        capacity: Int, proposed: Int, program: WorkerProgram
    ) {
        (self.coordinator, self.serverKey, self.keys) = (coordinator, serverKey, keys)
        (self.node, self.devices, self.capacity) = (node, devices, capacity)
        (self.proposed, self.program) = (proposed, program)
    }
}

/// What a worker may be started on.
public struct NodeDevice: Hashable, Sendable {
    public var device: WorkerDevice
    /// Whether a worker is to see this device alone, as `cuda:0`.
    public var isGPU: Bool

    public init(device: WorkerDevice, isGPU: Bool) { (self.device, self.isGPU) = (device, isGPU) }

    /// The machine's processors and memory.
    public static func cpu(of node: String, memoryBytes: Int) -> NodeDevice {
        NodeDevice(device: WorkerDevice(uuid: "cpu:\(node)", memoryBytes: memoryBytes, kind: kind("cpu")), isGPU: false)
    }

    /// What only a worker finds out stays unsaid.
    static func kind(_ accelerator: String) -> DeviceKind {
        DeviceKind(
            accelerator: accelerator, cpuLevel: "-", libtorch: "-", precision: "-", threads: 1, attention: "-")
    }
}

/// What is started for each worker; told to end by SIGTERM, which it must listen for as `storyfarm-worker` does: it is
/// ignored in the agent, and so in what the agent starts.
public struct WorkerProgram: Hashable, Sendable {
    /// An executable.
    public var path: String
    public var arguments: [String]
    /// What only a worker with a GPU is given besides.
    public var gpuArguments: [String]
    /// What the agent's own environment has for itself alone.
    public var withheldVariables: [String]

    public init(path: String, arguments: [String], gpuArguments: [String] = [], withheldVariables: [String] = []) {
        (self.path, self.arguments, self.gpuArguments) = (path, arguments, gpuArguments)
        self.withheldVariables = withheldVariables
    }
}

/// Why an agent ended.
public enum NodeEnding: Hashable, Sendable {
    /// It was asked to, and its workers have ended.
    case stopped
    /// The coordinator does not want it, and says why.
    case refused(String)
    /// Its workers end over wrong input, each time; the last line of one.
    case hopeless(String)
    /// Whoever listens there closes every connection before the handshake: another server, or ours with another key.
    case unwelcome
}

public enum NodeBuild {
    public static let name = "StoryFarm 1"
}
