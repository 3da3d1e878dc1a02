/// A node in a list.
public struct NodeOverview: Codable, Hashable, Sendable {
    public var name: String
    /// connected or lost.
    public var state: String
    /// None where its agent has not been heard of since the coordinator was started.
    public var devices: [Device]
    /// The most workers that it can run.
    public var capacity: Int
    /// Workers that it shall run.
    public var wanted: Int
    /// Worker processes that it has, without those that were told to end.
    public var running: Int
    /// Of the host.
    public var freeMemoryBytes: Int
    /// Where workers write.
    public var freeDiskBytes: Int
    /// The agent's.
    public var build: String
    /// The last workers that ended, the newest first.
    public var exits: [Exit]

    public struct Device: Codable, Hashable, Sendable {
        /// The GPU's UUID, or a name made of the node's.
        public var uuid: String
        public var memoryBytes: Int

        public init(uuid: String, memoryBytes: Int) { (self.uuid, self.memoryBytes) = (uuid, memoryBytes) }
    }

    public struct Exit: Codable, Hashable, Sendable {
        public var process: Int
        public var device: String
        /// exited, signalled, outOfMemory or stopped.
        public var cause: String
        /// Exit status or signal number.
        public var code: Int
        /// The last that it wrote.
        public var detail: String

        public init(process: Int, device: String, cause: String, code: Int, detail: String) {
            (self.process, self.device, self.cause) = (process, device, cause)
            (self.code, self.detail) = (code, detail)
        }
    }

    public init(
        name: String, state: String, devices: [Device], capacity: Int, wanted: Int, running: Int,
        freeMemoryBytes: Int, freeDiskBytes: Int, build: String, exits: [Exit] = []
    ) {
        (self.name, self.state, self.devices, self.capacity) = (name, state, devices, capacity)
        (self.wanted, self.running, self.build, self.exits) = (wanted, running, build, exits)
        (self.freeMemoryBytes, self.freeDiskBytes) = (freeMemoryBytes, freeDiskBytes)
    }
}

public struct NodeList: Codable, Hashable, Sendable {
    public var nodes: [NodeOverview]

    public init(nodes: [NodeOverview]) { self.nodes = nodes }
}

/// How many workers a node, or each of them, shall run.
public struct ScaleRequest: Codable, Hashable, Sendable {
    public var workers: Int

    public init(workers: Int) { self.workers = workers }
}
