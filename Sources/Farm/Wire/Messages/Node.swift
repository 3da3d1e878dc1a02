import CWire
public import Farm

extension Message {
    /// A node's agent introduces itself. Answered by ``Welcome`` or ``Refused``.
    public struct NodeHello: Equatable, Sendable {
        /// Its hash is the agent's id.
        public var secret: Secret
        /// The node, by the name its agent uses.
        public var node: String
        /// The agent's own version and build.
        public var build: String
        /// What workers may run on.
        public var devices: [WorkerDevice]
        /// The most workers that the node can run.
        public var capacity: Int
        /// Of the host.
        public var memoryBytes: Int
        /// How many workers it runs until somebody wants another number.
        public var proposed: Int

        /// Limits are checked when the message is encoded.
        public init(
            secret: Secret, node: String, build: String, devices: [WorkerDevice], capacity: Int, memoryBytes: Int,
            proposed: Int
        ) {
            self.secret = secret
            self.node = node
            self.build = build
            self.devices = devices
            self.capacity = capacity
            self.memoryBytes = memoryBytes
            self.proposed = proposed
        }
    }
}

extension Message.NodeHello: WireBody {
    init(reading form: Storyfarm__V1__NodeHello, _ field: FieldReader) throws(WireError) {
        self.init(
            secret: try field.secret(form.secret, "secret"),
            node: field.text(form.node),
            build: field.text(form.build),
            devices: try field.list(form.devices, count: form.n_devices, "devices"),
            capacity: try field.integer(form.capacity, "capacity"),
            memoryBytes: try field.integer(form.memory_bytes, "memory_bytes"),
            proposed: try field.integer(form.proposed, "proposed"))
    }

    func write(to form: inout Storyfarm__V1__NodeHello, _ put: FieldWriter) throws(WireError) {
        form.secret = put.bytes(secret.bytes)
        form.node = put.text(node)
        form.build = put.text(build)
        (form.devices, form.n_devices) = try put.list(devices)
        form.capacity = try put.integer(capacity, "capacity")
        form.memory_bytes = try put.integer(memoryBytes, "memory_bytes")
        form.proposed = try put.integer(proposed, "proposed")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.text(node, "node", atMost: WireLimits.nameBytes)
        try field.text(build, "build", atMost: WireLimits.nameBytes)
        try field.count(devices.count, "devices", atMost: WireLimits.nodeWorkers)
        try field.range(capacity, "capacity", 0...WireLimits.nodeWorkers)
        try field.range(memoryBytes, "memory_bytes", 0...)
        try field.range(proposed, "proposed", 0...WireLimits.nodeWorkers)
    }
}

extension Message {
    /// How many workers a node shall run; the agent starts and stops them until it is so.
    public struct Want: Equatable, Sendable {
        /// Rises with every change; ``NodeReport`` repeats the one it follows.
        public var revision: UInt64
        /// 0 to empty the node.
        public var workers: Int
        /// Whom to stop first where there are more: those that can best be spared, in this order.
        public var spares: [Spare]

        /// Limits are checked when the message is encoded.
        public init(revision: UInt64, workers: Int, spares: [Spare]) {
            self.revision = revision
            self.workers = workers
            self.spares = spares
        }
    }

    /// A worker that can be spared.
    public struct Spare: Equatable, Sendable {
        /// As in ``NodeWorker``.
        public var process: Int

        /// Limits are checked when the message is encoded.
        public init(process: Int) {
            self.process = process
        }
    }
}

extension Message.Spare: WireBody {
    init(reading form: Storyfarm__V1__Spare, _ field: FieldReader) throws(WireError) {
        self.init(process: try field.integer(form.process, "process"))
    }

    func write(to form: inout Storyfarm__V1__Spare, _ put: FieldWriter) throws(WireError) {
        form.process = try put.integer(process, "process")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(process, "process", 1...Int(UInt32.max))
    }
}

extension Message.Want: WireBody {
    init(reading form: Storyfarm__V1__Want, _ field: FieldReader) throws(WireError) {
        self.init(
            revision: form.revision,
            workers: try field.integer(form.workers, "workers"),
            spares: try field.list(form.spares, count: form.n_spares, "spares"))
    }

    func write(to form: inout Storyfarm__V1__Want, _ put: FieldWriter) throws(WireError) {
        form.revision = revision
        form.workers = try put.integer(workers, "workers")
        (form.spares, form.n_spares) = try put.list(spares)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(workers, "workers", 0...WireLimits.nodeWorkers)
        try field.count(spares.count, "spares", atMost: WireLimits.nodeWorkers)
    }
}

extension Message {
    /// A node lives, and what runs on it. Answered by ``HeartbeatAnswer``.
    public struct NodeReport: Equatable, Sendable {
        /// Rises by one.
        public var number: UInt64
        /// The ``Want`` that it follows; 0 before the first.
        public var revision: UInt64
        /// Every worker process.
        public var workers: [NodeWorker]
        /// Processes that ended; repeated until the report is answered.
        public var exits: [WorkerExit]
        /// Of the host.
        public var freeMemoryBytes: Int
        /// Where workers write.
        public var freeDiskBytes: Int

        /// Limits are checked when the message is encoded.
        public init(
            number: UInt64, revision: UInt64, workers: [NodeWorker], exits: [WorkerExit], freeMemoryBytes: Int,
            freeDiskBytes: Int
        ) {
            self.number = number
            self.revision = revision
            self.workers = workers
            self.exits = exits
            self.freeMemoryBytes = freeMemoryBytes
            self.freeDiskBytes = freeDiskBytes
        }
    }
}

extension Message.NodeReport: WireBody {
    init(reading form: Storyfarm__V1__NodeReport, _ field: FieldReader) throws(WireError) {
        self.init(
            number: form.number,
            revision: form.revision,
            workers: try field.list(form.workers, count: form.n_workers, "workers"),
            exits: try field.list(form.exits, count: form.n_exits, "exits"),
            freeMemoryBytes: try field.integer(form.free_memory_bytes, "free_memory_bytes"),
            freeDiskBytes: try field.integer(form.free_disk_bytes, "free_disk_bytes"))
    }

    func write(to form: inout Storyfarm__V1__NodeReport, _ put: FieldWriter) throws(WireError) {
        form.number = number
        form.revision = revision
        (form.workers, form.n_workers) = try put.list(workers)
        (form.exits, form.n_exits) = try put.list(exits)
        form.free_memory_bytes = try put.integer(freeMemoryBytes, "free_memory_bytes")
        form.free_disk_bytes = try put.integer(freeDiskBytes, "free_disk_bytes")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.count(workers.count, "workers", atMost: WireLimits.nodeWorkers)
        try field.count(exits.count, "exits", atMost: WireLimits.nodeExits)
        try field.range(freeMemoryBytes, "free_memory_bytes", 0...)
        try field.range(freeDiskBytes, "free_disk_bytes", 0...)
    }
}
