import WireSamples

/// Draws hostile inputs: random bytes, and valid encodings with something broken in them.
struct Mutator {
    var generator: SeededGenerator
    /// Valid encodings to start from; the first ones are of the kind under test.
    let corpus: [[UInt8]]
    /// What every encoding of the kind under test begins with, so that random bytes get past the first check.
    let prefix: [UInt8]

    mutating func input() -> [UInt8] {
        switch integer(0..<10) {
        case 0: return randomBytes(integer(0..<200))
        case 1: return prefix + randomBytes(integer(0..<200))
        case 2, 3, 4:
            var bytes = corpus[integer(0..<corpus.count)]
            for _ in 0..<integer(1..<4) { mutate(&bytes) }
            return bytes
        default: return reframed(corpus[integer(0..<corpus.count)], isFrame: true)
        }
    }

    /// Changes something inside and corrects every length around it, so that it gets past the scan of the frame.
    private mutating func reframed(_ bytes: [UInt8], isFrame: Bool = false) -> [UInt8] {
        guard var fields = FieldRecords(parsing: bytes), !fields.records.isEmpty else {
            var bytes = bytes
            mutate(&bytes)
            return bytes
        }
        // A frame is the version and one body; nearly all there is to break is inside the body.
        let isBody = isFrame && integer(0..<16) != 0
        let position = isBody ? fields.records.count - 1 : integer(0..<fields.records.count)
        let record = fields.records[position]
        switch (isBody ? 7 : integer(0..<8), FieldRecords.content(of: record)) {
        case (0, _): fields.records.remove(at: position)
        case (1, _): fields.records.insert(record, at: integer(0..<fields.records.count + 1))
        case (2, let content?) where integer(0..<10) == 0: fields.records += flood(record, content)
        case (3, _): fields.records.swapAt(position, integer(0..<fields.records.count))
        case (_, let content?):
            fields.records[position] = FieldRecords.replacing(contentOf: record, with: reframed(content))
        case (4, nil): mutate(&fields.records[position])
        case (_, nil): fields.records[position] = FieldRecords.replacing(valueOf: record, with: edgeNumber())
        }
        return fields.bytes
    }

    /// Around powers of two, where ranges, signs and varints end, and around the limits of steps.
    private mutating func edgeNumber() -> UInt64 {
        switch integer(0..<4) {
        case 0: UInt64(integer(0..<10))
        case 1: UInt64(integer(990..<1010))
        case 2: (1 << UInt64(integer(0..<64))) &- UInt64(integer(0..<2))
        default: generator.next()
        }
    }

    /// One field again and again, empty or whole: what expands most when it is unpacked.
    private mutating func flood(_ record: [UInt8], _ content: [UInt8]) -> [[UInt8]] {
        let entry = integer(0..<2) == 0 ? record : FieldRecords.replacing(contentOf: record, with: [])
        let most = max(1, min(1100, 262_144 / entry.count))
        return Array(repeating: entry, count: integer(0..<2) == 0 ? most : integer(0..<most + 1))
    }

    private mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes = randomBytes(8) }
        switch integer(0..<8) {
        case 0: for _ in 0..<integer(1..<9) { bytes[integer(0..<bytes.count)] ^= 1 << UInt8(integer(0..<8)) }
        case 1: bytes.removeLast(integer(1..<bytes.count + 1))
        case 2: splice(&bytes)
        case 3: editLength(&bytes)
        case 4: duplicate(&bytes, times: 1)
        case 5: bytes.removeSubrange(slice(of: bytes))
        case 6: bytes.insert(contentsOf: randomBytes(integer(1..<16)), at: integer(0..<bytes.count + 1))
        default: if integer(0..<50) == 0 { duplicate(&bytes, times: 4000) } else { editByte(&bytes) }
        }
    }

    /// The beginning of one encoding and the end of another.
    private mutating func splice(_ bytes: inout [UInt8]) {
        let other = corpus[integer(0..<corpus.count)]
        bytes = bytes.prefix(integer(0..<bytes.count + 1)) + other.suffix(integer(0..<other.count + 1))
    }

    /// Small bytes behind a tag are mostly lengths: makes one a little wrong, or replaces it by a huge varint.
    private mutating func editLength(_ bytes: inout [UInt8]) {
        let lengths = bytes.indices.dropFirst().filter { bytes[$0 - 1] & 7 == 2 }
        guard !lengths.isEmpty else { return editByte(&bytes) }
        let position = lengths[integer(0..<lengths.count)]
        switch integer(0..<4) {
        case 0: bytes[position] &+= 1
        case 1: bytes[position] &-= 1
        case 2: bytes[position] = UInt8(integer(0..<128))
        default:
            let huge = [UInt8](repeating: 0xff, count: integer(1..<11)) + [UInt8(integer(0..<128))]
            bytes.replaceSubrange(position...position, with: huge)
        }
    }

    /// Values at which ranges, signs and varints end.
    private mutating func editByte(_ bytes: inout [UInt8]) {
        let edges: [UInt8] = [0, 1, 0x7f, 0x80, 0xc0, 0xed, 0xf4, 0xff]
        bytes[integer(0..<bytes.count)] = edges[integer(0..<edges.count)]
    }

    /// Repeats a part, up to 64 KiB of it: what expands most when it is unpacked.
    private mutating func duplicate(_ bytes: inout [UInt8], times: Int) {
        let part = bytes[slice(of: bytes)]
        let repeats = min(times, max(1, 65_536 / max(1, part.count)))
        let place = integer(0..<bytes.count + 1)
        bytes.insert(contentsOf: (0..<repeats).flatMap { _ in part }, at: place)
    }

    private mutating func slice(of bytes: [UInt8]) -> Range<Int> {
        let start = integer(0..<bytes.count)
        return start..<integer(start..<min(bytes.count, start + 64)) + 1
    }

    private mutating func randomBytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    private mutating func integer(_ range: Range<Int>) -> Int { Int.random(in: range, using: &generator) }
}
