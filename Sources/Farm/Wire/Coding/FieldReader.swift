import CWire
import Farm

/// Reads the fields of one generated struct into Swift values; every conversion that can fail throws.
struct FieldReader {
    let name: MessageName

    /// Total, because the bytes were found to be UTF-8 without NUL before they were unpacked.
    func text(_ field: UnsafeMutablePointer<CChar>?) -> String { field.map { String(cString: $0) } ?? "" }

    func bytes(_ field: ProtobufCBinaryData) -> [UInt8] {
        [UInt8](UnsafeBufferPointer(start: field.data, count: field.len))
    }

    func flag(_ field: protobuf_c_boolean) -> Bool { field != 0 }

    func detail(_ field: UnsafeMutablePointer<CChar>?, _ label: String) throws(WireError) -> Detail {
        let text = text(field)
        guard text.utf8.count <= WireLimits.detailBytes else {
            throw name.error(label, .exceeds(limit: WireLimits.detailBytes, found: text.utf8.count))
        }
        return Detail(text)
    }

    func digest(_ field: ProtobufCBinaryData, _ label: String) throws(WireError) -> Digest {
        guard let digest = Digest(bytes(field)) else {
            throw name.error(label, .outOfRange(found: "\(field.len) bytes", allowed: "\(Digest.byteCount) bytes"))
        }
        return digest
    }

    /// Empty bytes are no digest.
    func optionalDigest(_ field: ProtobufCBinaryData, _ label: String) throws(WireError) -> Digest? {
        field.len == 0 ? nil : try digest(field, label)
    }

    func secret(_ field: ProtobufCBinaryData, _ label: String) throws(WireError) -> Secret {
        guard let secret = Secret(bytes(field)) else {
            throw name.error(label, .outOfRange(found: "\(field.len) bytes", allowed: "\(Secret.byteCount) bytes"))
        }
        return secret
    }

    func worker(_ field: ProtobufCBinaryData, _ label: String) throws(WireError) -> WorkerID {
        guard let worker = WorkerID(bytes: bytes(field)) else {
            throw name.error(label, .outOfRange(found: "\(field.len) bytes", allowed: "\(WorkerID.byteCount) bytes"))
        }
        return worker
    }

    func integer(_ field: some FixedWidthInteger, _ label: String) throws(WireError) -> Int {
        guard let value = Int(exactly: field) else {
            throw name.error(label, .outOfRange(found: "\(field)", allowed: "at most \(Int.max)"))
        }
        return value
    }

    func duration(microseconds: UInt64, _ label: String) throws(WireError) -> Duration {
        .microseconds(try integer(microseconds, label))
    }

    /// Refuses 0, which means "absent", and every value the enumeration does not list.
    func code<Code: WireCode>(_ field: some RawRepresentable<UInt32>, _ label: String) throws(WireError) -> Code {
        let value = Int32(bitPattern: field.rawValue)
        guard value != 0 else { throw name.error(label, .missing) }
        guard let code = Code(wireValue: value) else {
            throw name.error(label, .outOfRange(found: "\(value)", allowed: "a value of \(Code.self)"))
        }
        return code
    }

    func body<Body: WireBody>(_ field: UnsafeMutablePointer<Body.Form>?, _ label: String) throws(WireError) -> Body {
        guard let field else { throw name.error(label, .missing) }
        return try Body.read(field)
    }

    func optionalBody<Body: WireBody>(_ field: UnsafeMutablePointer<Body.Form>?) throws(WireError) -> Body? {
        guard let field else { return nil }
        return try Body.read(field)
    }

    func list<Body: WireBody>(
        _ field: UnsafeMutablePointer<UnsafeMutablePointer<Body.Form>?>?, count: Int, _ label: String
    ) throws(WireError) -> [Body] {
        guard let field else { return [] }
        var bodies: [Body] = []
        bodies.reserveCapacity(count)
        for index in 0..<count { bodies.append(try body(field[index], label)) }
        return bodies
    }
}
