import Farm

/// Reads what ``PackedWriter`` wrote; whatever else it is given ends in a `Damage`, never in a trap.
struct PackedReader {
    /// Valid for the call that lends the column's bytes, in which the reader lives.
    private var rest: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= rest.count else { throw Damage("a list ends too early") }
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[count...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<count])
    }

    mutating func number() throws -> UInt64 {
        var result: UInt64 = 0
        var position = 0
        while position < min(rest.count, 10) {
            let byte = rest[position]
            // Of the tenth byte only one bit has room.
            guard position < 9 || byte <= 1 else { break }
            result |= UInt64(byte & 0x7F) << (7 * UInt64(position))
            position += 1
            guard byte & 0x80 != 0 else {
                rest = UnsafeRawBufferPointer(rebasing: rest[position...])
                return result
            }
        }
        throw Damage("a number has no end")
    }

    mutating func integer() throws -> Int { Int(Int64(bitPattern: try number())) }

    mutating func small() throws -> UInt32 {
        guard let small = UInt32(exactly: try number()) else { throw Damage("a number is too large") }
        return small
    }

    mutating func text() throws -> String {
        guard let text = String(validating: try take(try integer()), as: UTF8.self) else {
            throw Damage("a text is not UTF-8")
        }
        return text
    }

    /// Eight bytes, the highest first.
    private func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }

    mutating func digest() throws -> Digest {
        let bytes = try take(Digest.byteCount)
        return Digest(words: InlineArray { word(bytes, $0) })
    }

    mutating func worker() throws -> WorkerID {
        let bytes = try take(WorkerID.byteCount)
        return WorkerID(high: word(bytes, 0), low: word(bytes, 1))
    }

    mutating func artifact() throws -> Artifact { Artifact(bytes: try integer(), digest: try digest()) }

    mutating func lease() throws -> Lease { Lease(epoch: try number(), number: try number()) }

    mutating func span() throws -> GenerationSpan {
        GenerationSpan(generation: Generation(rawValue: try small()), fromStep: try integer())
    }

    mutating func consumed() throws -> Consumed {
        let count = try integer()
        // Each takes two bytes at least: a wrong count must not become memory.
        guard 0...(rest.count / 2) ~= count else { throw Damage("a list is longer than its bytes") }
        var spans: [GenerationSpan] = []
        spans.reserveCapacity(count)
        for _ in 0..<count { spans.append(try span()) }
        return Consumed(spans: spans, digest: try digest())
    }

    /// Items to the end of the bytes.
    mutating func list<Item>(of item: (inout PackedReader) throws -> Item) throws -> [Item] {
        var items: [Item] = []
        while !isAtEnd { items.append(try item(&self)) }
        return items
    }
}
