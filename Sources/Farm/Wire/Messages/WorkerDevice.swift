import CWire
import Farm

extension WorkerDevice: WireBody {
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
