import CXXHash
import Crypto
import Farm
import Storage
import Testing

let story = StoryID(rawValue: 12)
let segment = SegmentID(story: story, number: 3)

func stream(_ generation: UInt32 = 0, of segment: SegmentID = segment) -> StreamID {
    StreamID(segment: segment, generation: Generation(rawValue: generation))
}

/// Bytes that differ from those of every other seed.
func content(_ seed: Int, byteCount: Int = 100) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: ($0 + 1) &* (2 * seed + 7) &+ $0 >> 8 &+ seed) }
}

func checksum(_ bytes: [UInt8]) -> UInt64 { XXH3_64bits(bytes, bytes.count) }

func sha256(_ bytes: [UInt8]) throws -> Farm.Digest {
    let digest = Farm.Digest(Array(SHA256.hash(data: bytes)))
    return try #require(digest)
}

extension BoundaryLog {
    @discardableResult
    func append(_ payload: [UInt8], step: UInt32, to stream: StreamID = stream()) throws -> BoundaryAppendOutcome {
        try payload.withUnsafeBytes {
            try append($0, checksum: checksum(payload), step: step, to: stream)
        }
    }

    func payload(_ entry: BoundaryEntry) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: entry.byteCount)
        try bytes.withUnsafeMutableBytes { try read(entry, into: $0) }
        return bytes
    }

    func payloads(of segment: SegmentID = segment) throws -> [[UInt8]] {
        try entries(of: segment).map { try payload($0) }
    }
}

extension BoundaryAppendOutcome {
    var isStored: Bool { if case .stored = self { true } else { false } }
}
