import CWire
public import Farm

extension Message {
    /// One GPU, or the CPU of a node.
    public struct Device: Equatable, Sendable {
        /// The GPU's UUID; for a CPU a name made of the node's. Failures are counted against it.
        public var uuid: String
        /// What a model may use.
        public var memoryBytes: Int
        /// What the bytes of a result depend on.
        public var kind: DeviceKind

        /// Limits are checked when the message is encoded.
        public init(uuid: String, memoryBytes: Int, kind: DeviceKind) {
            self.uuid = uuid
            self.memoryBytes = memoryBytes
            self.kind = kind
        }
    }
}

extension Message.Device: WireBody {
    init(reading form: Storyfarm__V1__Device, _ field: FieldReader) throws(WireError) {
        self.init(
            uuid: field.text(form.uuid),
            memoryBytes: try field.integer(form.memory_bytes, "memory_bytes"),
            kind: try field.body(form.kind, "kind"))
    }

    func write(to form: inout Storyfarm__V1__Device, _ put: FieldWriter) throws(WireError) {
        form.uuid = put.text(uuid)
        form.memory_bytes = try put.integer(memoryBytes, "memory_bytes")
        form.kind = try put.body(kind)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.text(uuid, "uuid", atMost: WireLimits.nameBytes)
        try field.range(memoryBytes, "memory_bytes", 0...)
    }
}
