/// The fields of one protobuf message as byte strings, tag included: to take an encoding apart and build a hostile one.
public struct FieldRecords {
    /// In the order of the bytes.
    public var records: [[UInt8]] = []

    /// Builds a message out of records.
    public init(_ records: [[UInt8]]) { self.records = records }

    /// `nil` when the bytes are not a sequence of whole fields.
    public init?(parsing bytes: [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let start = offset
            guard let tag = Self.varint(bytes, &offset) else { return nil }
            switch tag & 7 {
            case 0: guard Self.varint(bytes, &offset) != nil else { return nil }
            case 1: offset += 8
            case 2:
                guard let length = Self.varint(bytes, &offset), length <= UInt64(bytes.count) else { return nil }
                offset += Int(length)
            case 5: offset += 4
            default: return nil
            }
            guard offset <= bytes.count else { return nil }
            records.append(Array(bytes[start..<offset]))
        }
    }

    /// All records, one after the other.
    public var bytes: [UInt8] { records.flatMap { $0 } }

    /// A record of wire type 0.
    public static func number(_ field: UInt64, _ value: UInt64) -> [UInt8] { encoded(field << 3) + encoded(value) }

    /// A record of wire type 2.
    public static func content(_ field: UInt64, _ content: [UInt8]) -> [UInt8] {
        encoded(field << 3 | 2) + encoded(UInt64(content.count)) + content
    }

    /// A record of any wire type, with whatever follows the tag.
    public static func raw(_ field: UInt64, wireType: UInt64, _ rest: [UInt8]) -> [UInt8] {
        encoded(field << 3 | wireType) + rest
    }

    /// The field number of a record.
    public static func number(of record: [UInt8]) -> UInt64? {
        var offset = 0
        return varint(record, &offset).map { $0 >> 3 }
    }

    /// The content of a length-delimited record; `nil` for any other.
    public static func content(of record: [UInt8]) -> [UInt8]? {
        var offset = 0
        guard let tag = varint(record, &offset), tag & 7 == 2, varint(record, &offset) != nil else { return nil }
        return Array(record[offset...])
    }

    /// The same field with another content, and the length that belongs to it.
    public static func replacing(contentOf record: [UInt8], with content: [UInt8]) -> [UInt8] {
        var offset = 0
        _ = varint(record, &offset)
        return record[..<offset] + encoded(UInt64(content.count)) + content
    }

    /// The same field with another number; fixed-width fields keep their width.
    public static func replacing(valueOf record: [UInt8], with value: UInt64) -> [UInt8] {
        var offset = 0
        let tag = varint(record, &offset) ?? 0
        let fixed = (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
        return record[..<offset] + (tag & 7 == 0 ? encoded(value) : Array(fixed.prefix(record.count - offset)))
    }

    /// Changes the message at `path`, field numbers from the outermost inwards, and every length around it.
    ///
    /// - Precondition: the path exists.
    public mutating func edit(at path: ArraySlice<UInt64>, _ change: (inout FieldRecords) -> Void) {
        guard let first = path.first else { return change(&self) }
        guard let position = records.firstIndex(where: { Self.number(of: $0) == first }),
            var inner = Self.content(of: records[position]).flatMap({ FieldRecords(parsing: $0) })
        else { preconditionFailure("no message at \(path)") }
        inner.edit(at: path.dropFirst(), change)
        records[position] = Self.replacing(contentOf: records[position], with: inner.bytes)
    }

    private static func encoded(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(truncatingIfNeeded: rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    private static func varint(_ bytes: [UInt8], _ offset: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for index in 0..<10 where offset < bytes.count {
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7f) << (7 * UInt64(index))
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
