import CWire
public import Farm

extension Message {
    /// A file that travels as a transfer.
    public struct Artifact: Equatable, Sendable {
        /// Its length.
        public var bytes: Int
        /// SHA-256 of its content.
        public var digest: Digest

        /// Limits are checked when the message is encoded.
        public init(bytes: Int, digest: Digest) {
            self.bytes = bytes
            self.digest = digest
        }
    }
}

extension Message.Artifact: WireBody {
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
