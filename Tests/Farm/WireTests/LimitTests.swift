import Farm
import Testing
import WireSamples

@testable import Wire

/// Goal: every limit holds for senders and receivers alike, at the same value and with the same error.
/// Method: a table of messages at a limit and beyond it; a peer that does not check its own messages sends the latter.
@Suite struct LimitTests {
    @Test(arguments: Boundary.all + Boundary.negative) func messageAtItsLimitArrives(_ boundary: Boundary) throws {
        #expect(try Message(decoding: boundary.at.encoded()) == boundary.at)
    }

    @Test(arguments: Boundary.all + Boundary.negative) func messageBeyondItsLimitIsNotSent(_ boundary: Boundary) {
        for message in boundary.beyond {
            let error = #expect(throws: WireError.self) { try message.encoded() }
            #expect(error?.message == boundary.message)
            #expect(error?.field == boundary.field)
        }
    }

    @Test(arguments: Boundary.all) func messageBeyondItsLimitIsRefused(_ boundary: Boundary) throws {
        for message in boundary.beyond {
            let bytes = try message.packed(in: EncodingArena(checksLimits: false))
            let error = #expect(throws: WireError.self) { try Message(decoding: bytes) }
            #expect(error?.message == boundary.message)
            #expect(error?.field == boundary.field)
        }
    }

    @Test func textWithNULIsNotSent() {
        let error = WireError(message: "Hello", field: "node", reason: .malformed(.nul))
        #expect(throws: error) { try Boundary.hello(node: "a\0b").encoded() }
    }

    @Test func numberThatItsFieldCannotHoldDoesNotTrap() {
        #expect(throws: WireError.self) {
            try Boundary.progress(step: -1).packed(in: EncodingArena(checksLimits: false))
        }
    }

    /// A sender names the job, which it checks first; a receiver names the resume point, which it reads first.
    @Test func resumingBeyondTheLastStepIsRefused() throws {
        let bytes = try Boundary.grant(steps: 1000, resume: 1001).packed(in: EncodingArena(checksLimits: false))
        let error = #expect(throws: WireError.self) { try Message(decoding: bytes) }
        #expect(error?.message == "ResumePoint")
        #expect(error?.field == "step")
    }

    @Test func numbersAboveWhatSwiftCountsWithAreRefused() throws {
        var records = try #require(FieldRecords(parsing: Boundary.checkpoint().encoded()))
        records.edit(at: [25, 5]) { $0.records[0] = FieldRecords.number(1, .max) }
        let error = #expect(throws: WireError.self) { try Message(decoding: records.bytes) }
        #expect(error?.field == "bytes")
    }

    // MARK: Bytes of one length

    /// Paths to every id and digest, in a message that has them.
    private static let fixedLengths: [(Message, path: [UInt64], field: UInt64, name: String, length: Int)] = [
        (Boundary.hello(), [2], 1, "secret", 32),
        (.attach(.init(secret: HeaviestMessages.secret)), [3], 1, "secret", 32),
        (Boundary.welcome(), [4], 1, "peer", 16),
        (Boundary.nodeHello(), [48], 1, "secret", 32),
        (Boundary.probe(), [19, 2], 2, "model_digest", 32),
        (Boundary.checkpoint(), [25, 3], 2, "digest", 32),
        (Boundary.checkpoint(), [25, 5], 2, "digest", 32),
        (Boundary.delivered(), [27], 4, "latents_digest", 32),
        (Boundary.chunk(offset: 0, total: 1, bytes: 1, digest: HeaviestMessages.digest), [37], 7, "digest", 32),
    ]

    @Test(arguments: 0..<9) func idsAndDigestsHaveExactlyTheirLength(_ index: Int) throws {
        let (message, path, field, name, length) = Self.fixedLengths[index]
        for wrong in [1, length - 1, length + 1, 4096] {
            var records = try #require(FieldRecords(parsing: message.encoded()))
            records.edit(at: path[...]) { inner in
                inner.records.removeAll { FieldRecords.number(of: $0) == field }
                inner.records.append(FieldRecords.content(field, [UInt8](repeating: 1, count: wrong)))
            }
            let error = #expect(throws: WireError.self) { try Message(decoding: records.bytes) }
            #expect(error?.field == name)
            #expect(error?.reason == .outOfRange(found: "\(wrong) bytes", allowed: "\(length) bytes"))
        }
    }

    // MARK: Details

    @Test func detailIsCutToItsLimitBehindAWholeCharacter() throws {
        let detail = Detail(String(repeating: "x", count: 998) + "雪y")
        #expect(detail.text == String(repeating: "x", count: 998))
        #expect(Detail(String(repeating: "é", count: 5000)).text.utf8.count == WireLimits.detailBytes)
        #expect(Detail("a\0b").text == "a\u{FFFD}b")
        let message = Message.bye(.init(reason: .known(.broken), detail: Detail(String(repeating: "\0", count: 5000))))
        #expect(try Message(decoding: message.encoded()) == message)
    }

    @Test func detailOverItsLimitIsRefused() throws {
        func bye(_ count: Int) -> [UInt8] {
            let body = FieldRecords.number(1, 1) + FieldRecords.content(2, [UInt8](repeating: 0x61, count: count))
            return FieldRecords.number(1, 1) + FieldRecords.content(10, body)
        }
        #expect(throws: Never.self) { try Message(decoding: bye(WireLimits.detailBytes)) }
        let reason = WireError.Reason.exceeds(limit: WireLimits.detailBytes, found: WireLimits.detailBytes + 1)
        #expect(throws: WireError(message: "Bye", field: "detail", reason: reason)) {
            try Message(decoding: bye(WireLimits.detailBytes + 1))
        }
    }
}
