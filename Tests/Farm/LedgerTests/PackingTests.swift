import Farm
import Testing

@testable import Ledger

/// Goal: a segment's lists come back from their bytes, and other bytes are an error. Method: by hand, and at random.
@Suite struct PackingTests {
    private func read<Value>(_ bytes: [UInt8], _ body: (inout PackedReader) throws -> Value) throws -> Value {
        try bytes.withUnsafeBytes { bytes in
            var reader = PackedReader(bytes)
            return try body(&reader)
        }
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64(UInt32.max), UInt64(Int64.max), UInt64.max])
    func numbersOfAnySizeComeBack(number: UInt64) throws {
        var writer = PackedWriter()
        writer.write(number)
        #expect(writer.bytes.count == max(1, (64 - number.leadingZeroBitCount + 6) / 7))
        #expect(try read(writer.bytes) { try $0.number() } == number)
    }

    @Test func theFormatIsAsItWasWhenItWasReleased() {
        var writer = PackedWriter()
        writer.write(Artifact(bytes: 300, digest: Digest((0..<32).map { UInt8($0) })!))
        writer.write(Lease(epoch: 1, number: 128))
        writer.write(GenerationSpan(generation: Generation(rawValue: 2), fromStep: 64))
        writer.write("é")
        writer.write(-1)
        #expect(
            writer.bytes == [0xAC, 2] + (0..<32).map { UInt8($0) } + [1, 0x80, 1] + [2, 64] + [2, 0xC3, 0xA9]
                + [UInt8](repeating: 0xFF, count: 9) + [1])
    }

    @Test(arguments: [
        [], [0x80], [UInt8](repeating: 0xFF, count: 9) + [2], [UInt8](repeating: 0x80, count: 20),
    ])
    func aNumberThatDoesNotEndIsDamage(bytes: [UInt8]) {
        #expect(throws: Damage.self) { try read(bytes) { try $0.number() } }
    }

    @Test func textsAndListsLongerThanTheirBytesAreDamage() {
        #expect(throws: Damage.self) { try read([3, 65, 66]) { try $0.text() } }
        #expect(throws: Damage.self) { try read([2, 0xC3, 0x28]) { try $0.text() } }
        #expect(throws: Damage.self) {
            try read([0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 1]) { try $0.consumed() }
        }
    }

    @Test(arguments: UInt64(1)...4) func whateverIsReadEndsInAValueOrInDamage(seed: UInt64) throws {
        var sampler = RecordSampler(seed: seed)
        for _ in 0..<500 {
            var writer = PackedWriter()
            let consumed = sampler.consumed()
            writer.write(consumed)
            #expect(try read(writer.bytes) { try $0.consumed() } == consumed)
            for count in writer.bytes.indices {
                #expect(throws: Damage.self) { try read(Array(writer.bytes.prefix(count))) { try $0.consumed() } }
            }
            var bytes = writer.bytes
            bytes[sampler.number(0...(bytes.count - 1))] = UInt8(sampler.number(0...255))
            #expect(throws: Never.self) {
                do { _ = try read(bytes) { try $0.consumed() } } catch is Damage {}
            }
        }
    }
}
