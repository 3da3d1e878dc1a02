import CWire

extension Message {
    /// Decodes one header frame: any bytes give a message within ``WireLimits`` or an error, and cost a bounded effort.
    ///
    /// - Throws: ``WireError``; `unknownVersion` before anything but the version is looked at.
    public init(decoding bytes: RawSpan) throws(WireError) {
        self = try bytes.withUnsafeBytes { (bytes) throws(WireError) in
            let budget = AllocationBudget(limit: WireLimits.unpackedBytes)
            return try Self.decode(bytes, budget)
        }
    }

    /// Decodes one header frame, as ``init(decoding:)-(RawSpan)`` does.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        try self.init(decoding: bytes.span.bytes)
    }

    /// Decodes under another budget and tells what unpacking cost, for tests and fuzzing.
    package static func decodeMeasured(
        _ bytes: UnsafeRawBufferPointer, budget limit: Int = WireLimits.unpackedBytes
    ) -> (Result<Message, WireError>, AllocationFigures) {
        let budget = AllocationBudget(limit: limit)
        let result = Result { () throws(WireError) in try decode(bytes, budget) }
        return (result, budget.figures)
    }

    /// Encodes one header frame; the raw frames that ``rawFrames`` announces are the caller's to send behind it.
    ///
    /// - Throws: ``WireError`` for exactly what the other side would refuse.
    public func encoded() throws(WireError) -> [UInt8] { try packed(in: EncodingArena()) }

    func packed(in arena: EncodingArena) throws(WireError) -> [UInt8] {
        var form = Storyfarm__V1__Envelope()
        storyfarm__v1__envelope__init(&form)
        let name = MessageName(descriptor: form.base.descriptor)
        form.version = WireLimits.version
        try write(to: &form, FieldWriter(name: name, arena: arena))
        let size = storyfarm__v1__envelope__get_packed_size(&form)
        guard size <= WireLimits.messageBytes || !arena.checksLimits else {
            throw name.error(nil, .exceeds(limit: WireLimits.messageBytes, found: size))
        }
        // The form points into the arena until it is packed.
        return withExtendedLifetime(arena) {
            [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = storyfarm__v1__envelope__pack(&form, buffer.baseAddress)
            }
        }
    }

    private static func decode(
        _ bytes: UnsafeRawBufferPointer, _ budget: borrowing AllocationBudget
    ) throws(WireError) -> Message {
        let name = MessageName(descriptor: envelopeDescriptor())
        guard bytes.count <= WireLimits.messageBytes else {
            throw name.error(nil, .exceeds(limit: WireLimits.messageBytes, found: bytes.count))
        }
        try checkVersion(bytes, name)
        let unknown = try PreScan.run(bytes, as: name.descriptor)
        return try budget.withUnpacked(bytes) { (form) throws(WireError) in
            guard let form else { throw name.error(nil, .unpackingFailed) }
            return try Message(reading: form.pointee, unknown: unknown, FieldReader(name: name))
        }
    }

    /// Every version of the protocol begins with its number, so a stranger's can be named whatever follows it.
    private static func checkVersion(_ bytes: UnsafeRawBufferPointer, _ name: MessageName) throws(WireError) {
        var cursor = WireCursor(bytes)
        let found: UInt64
        do throws(Malformed) {
            let tag = try cursor.tag()
            guard tag.number == 1, tag.type == .varint else { throw Malformed(.fieldNumber) }
            found = try cursor.varint(atMost: 10)
        } catch {
            throw name.error("version", .malformed(error.how))
        }
        guard let version = UInt32(exactly: found) else { throw name.error("version", .malformed(.varint)) }
        guard version == WireLimits.version else { throw name.error("version", .unknownVersion(version)) }
    }

    private static func envelopeDescriptor() -> UnsafePointer<ProtobufCMessageDescriptor> {
        var form = Storyfarm__V1__Envelope()
        storyfarm__v1__envelope__init(&form)
        return form.base.descriptor
    }
}
