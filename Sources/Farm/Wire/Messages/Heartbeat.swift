import CWire
public import Farm

extension Message {
    /// A worker lives, and how far it is; sent every ``Welcome/heartbeatInterval``.
    public struct Heartbeat: Equatable, Sendable {
        /// Rises by one; ``HeartbeatAnswer`` repeats it.
        public var number: UInt64
        /// Steps finished by this process since it began.
        public var steps: UInt64
        /// Every lease that the worker believes to hold.
        public var held: [Held]
        /// Memory of its device that nobody has.
        public var freeBytes: Int
        /// Memory of its device that the worker holds.
        public var usedBytes: Int

        /// Limits are checked when the message is encoded.
        public init(number: UInt64, steps: UInt64, held: [Held], freeBytes: Int, usedBytes: Int = 0) {
            self.number = number
            self.steps = steps
            self.held = held
            self.freeBytes = freeBytes
            self.usedBytes = usedBytes
        }
    }
}

extension Message.Heartbeat: WireBody {
    init(reading form: Storyfarm__V1__Heartbeat, _ field: FieldReader) throws(WireError) {
        self.init(
            number: form.number,
            steps: form.steps,
            held: try field.list(form.held, count: form.n_held, "held"),
            freeBytes: try field.integer(form.free_bytes, "free_bytes"),
            usedBytes: try field.integer(form.used_bytes, "used_bytes"))
    }

    func write(to form: inout Storyfarm__V1__Heartbeat, _ put: FieldWriter) throws(WireError) {
        form.number = number
        form.steps = steps
        (form.held, form.n_held) = try put.list(held)
        form.free_bytes = try put.integer(freeBytes, "free_bytes")
        form.used_bytes = try put.integer(usedBytes, "used_bytes")
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.count(held.count, "held", atMost: WireLimits.heldLeases)
        try field.range(freeBytes, "free_bytes", 0...)
        try field.range(usedBytes, "used_bytes", 0...)
    }
}

extension Message {
    /// The coordinator lives; answers ``Heartbeat`` and ``NodeReport``.
    public struct HeartbeatAnswer: Equatable, Sendable {
        /// Of what is answered.
        public var number: UInt64
        /// Of the coordinator's present run.
        public var epoch: UInt64

        /// Limits are checked when the message is encoded.
        public init(number: UInt64, epoch: UInt64) {
            self.number = number
            self.epoch = epoch
        }
    }
}

extension Message.HeartbeatAnswer: WireBody {
    init(reading form: Storyfarm__V1__HeartbeatAnswer, _ field: FieldReader) throws(WireError) {
        self.init(
            number: form.number,
            epoch: form.epoch)
    }

    func write(to form: inout Storyfarm__V1__HeartbeatAnswer, _ put: FieldWriter) throws(WireError) {
        form.number = number
        form.epoch = epoch
    }

    func check(_ field: FieldCheck) throws(WireError) {}
}
