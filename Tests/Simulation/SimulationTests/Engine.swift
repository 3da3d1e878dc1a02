import CXXHash
import Crypto
import Farm
import Storage

/// What a segment publishes on entering a step.
struct Boundary: Hashable {
    let value: UInt64
    /// As the log takes it.
    let checksum: UInt64

    init(value: UInt64) {
        self.value = value
        let bytes = [value].bytes
        checksum = XXH3_64bits(bytes, bytes.count)
    }

    var bytes: [UInt8] { [value].bytes }
}

/// A stand-in for the model: its latents are a chain of hashes over noise, steps and the boundaries read, so that a
/// wrong, skipped or mixed boundary changes everything after it. Another kind of device computes other bits.
struct Latents: Hashable {
    /// A record of the predecessor's, as it was read.
    struct Reading: Hashable {
        let step: Int
        let checksum: UInt64
    }

    var hash: UInt64
    var step = 0
    /// Each record once.
    var read: [Reading] = []
    var spans: [GenerationSpan] = []
    var digest = RunningDigest()

    static func noise(of segment: SegmentID) -> Latents {
        Latents(hash: mix(segment.story.rawValue, UInt64(segment.number)))
    }

    /// What is published on entering the step.
    func boundary(on kind: DeviceKind) -> Boundary { Boundary(value: mix(mix(hash, UInt64(step)), kind.salt)) }

    /// A record is consumed once, also where every later step is blended with it.
    mutating func consume(_ boundary: Boundary, step: Int, of stream: StreamID) {
        guard read.last?.step != step else { return }
        read.append(Reading(step: step, checksum: boundary.checksum))
        digest.add(step: UInt32(step), checksum: boundary.checksum)
        if spans.last?.generation != stream.generation {
            spans.append(GenerationSpan(generation: stream.generation, fromStep: step))
        }
    }

    mutating func advance(with record: UInt64?, on kind: DeviceKind) {
        hash = mix(mix(hash, record ?? 1), mix(UInt64(step), kind.salt))
        step += 1
    }

    var consumed: Consumed { Consumed(spans: spans, digest: digest.value) }
}

extension Latents {
    /// As a file: numbers one after the other.
    var bytes: [UInt8] {
        let words = digest.value.words
        var numbers = [hash, UInt64(step), words[0], words[1], words[2], words[3], UInt64(read.count)]
        for reading in read { numbers += [UInt64(reading.step), reading.checksum] }
        for span in spans { numbers += [UInt64(span.generation.rawValue), UInt64(span.fromStep)] }
        return numbers.bytes
    }

    init(_ bytes: [UInt8]) {
        let numbers = [UInt64](bytes)
        hash = numbers[0]
        step = Int(numbers[1])
        digest = RunningDigest(resuming: Digest(words: [numbers[2], numbers[3], numbers[4], numbers[5]]))
        let spansBegin = 7 + 2 * Int(numbers[6])
        read = stride(from: 7, to: spansBegin, by: 2).map {
            Reading(step: Int(numbers[$0]), checksum: numbers[$0 + 1])
        }
        spans = stride(from: spansBegin, to: numbers.count, by: 2).map {
            GenerationSpan(generation: Generation(rawValue: UInt32(numbers[$0])), fromStep: Int(numbers[$0 + 1]))
        }
    }
}

extension Artifact {
    init(of bytes: [UInt8]) {
        self.init(bytes: bytes.count, digest: Digest(Array(SHA256.hash(data: bytes)))!)
    }
}

extension DeviceKind {
    var salt: UInt64 { accelerator.utf8.reduce(7) { mix($0, UInt64($1)) } }

    static func simulated(_ accelerator: String) -> DeviceKind {
        DeviceKind(
            accelerator: accelerator, cpuLevel: "AVX512", libtorch: "2.13", precision: "bf16", threads: 1,
            attention: "flash")
    }
}

extension [UInt64] {
    fileprivate var bytes: [UInt8] { flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } } }

    fileprivate init(_ bytes: [UInt8]) {
        self = stride(from: 0, to: bytes.count, by: 8).map { start in
            (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
        }
    }
}
