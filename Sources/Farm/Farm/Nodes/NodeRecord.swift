/// What is remembered of a node for as long as it is known, also over a restart of the coordinator.
public struct NodeRecord: Hashable, Sendable {
    /// Whose name it is: the hash of its agent's secret.
    public internal(set) var agent: WorkerID
    /// Workers that it shall run.
    public internal(set) var wanted: Int
    /// The most that it can run, as its agent said last.
    public internal(set) var capacity: Int
    /// Rises with every change of ``wanted``.
    public internal(set) var revision: UInt64

    public init(agent: WorkerID, wanted: Int, capacity: Int, revision: UInt64) {
        (self.agent, self.wanted, self.capacity, self.revision) = (agent, wanted, capacity, revision)
    }

    /// What its agent is told: a node that has become smaller runs what it can, and more again when it has grown.
    public var attainable: Int { min(wanted, capacity) }
}

/// A node as its agent introduces it.
public struct NodeDescription: Hashable, Sendable {
    public let build: String
    public let devices: [WorkerDevice]
    /// The most workers that it can run.
    public let capacity: Int
    /// Of the host.
    public let memoryBytes: Int
    /// How many workers it runs until somebody wants another number.
    public let proposed: Int

    public init(build: String, devices: [WorkerDevice], capacity: Int, memoryBytes: Int, proposed: Int) {
        (self.build, self.devices, self.capacity) = (build, devices, capacity)
        (self.memoryBytes, self.proposed) = (memoryBytes, proposed)
    }
}

/// What an agent says of its node, over and over.
public struct NodeStatus: Hashable, Sendable {
    /// Of the ``NodeWant`` that it follows; 0 before the first.
    public var revision: UInt64
    public var workers: [NodeProcess]
    /// Repeated until a report that had them is answered.
    public var exits: [WorkerExit]
    /// Of the host.
    public var freeMemoryBytes: Int
    /// Where workers write.
    public var freeDiskBytes: Int

    public init(
        revision: UInt64, workers: [NodeProcess], exits: [WorkerExit] = [], freeMemoryBytes: Int = 0,
        freeDiskBytes: Int = 0
    ) {
        (self.revision, self.workers, self.exits) = (revision, workers, exits)
        (self.freeMemoryBytes, self.freeDiskBytes) = (freeMemoryBytes, freeDiskBytes)
    }
}

/// A worker's process on its node.
public struct NodeProcess: Hashable, Sendable {
    public enum Stage: Hashable, Sendable {
        /// For as long as it has not lived for ``NodeMachine/healthyTime``.
        case starting
        case running
        /// Told to end.
        case stopping
    }

    public let process: Int
    /// The UUID of its device.
    public let device: String
    public let stage: Stage

    public init(process: Int, device: String, stage: Stage) {
        (self.process, self.device, self.stage) = (process, device, stage)
    }
}

/// How many workers a node shall run.
public struct NodeWant: Hashable, Sendable {
    public let revision: UInt64
    public let workers: Int
    /// Processes to stop first where there are more: those that can best be spared, in this order.
    public let spares: [Int]

    public init(revision: UInt64, workers: Int, spares: [Int] = []) {
        (self.revision, self.workers, self.spares) = (revision, workers, spares)
    }
}

/// What is known of a node's agent.
public struct NodePresence: Hashable, Sendable {
    public internal(set) var isConnected = false
    /// Nil after a restart of the coordinator, until the agent is back.
    public internal(set) var description: NodeDescription?
    /// What it said last.
    public internal(set) var status: NodeStatus?
    /// The last ``FarmLimits/exitsPerNode``, the newest last.
    public internal(set) var exits: [WorkerExit] = []
    /// Since when its name is free; nil while it is not.
    public internal(set) var lost: Moment?
    var heard: Moment

    init(heard: Moment) { self.heard = heard }
}
