import Transport

/// Distinct payloads that both programs send in turn, so that a lost, repeated or torn message is noticed.
///
/// Unchecked because of the pointers: the bytes are written once, before anybody else sees them.
final class Payloads: @unchecked Sendable {
    let bytes: Int
    let pointers: [UnsafeRawPointer?]
    private let memory: [UnsafeMutableRawBufferPointer]

    init(count: Int, bytes: Int) {
        self.bytes = bytes
        var generator: UInt64 = 0x9E37_79B9_7F4A_7C15
        memory = (0..<count).map { _ in
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
            for offset in stride(from: 0, to: bytes - 7, by: 8) {
                // xorshift64: cheap, and no two payloads share a sample.
                generator ^= generator << 13
                generator ^= generator >> 7
                generator ^= generator << 17
                buffer.storeBytes(of: generator, toByteOffset: offset, as: UInt64.self)
            }
            return buffer
        }
        pointers = memory.map { UnsafeRawPointer($0.baseAddress) }
    }

    deinit {
        for buffer in memory { buffer.deallocate() }
    }

    /// Lends the payload of message `number`, as a tensor would.
    func frame(_ number: Int) -> Frame {
        Frame(unsafelyBorrowing: UnsafeRawBufferPointer(memory[number % memory.count]), from: self)
    }

    /// Whether first, middle and last eight bytes are those of message `number`; the C program looks at the same ones.
    func matchesSamples(of number: Int, _ received: Frame) -> Bool {
        let sent = memory[number % memory.count]
        guard received.count == bytes else { return false }
        return received.withUnsafeBytes { received in
            [0, bytes / 2, bytes - 8].allSatisfy {
                received.loadUnaligned(fromByteOffset: $0, as: UInt64.self)
                    == sent.loadUnaligned(fromByteOffset: $0, as: UInt64.self)
            }
        }
    }

    /// Whether every byte is that of message `number`.
    func equals(_ number: Int, _ received: Frame) -> Bool {
        received.withUnsafeBytes { $0.elementsEqual(UnsafeRawBufferPointer(memory[number % memory.count])) }
    }
}
