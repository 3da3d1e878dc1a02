import CWire

/// Checks raw bytes against a generated message descriptor before protobuf-c sees them.
///
/// protobuf-c 1.4 expands 1 MiB of hostile input 60-fold, follows nesting without a limit, takes any bytes for a string
/// and cuts it at NUL, merges a message that comes twice, and cuts varints to 32 bits. What passes here has none of
/// that left in it, so that unpacking is bounded and says what the bytes say. Nothing is allocated here but the error.
struct PreScan {
    private var fields = 0
    private var unknownFields = 0
    /// The first field of the outermost message that the descriptor does not have.
    private(set) var firstUnknown: UInt32?

    typealias Descriptor = UnsafePointer<ProtobufCMessageDescriptor>
    typealias Field = UnsafePointer<ProtobufCFieldDescriptor>

    /// - Returns: the number of the outermost message's first unknown field.
    static func run(_ bytes: UnsafeRawBufferPointer, as descriptor: Descriptor) throws(WireError) -> UInt32? {
        var scan = PreScan()
        try scan.message(bytes, descriptor, depth: 1)
        return scan.firstUnknown
    }

    private mutating func message(
        _ bytes: UnsafeRawBufferPointer, _ descriptor: Descriptor, depth: Int
    ) throws(WireError) {
        let name = MessageName(descriptor: descriptor)
        guard depth <= WireLimits.depth else {
            throw name.error(nil, .exceeds(limit: WireLimits.depth, found: depth))
        }
        var cursor = WireCursor(bytes)
        var seen = SeenFields()
        while !cursor.isAtEnd {
            let tag = try Self.naming(name, nil) { () throws(Malformed) in try cursor.tag() }
            fields += 1
            guard fields <= WireLimits.fields else {
                throw name.error(nil, .exceeds(limit: WireLimits.fields, found: fields))
            }
            if let field = protobuf_c_message_descriptor_get_field(descriptor, tag.number) {
                try seen.record(field, in: descriptor)
                try known(field, tag, &cursor, in: name, depth: depth)
            } else {
                try unknown(tag, &cursor, in: name, depth: depth)
            }
        }
    }

    private mutating func unknown(
        _ tag: WireCursor.Tag, _ cursor: inout WireCursor, in name: MessageName, depth: Int
    ) throws(WireError) {
        unknownFields += 1
        guard unknownFields <= WireLimits.unknownFields else {
            throw name.error(nil, .exceeds(limit: WireLimits.unknownFields, found: unknownFields))
        }
        if depth == 1, firstUnknown == nil { firstUnknown = tag.number }
        try Self.naming(name, nil) { () throws(Malformed) in
            switch tag.type {
            case .varint: _ = try cursor.varint(atMost: 10)
            case .fixed64: try cursor.skip(8)
            case .fixed32: try cursor.skip(4)
            case .bytes: _ = try cursor.lengthDelimited()
            }
        }
    }

    private mutating func known(
        _ field: Field, _ tag: WireCursor.Tag, _ cursor: inout WireCursor, in name: MessageName, depth: Int
    ) throws(WireError) {
        guard tag.type == Self.wireType(of: field.pointee.type) else {
            throw name.error(field, .wrongWireType(tag.type.rawValue))
        }
        switch tag.type {
        case .fixed64: try Self.naming(name, field) { () throws(Malformed) in try cursor.skip(8) }
        case .fixed32: try Self.naming(name, field) { () throws(Malformed) in try cursor.skip(4) }
        case .varint:
            let value = try Self.naming(name, field) { () throws(Malformed) in try cursor.varint(atMost: 10) }
            guard Self.fits(value, field.pointee.type) else { throw name.error(field, .malformed(.varint)) }
        case .bytes:
            let content = try Self.naming(name, field) { () throws(Malformed) in try cursor.lengthDelimited() }
            if field.pointee.type == PROTOBUF_C_TYPE_STRING { try Self.text(content, name, field) }
            if field.pointee.type == PROTOBUF_C_TYPE_MESSAGE {
                let inner = field.pointee.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
                try message(content, inner, depth: depth + 1)
            }
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer, _ name: MessageName, _ field: Field) throws(WireError) {
        guard !bytes.contains(0) else { throw name.error(field, .malformed(.nul)) }
        guard (try? UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)) != nil else {
            throw name.error(field, .malformed(.utf8))
        }
    }

    /// The schema has no repeated scalars, so the packed form need not be known.
    private static func wireType(of type: ProtobufCType) -> WireCursor.WireType {
        switch type {
        case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_MESSAGE: .bytes
        case PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64, PROTOBUF_C_TYPE_DOUBLE: .fixed64
        case PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_FLOAT: .fixed32
        default: .varint
        }
    }

    /// Whether protobuf-c keeps all of the value: it would cut the upper bits off.
    private static func fits(_ value: UInt64, _ type: ProtobufCType) -> Bool {
        switch type {
        case PROTOBUF_C_TYPE_BOOL: value <= 1
        case PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_SINT32: value <= UInt32.max
        case PROTOBUF_C_TYPE_ENUM, PROTOBUF_C_TYPE_INT32: Int32(exactly: Int64(bitPattern: value)) != nil
        default: true
        }
    }

    private static func naming<Value>(
        _ name: MessageName, _ field: Field?, _ read: () throws(Malformed) -> Value
    ) throws(WireError) -> Value {
        do throws(Malformed) {
            return try read()
        } catch {
            let reason = WireError.Reason.malformed(error.how)
            throw field.map { name.error($0, reason) } ?? name.error(nil, reason)
        }
    }
}

/// Which fields of one message have come already.
private struct SeenFields {
    /// One bit per field, by its position in the descriptor; a `oneof` has the bit of its first member.
    private var singular: UInt64 = 0
    /// Counts of repeated fields; stays empty, and unallocated, for the many messages that have none.
    private var repeated: [Int: Int] = [:]

    mutating func record(_ field: PreScan.Field, in descriptor: PreScan.Descriptor) throws(WireError) {
        let name = MessageName(descriptor: descriptor)
        let position = position(of: field, in: descriptor.pointee)
        if field.pointee.label == PROTOBUF_C_LABEL_REPEATED {
            let count = repeated[position, default: 0] + 1
            repeated[position] = count
            guard count <= WireLimits.repeatedEntries else {
                let reason = WireError.Reason.exceeds(limit: WireLimits.repeatedEntries, found: count)
                throw name.error(field, reason)
            }
        } else {
            precondition(position < 64, "\(String(cString: descriptor.pointee.name)) has more than 64 fields")
            guard singular & 1 << position == 0 else {
                throw name.error(field, .duplicate)
            }
            singular |= 1 << position
        }
    }

    /// Members of a `oneof` share the field that says which of them is set.
    private func position(of field: PreScan.Field, in descriptor: ProtobufCMessageDescriptor) -> Int {
        let own = descriptor.fields.distance(to: field)
        guard Self.isOneofMember(field) else { return own }
        for index in 0..<own {
            let other = descriptor.fields + index
            let shares = other.pointee.quantifier_offset == field.pointee.quantifier_offset
            if Self.isOneofMember(other) && shares { return index }
        }
        return own
    }

    private static func isOneofMember(_ field: PreScan.Field) -> Bool {
        field.pointee.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0
    }
}
