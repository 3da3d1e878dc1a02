import Farm

/// A stand-in for the model: its latents are a chain of hashes over noise, steps and the boundaries read, so that a
/// wrong, skipped or mixed boundary changes everything after it. Another kind of device computes other bits.
struct Latents: Hashable {
    var hash: UInt64
    let step: Int
    /// Checksums of the predecessor's records, as they were read.
    var read: [UInt64]
    var spans: [GenerationSpan]

    static func noise(of segment: SegmentID) -> Latents {
        Latents(hash: mix(segment.story.rawValue, UInt64(segment.number)), step: 0, read: [], spans: [])
    }

    /// What is published on entering a step.
    func boundary(on kind: DeviceKind) -> UInt64 { mix(mix(hash, UInt64(step)), kind.salt) }

    func advanced(with record: UInt64?, on kind: DeviceKind) -> Latents {
        Latents(
            hash: mix(mix(hash, record ?? 1), mix(UInt64(step), kind.salt)), step: step + 1, read: read, spans: spans)
    }

    var consumed: Consumed {
        Consumed(spans: spans, digest: Latents.digest(read.reduce(0, mix)))
    }

    static func digest(_ hash: UInt64) -> Digest {
        Digest((0..<32).map { UInt8(truncatingIfNeeded: mix(hash, UInt64($0 / 8)) >> (8 * UInt64($0 % 8))) })!
    }

    var file: Artifact { Artifact(bytes: 1000, digest: Latents.digest(mix(hash, UInt64(step)))) }
}

extension DeviceKind {
    var salt: UInt64 { accelerator.utf8.reduce(7) { mix($0, UInt64($1)) } }

    static func simulated(_ accelerator: String) -> DeviceKind {
        DeviceKind(
            accelerator: accelerator, cpuLevel: "AVX512", libtorch: "2.13", precision: "bf16", threads: 1,
            attention: "flash")
    }
}
