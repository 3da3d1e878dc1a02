import CWire
public import Farm

extension Message {
    /// A worker introduces itself: first on its control connection, also after each reconnect.
    ///
    /// Answered by ``Welcome`` or ``Refused``.
    public struct Hello: Equatable, Sendable {
        /// Its hash is the worker's id; the same process keeps it for life.
        public var secret: Secret
        /// The node, by the name its agent uses.
        public var node: String
        /// The process id on that node; with the node it ties the worker to ``NodeReport``.
        public var process: Int
        /// The worker's own version and build.
        public var build: String
        /// The video encoder's build; a story is pinned to one.
        public var encoder: String
        /// What it computes on.
        public var device: WorkerDevice
        /// What still runs here, so that a restarted coordinator learns it again.
        public var held: [Held]
        /// Whether it only pretends to denoise.
        public var isSimulated: Bool

        /// Limits are checked when the message is encoded.
        public init(
            secret: Secret, node: String, process: Int, build: String, encoder: String, device: WorkerDevice,
            held: [Held], isSimulated: Bool = false
        ) {
            self.secret = secret
            self.node = node
            self.process = process
            self.build = build
            self.encoder = encoder
            self.device = device
            self.held = held
            self.isSimulated = isSimulated
        }
    }
}

extension Message.Hello: WireBody {
    init(reading form: Storyfarm__V1__Hello, _ field: FieldReader) throws(WireError) {
        self.init(
            secret: try field.secret(form.secret, "secret"),
            node: field.text(form.node),
            process: try field.integer(form.process, "process"),
            build: field.text(form.build),
            encoder: field.text(form.encoder),
            device: try field.body(form.device, "device"),
            held: try field.list(form.held, count: form.n_held, "held"),
            isSimulated: field.flag(form.simulated))
    }

    func write(to form: inout Storyfarm__V1__Hello, _ put: FieldWriter) throws(WireError) {
        form.secret = put.bytes(secret.bytes)
        form.node = put.text(node)
        form.process = try put.integer(process, "process")
        form.build = put.text(build)
        form.encoder = put.text(encoder)
        form.device = try put.body(device)
        (form.held, form.n_held) = try put.list(held)
        form.simulated = put.flag(isSimulated)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.text(node, "node", atMost: WireLimits.nameBytes)
        try field.range(process, "process", 1...Int(UInt32.max))
        try field.text(build, "build", atMost: WireLimits.nameBytes)
        try field.text(encoder, "encoder", atMost: WireLimits.nameBytes)
        try field.count(held.count, "held", atMost: WireLimits.heldLeases)
    }
}

extension Message {
    /// First on a data connection: ties it to the process that said ``Hello``.
    public struct Attach: Equatable, Sendable {
        /// The same as in ``Hello``.
        public var secret: Secret

        /// Limits are checked when the message is encoded.
        public init(secret: Secret) {
            self.secret = secret
        }
    }
}

extension Message.Attach: WireBody {
    init(reading form: Storyfarm__V1__Attach, _ field: FieldReader) throws(WireError) {
        self.init(
            secret: try field.secret(form.secret, "secret"))
    }

    func write(to form: inout Storyfarm__V1__Attach, _ put: FieldWriter) throws(WireError) {
        form.secret = put.bytes(secret.bytes)
    }

    func check(_ field: FieldCheck) throws(WireError) {}
}
