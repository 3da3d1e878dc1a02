import Testing
import Wire
import WireSamples

/// Goal: whatever may be sent arrives as it was.
/// Method: draw messages of every kind from seeds, at the ends of their ranges often enough.
@Suite struct RoundTripTests {
    @Test(arguments: MessageSampler.kinds, [1, 2, 3] as [UInt64])
    func everyMessageArrivesAsItWasSent(_ kind: MessageSampler.Kind, seed: UInt64) throws {
        var sampler = MessageSampler(seed: seed)
        for _ in 0..<100 {
            let message = kind.draw(&sampler)
            let bytes = try message.encoded()
            #expect(try Message(decoding: bytes) == message)
            #expect(try Message(decoding: bytes.span.bytes) == message)
        }
    }

    @Test func equalMessagesHaveEqualBytes() throws {
        for kind in MessageSampler.kinds {
            var first = MessageSampler(seed: 9)
            var second = MessageSampler(seed: 9)
            #expect(try kind.draw(&first).encoded() == kind.draw(&second).encoded())
        }
    }

    @Test func everyFieldReachesTheBytes() throws {
        for kind in MessageSampler.kinds {
            var sampler = MessageSampler(seed: 5)
            let messages = (0..<40).map { _ in kind.draw(&sampler) }
            let encodings = try messages.map { try $0.encoded() }
            for (message, bytes) in zip(messages, encodings) {
                for (other, otherBytes) in zip(messages, encodings) {
                    #expect((message == other) == (bytes == otherBytes), "\(kind)")
                }
            }
        }
    }

    @Test func versionIsTheFirstThingOnTheWire() throws {
        for kind in MessageSampler.kinds {
            var sampler = MessageSampler(seed: 6)
            #expect(try kind.draw(&sampler).encoded().prefix(2) == [0x08, UInt8(WireLimits.version)])
        }
    }

    @Test(arguments: MessageSampler.kinds)
    func everyTruncationIsRefused(_ kind: MessageSampler.Kind) throws {
        var sampler = MessageSampler(seed: 7)
        for _ in 0..<3 {
            let bytes = try kind.draw(&sampler).encoded()
            for length in 0..<min(bytes.count, 2000) {
                // A copy of its own, so that reading past the end leaves the allocation.
                let part = Array(bytes[..<length])
                #expect(throws: WireError.self, "\(length) of \(bytes.count) bytes") { try Message(decoding: part) }
            }
        }
    }
}
