/// Walks over one message's bytes and hands out its parts; never reads past its end.
struct WireCursor {
    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    /// The three wire types of proto3 that hold a value in place, and the one that holds bytes.
    enum WireType: Int {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case fixed32 = 5
    }

    struct Tag {
        let number: UInt32
        let type: WireType
    }

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    /// At most `limit` bytes, as protobuf-c reads no more: 5 for tags and lengths, 10 for values.
    mutating func varint(atMost limit: Int) throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<limit {
            guard offset < bytes.count else { throw Malformed(.truncated) }
            let byte = bytes[offset]
            offset += 1
            // The tenth byte of a 64-bit value has one bit left to give.
            guard index < 9 || byte <= 1 else { throw Malformed(.varint) }
            value |= UInt64(byte & 0x7f) << (7 * UInt64(index))
            if byte & 0x80 == 0 { return value }
        }
        throw Malformed(.varint)
    }

    mutating func tag() throws(Malformed) -> Tag {
        let value = try varint(atMost: 5)
        guard let number = UInt32(exactly: value >> 3), (1..<1 << 29).contains(number) else {
            throw Malformed(.fieldNumber)
        }
        guard let type = WireType(rawValue: Int(value & 7)) else { throw Malformed(.wireType) }
        return Tag(number: number, type: type)
    }

    /// A length and the bytes it announces.
    mutating func lengthDelimited() throws(Malformed) -> UnsafeRawBufferPointer {
        let length = try varint(atMost: 5)
        guard length <= UInt64(bytes.count - offset) else { throw Malformed(.truncated) }
        return take(Int(length))
    }

    mutating func skip(_ count: Int) throws(Malformed) {
        guard count <= bytes.count - offset else { throw Malformed(.truncated) }
        offset += count
    }

    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }
}

/// What is wrong with the encoding, before it is known whose field it is.
struct Malformed: Error {
    let how: WireError.Malformation

    init(_ how: WireError.Malformation) { self.how = how }
}
