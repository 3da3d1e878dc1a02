import CXXHash
import Farm

/// The bytes of a segment's boundary file: a file header, then records of header and payload without gaps.
///
/// All numbers are little endian. Headers end in XXH3-64 of what precedes it, seeded with the header's offset.
/// ```
/// file header    magic "SFBOUNDS" · version u32 · segment u32 · story u64 · checksum u64
/// record header  mark "SFBR" · generation u32 · step u32 · payload length u32 · payload's checksum u64 · checksum u64
/// ```
/// The names in the file header find a file that stands in another's place; the seed, a record that does.
enum BoundaryFormat {
    static let version: UInt32 = 1
    /// The length of either header.
    static let headerByteCount = 32

    private static let magic = Array("SFBOUNDS".utf8)
    private static let mark = Array("SFBR".utf8)

    static func fileHeader(of segment: SegmentID) -> [UInt8] {
        var bytes = magic
        bytes.append(littleEndian: version)
        bytes.append(littleEndian: segment.number)
        bytes.append(littleEndian: segment.story.rawValue)
        bytes.append(littleEndian: headerChecksum(bytes, at: 0))
        return bytes
    }

    /// Why the first bytes of a file are not the segment's file header.
    static func problem(inFileHeader bytes: [UInt8], of segment: SegmentID) -> StorageError.Reason {
        guard bytes.starts(with: magic) else { return .foreign }
        guard bytes.count == headerByteCount else { return .damaged(.fileHeader, offset: 0) }
        let found: UInt32 = bytes.littleEndian(at: 8)
        guard found == version else { return .formatVersion(found) }
        return .damaged(.fileHeader, offset: 0)
    }

    /// A record's header without its payload.
    struct Record: Equatable {
        let generation: Generation
        let step: UInt32
        let payloadByteCount: Int
        let payloadChecksum: UInt64

        init(generation: Generation, step: UInt32, payloadByteCount: Int, payloadChecksum: UInt64) {
            self.generation = generation
            self.step = step
            self.payloadByteCount = payloadByteCount
            self.payloadChecksum = payloadChecksum
        }

        /// `nil` unless the bytes are the header of a record at `offset`.
        init?(_ bytes: [UInt8], at offset: Int) {
            guard bytes.count == headerByteCount, bytes.starts(with: mark),
                bytes.littleEndian(at: 24) == headerChecksum(bytes, at: offset)
            else { return nil }
            generation = Generation(rawValue: bytes.littleEndian(at: 4))
            step = bytes.littleEndian(at: 8)
            payloadByteCount = Int(bytes.littleEndian(at: 12) as UInt32)
            payloadChecksum = bytes.littleEndian(at: 16)
        }

        func bytes(at offset: Int) -> [UInt8] {
            var bytes = mark
            bytes.append(littleEndian: generation.rawValue)
            bytes.append(littleEndian: step)
            bytes.append(littleEndian: UInt32(payloadByteCount))
            bytes.append(littleEndian: payloadChecksum)
            bytes.append(littleEndian: headerChecksum(bytes, at: offset))
            return bytes
        }
    }

    static func checksum(of payload: UnsafeRawBufferPointer) -> UInt64 {
        XXH3_64bits(payload.baseAddress, payload.count)
    }

    private static func headerChecksum(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        XXH3_64bits_withSeed(bytes, headerByteCount - 8, UInt64(offset))
    }
}

extension [UInt8] {
    fileprivate mutating func append<Number: FixedWidthInteger>(littleEndian value: Number) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate func littleEndian<Number: FixedWidthInteger>(at offset: Int) -> Number {
        withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }
}
