import Farm

/// Writes a segment's lists as bytes.
///
/// They are read and written whole, never searched, and with every change of the segment. As bytes they need no parser
/// and no names, a digest (and they are mostly digests) takes 32 bytes instead of JSON's 66, and a segment stays one
/// row in one place. Numbers are LEB128 (seven bits a byte, the lowest first), digests their 32 bytes, texts and inner
/// lists have their length in front; an outer list goes on to the end of its bytes. There is no version: another form
/// is another migration.
struct PackedWriter {
    private(set) var bytes: [UInt8] = []

    init() {
        // Of finished latents, the longest that is usual.
        bytes.reserveCapacity(96)
    }

    mutating func write(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// A negative number, which nobody writes on purpose, takes ten bytes.
    mutating func write(_ number: Int) { write(UInt64(bitPattern: Int64(number))) }

    mutating func write(_ text: String) {
        write(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    /// Eight bytes, the highest first.
    private mutating func writeWhole(_ number: UInt64) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ digest: Digest) {
        for index in digest.words.indices { writeWhole(digest.words[index]) }
    }

    mutating func write(_ worker: WorkerID) {
        writeWhole(worker.high)
        writeWhole(worker.low)
    }

    mutating func write(_ file: Artifact) {
        write(file.bytes)
        write(file.digest)
    }

    mutating func write(_ lease: Lease) {
        write(lease.epoch)
        write(lease.number)
    }

    mutating func write(_ span: GenerationSpan) {
        write(UInt64(span.generation.rawValue))
        write(span.fromStep)
    }

    mutating func write(_ consumed: Consumed) {
        write(consumed.spans.count)
        for span in consumed.spans { write(span) }
        write(consumed.digest)
    }
}
