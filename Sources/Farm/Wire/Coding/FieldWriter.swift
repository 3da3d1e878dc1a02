import CWire
import Farm

/// Writes Swift values into the fields of one generated struct; what a field points at is the arena's.
struct FieldWriter {
    let name: MessageName
    let arena: EncodingArena

    func text(_ value: String) -> UnsafeMutablePointer<CChar> { arena.copy(text: value) }

    func bytes(_ value: [UInt8]) -> ProtobufCBinaryData { arena.copy(bytes: value) }

    func flag(_ value: Bool) -> protobuf_c_boolean { value ? 1 : 0 }

    /// Throws instead of trapping should a range check ever be wider than the field.
    func integer<Field: FixedWidthInteger>(_ value: Int, _ label: String) throws(WireError) -> Field {
        guard let field = Field(exactly: value) else {
            throw name.error(label, .outOfRange(found: "\(value)", allowed: "\(Field.min)…\(Field.max)"))
        }
        return field
    }

    /// Whole microseconds; what is smaller is cut off. The range was checked.
    func microseconds(_ value: Duration) -> UInt64 {
        let (seconds, attoseconds) = value.components
        return UInt64(clamping: seconds) * 1_000_000 + UInt64(clamping: attoseconds / 1_000_000_000_000)
    }

    /// The imported C enumerations take any value, so that the unwrapping cannot fail.
    func code<Field: RawRepresentable<UInt32>>(_ value: some WireCode) -> Field {
        Field(rawValue: UInt32(bitPattern: value.wireValue))!
    }

    func body<Body: WireBody>(_ value: Body) throws(WireError) -> UnsafeMutablePointer<Body.Form> {
        try value.placed(in: arena)
    }

    func optionalBody<Body: WireBody>(_ value: Body?) throws(WireError) -> UnsafeMutablePointer<Body.Form>? {
        guard let value else { return nil }
        return try value.placed(in: arena)
    }

    /// A repeated field's entries and their number.
    func list<Body: WireBody>(
        _ values: [Body]
    ) throws(WireError) -> (UnsafeMutablePointer<UnsafeMutablePointer<Body.Form>?>?, Int) {
        guard !values.isEmpty else { return (nil, 0) }
        let entries = arena.allocate(UnsafeMutablePointer<Body.Form>?.self, count: values.count)
        for (index, value) in values.enumerated() {
            (entries + index).initialize(to: try value.placed(in: arena))
        }
        return (entries, values.count)
    }
}
