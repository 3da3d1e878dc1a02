import Farm
import Wire

/// Draws valid messages of every kind; the same seed draws the same ones.
public struct MessageSampler {
    /// Also the source of everything a caller wants to draw beside messages.
    public var generator: SeededGenerator

    /// Equal seeds draw equal messages.
    public init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// `true` once in `times`.
    public mutating func chance(_ times: Int) -> Bool { Int.random(in: 0..<times, using: &generator) == 0 }

    /// Mostly small, sometimes at either end of the range.
    public mutating func integer(_ range: ClosedRange<Int>) -> Int {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: range.lowerBound
        case 1: range.upperBound
        case 2, 3: Int.random(in: range, using: &generator)
        default: Int.random(in: range.lowerBound...min(range.upperBound, range.lowerBound + 300), using: &generator)
        }
    }

    /// Any 64 bits, often few of them.
    public mutating func number() -> UInt64 { generator.next() >> UInt64.random(in: 0..<64, using: &generator) }

    /// `count` bytes.
    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    /// 1 to `limit` bytes of UTF-8, mostly few.
    public mutating func text(atMost limit: Int) -> String {
        let alphabet = ["a", "Z", " ", "\n", "\"", "ß", "雪", "🐕", "\u{301}", "\u{7f}"]
        let aim = chance(200) ? limit : Int.random(in: 1...min(limit, 24), using: &generator)
        var text = ""
        while let next = alphabet.randomElement(using: &generator), text.utf8.count + next.utf8.count <= aim {
            text += next
        }
        return text.isEmpty ? "x" : text
    }

    mutating func optionalText(atMost limit: Int) -> String { chance(4) ? "" : text(atMost: limit) }

    mutating func name() -> String { text(atMost: WireLimits.nameBytes) }

    mutating func detail() -> Detail { Detail(optionalText(atMost: WireLimits.detailBytes)) }

    mutating func duration() -> Duration { .microseconds(integer(0...31_622_400_000_000)) }

    mutating func list<Element>(atMost limit: Int, _ draw: (inout Self) -> Element) -> [Element] {
        let count = chance(100) ? limit : Int.random(in: 0...min(3, limit), using: &generator)
        return (0..<count).map { _ in draw(&self) }
    }

    mutating func code<Code: CaseIterable>(_ type: Code.Type) -> Code {
        let all = Array(Code.allCases)
        return all[Int.random(in: 0..<all.count, using: &generator)]
    }

    /// Also codes that this build does not know.
    mutating func open<Code: CaseIterable>(_ type: Code.Type) -> Open<Code> {
        chance(5) ? .unknown(chance(2) ? -1 : Int32.random(in: 100...Int32.max, using: &generator)) : .known(code(type))
    }

    // MARK: The farm's vocabulary

    mutating func segment() -> SegmentID {
        SegmentID(story: StoryID(rawValue: number()), number: UInt32(integer(1...WireLimits.segments)))
    }

    mutating func generation() -> Generation { Generation(rawValue: UInt32(integer(0...Int(UInt32.max)))) }

    mutating func stream() -> StreamID { StreamID(segment: segment(), generation: generation()) }

    mutating func attempt() -> AttemptID {
        AttemptID(segment: segment(), lease: Lease(epoch: number(), number: number()), generation: generation())
    }

    mutating func step() -> Int { integer(0...WireLimits.steps) }

    mutating func digest() -> Digest { required(Digest(bytes(Digest.byteCount))) }

    mutating func secret() -> Secret { required(Secret(bytes(Secret.byteCount))) }

    mutating func device() -> WorkerDevice {
        WorkerDevice(
            uuid: name(), memoryBytes: integer(0...Int.max),
            kind: DeviceKind(
                accelerator: name(), cpuLevel: name(), libtorch: name(), precision: name(),
                threads: integer(1...WireLimits.threads), attention: name()))
    }

    func required<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("drew bytes of the wrong length") }
        return value
    }
}
