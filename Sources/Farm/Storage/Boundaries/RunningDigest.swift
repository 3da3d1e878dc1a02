import Crypto
public import Farm

/// Names the boundaries that a segment consumed, in order, by one SHA-256 that grows with each of them.
///
/// `digest(0)` is 32 zero bytes, `digest(k) = SHA-256(digest(k-1) ‖ step ‖ checksum)` with the step as UInt32 and the
/// record's XXH3-64 as UInt64, both little endian. It names records by their checksums and not by their bytes: it tells
/// which records were read and in which order, and forging one takes no more than forging its checksum.
public struct RunningDigest: Hashable, Sendable {
    /// Of all that was added; what a checkpoint keeps and a result is checked by.
    public private(set) var value: Farm.Digest

    /// Of nothing yet.
    public init() { value = .zero }

    /// Goes on where a checkpoint left off.
    public init(resuming value: Farm.Digest) { self.value = value }

    /// Adds the next record.
    public mutating func add(step: UInt32, checksum: UInt64) {
        var hash = SHA256()
        hash.update(data: value.bytes)
        withUnsafeBytes(of: step.littleEndian) { hash.update(bufferPointer: $0) }
        withUnsafeBytes(of: checksum.littleEndian) { hash.update(bufferPointer: $0) }
        value = Farm.Digest(hash)
    }
}

extension Farm.Digest {
    fileprivate static let zero = Farm.Digest(bytes: repeatElement(0, count: byteCount))

    /// The SHA-256 of what `hash` was fed.
    init(_ hash: SHA256) { self.init(bytes: Array(hash.finalize())) }

    private init(bytes: some Collection<UInt8>) {
        guard let digest = Self(bytes) else { preconditionFailure("a SHA-256 of \(bytes.count) bytes") }
        self = digest
    }
}
