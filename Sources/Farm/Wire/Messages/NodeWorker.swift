import CWire
public import Farm

extension Message {
    /// One worker process on a node.
    public struct NodeWorker: Equatable, Sendable {
        /// The id that its ``Hello`` names.
        public var process: Int
        /// The UUID of its device.
        public var device: String
        /// For people.
        public var state: Open<NodeWorkerState>

        /// Limits are checked when the message is encoded.
        public init(process: Int, device: String, state: Open<NodeWorkerState>) {
            self.process = process
            self.device = device
            self.state = state
        }
    }
}

extension Message.NodeWorker: WireBody {
    init(reading form: Storyfarm__V1__NodeWorker, _ field: FieldReader) throws(WireError) {
        self.init(
            process: try field.integer(form.process, "process"),
            device: field.text(form.device),
            state: try field.code(form.state, "state"))
    }

    func write(to form: inout Storyfarm__V1__NodeWorker, _ put: FieldWriter) throws(WireError) {
        form.process = try put.integer(process, "process")
        form.device = put.text(device)
        form.state = put.code(state)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(process, "process", 1...Int(UInt32.max))
        try field.text(device, "device", atMost: WireLimits.nameBytes)
        try field.code(state, "state")
    }
}

extension Message {
    /// What the agent does with a worker process.
    public enum NodeWorkerState: Int32, CaseIterable, Sendable {
        /// Started; has not said ``Hello`` yet, as far as the agent knows.
        case starting = 1
        /// Left alone.
        case running
        /// Told to end.
        case stopping
    }
}

extension Message {
    /// A worker process that ended. While its node lives, this is what tells a crash from a lost node.
    public struct WorkerExit: Equatable, Sendable {
        /// The id that its ``Hello`` named.
        public var process: Int
        /// The UUID of its device.
        public var device: String
        /// How it ended.
        public var cause: ExitCause
        /// Exit status or signal number.
        public var code: Int
        /// The last it wrote.
        public var detail: Detail

        /// Limits are checked when the message is encoded.
        public init(process: Int, device: String, cause: ExitCause, code: Int, detail: Detail) {
            self.process = process
            self.device = device
            self.cause = cause
            self.code = code
            self.detail = detail
        }
    }
}

extension Message.WorkerExit: WireBody {
    init(reading form: Storyfarm__V1__WorkerExit, _ field: FieldReader) throws(WireError) {
        self.init(
            process: try field.integer(form.process, "process"),
            device: field.text(form.device),
            cause: try field.code(form.cause, "cause"),
            code: try field.integer(form.code, "code"),
            detail: try field.detail(form.detail, "detail"))
    }

    func write(to form: inout Storyfarm__V1__WorkerExit, _ put: FieldWriter) throws(WireError) {
        form.process = try put.integer(process, "process")
        form.device = put.text(device)
        form.cause = put.code(cause)
        form.code = try put.integer(code, "code")
        form.detail = put.text(detail.text)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(process, "process", 1...Int(UInt32.max))
        try field.text(device, "device", atMost: WireLimits.nameBytes)
        try field.range(code, "code", 0...Int(UInt32.max))
    }
}

/// Closed, because it decides whether a segment is blamed.
extension ExitCause: WireCode {}
