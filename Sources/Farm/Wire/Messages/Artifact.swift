import CWire
import Farm

extension Artifact: WireBody {
    init(reading form: Storyfarm__V1__Artifact, _ field: FieldReader) throws(WireError) {
        self.init(
            bytes: try field.integer(form.bytes, "bytes"),
            digest: try field.digest(form.digest, "digest"))
    }

    func write(to form: inout Storyfarm__V1__Artifact, _ put: FieldWriter) throws(WireError) {
        form.bytes = try put.integer(bytes, "bytes")
        form.digest = put.bytes(digest.bytes)
    }

    func check(_ field: FieldCheck) throws(WireError) {
        try field.range(bytes, "bytes", 1...WireLimits.transferBytes)
    }
}
