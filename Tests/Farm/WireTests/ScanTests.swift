import Testing
import Wire
import WireSamples

/// Goal: bytes that are not exactly one message are refused before anything is allocated, with the place and reason.
/// Method: build encodings by hand, field by field.
@Suite struct ScanTests {
    private typealias Records = FieldRecords

    /// Body numbers of `envelope.proto`.
    private static let heartbeatAnswer: UInt64 = 7
    private static let heartbeat: UInt64 = 6
    private static let drain: UInt64 = 9
    private static let bye: UInt64 = 10
    private static let recall: UInt64 = 17

    private static func frame(_ body: UInt64, _ content: [UInt8]) -> [UInt8] {
        Records([Records.number(1, UInt64(WireLimits.version)), Records.content(body, content)]).bytes
    }

    private static func reason(for bytes: [UInt8]) -> WireError.Reason? {
        let (result, cost) = bytes.withUnsafeBytes { Message.decodeMeasured($0) }
        guard case .failure(let error) = result else { return nil }
        #expect(cost.peakBytes == 0, "refused only after unpacking: \(error)")
        return error.reason
    }

    private static let answer = Records.number(1, 5) + Records.number(2, 6)

    @Test func minimalFrameDecodes() throws {
        let message = try Message(decoding: Self.frame(Self.heartbeatAnswer, Self.answer))
        #expect(message == .heartbeatAnswer(.init(number: 5, epoch: 6)))
    }

    @Test func emptyFrameIsRefused() {
        #expect(Self.reason(for: []) == .malformed(.truncated))
    }

    // MARK: Version

    @Test func unknownVersionIsRefusedByItsNumberWhateverFollows() {
        let followers: [[UInt8]] = [[], [0xff], Self.frame(Self.heartbeatAnswer, Self.answer)]
        for version in [0, 2, 77, UInt32.max] {
            for rest in followers {
                #expect(Self.reason(for: Records.number(1, UInt64(version)) + rest) == .unknownVersion(version))
            }
        }
    }

    @Test func versionThatDoesNotComeFirstIsRefused() {
        let swapped = Records.content(Self.heartbeatAnswer, Self.answer) + Records.number(1, 1)
        #expect(Self.reason(for: swapped) == .malformed(.fieldNumber))
        let preceded = Records.number(100, 1) + Self.frame(Self.heartbeatAnswer, Self.answer)
        #expect(Self.reason(for: preceded) == .malformed(.fieldNumber))
    }

    @Test func versionThatIsNoUInt32IsRefused() {
        #expect(Self.reason(for: Records.number(1, 1 << 32 + 1)) == .malformed(.varint))
    }

    // MARK: Body

    @Test func bodyThisBuildDoesNotKnowIsRefusedByItsNumber() {
        let (result, _) = Self.frame(999, [1, 2, 3]).withUnsafeBytes { Message.decodeMeasured($0) }
        #expect(throws: WireError(message: "Envelope", field: nil, reason: .unknownBody(999))) { try result.get() }
    }

    @Test func envelopeWithoutBodyIsRefused() {
        let (result, _) = Records.number(1, 1).withUnsafeBytes { Message.decodeMeasured($0) }
        #expect(throws: WireError(message: "Envelope", field: nil, reason: .unknownBody(nil))) { try result.get() }
    }

    /// protobuf-c would merge the two.
    @Test func sameBodyTwiceIsRefused() {
        let twice = Self.frame(Self.heartbeatAnswer, Self.answer) + Records.content(Self.heartbeatAnswer, Self.answer)
        #expect(Self.reason(for: twice) == .duplicate)
    }

    /// protobuf-c would keep the last.
    @Test func twoBodiesAreRefused() {
        let both = Self.frame(Self.heartbeatAnswer, Self.answer) + Records.content(Self.bye, Records.number(1, 1))
        #expect(Self.reason(for: both) == .duplicate)
    }

    // MARK: Fields

    @Test func sameScalarTwiceIsRefused() {
        #expect(Self.reason(for: Self.frame(Self.heartbeatAnswer, Self.answer + Records.number(1, 5))) == .duplicate)
    }

    @Test(arguments: [1, 2, 5] as [UInt64]) func wrongWireTypeOfKnownFieldIsRefused(_ type: UInt64) {
        let field = Records.raw(1, wireType: type, [UInt8](repeating: 0, count: 8))
        #expect(Self.reason(for: Self.frame(Self.heartbeatAnswer, field)) == .wrongWireType(Int(type)))
    }

    @Test(arguments: [3, 4, 6, 7] as [UInt64]) func groupsAndReservedWireTypesAreRefused(_ type: UInt64) {
        let field = Records.raw(100, wireType: type, [])
        #expect(Self.reason(for: Self.frame(Self.heartbeatAnswer, field)) == .malformed(.wireType))
    }

    @Test(arguments: [[0x00, 0x01], [0x82, 0x80, 0x80, 0x80, 0x20, 0x00]] as [[UInt8]])
    func fieldNumbersOutsideTheirRangeAreRefused(_ field: [UInt8]) {
        #expect(Self.reason(for: Self.frame(Self.heartbeatAnswer, field)) == .malformed(.fieldNumber))
    }

    @Test func fieldsBeyondTheEndOfTheirMessageAreRefused() {
        let tooLong = Records.raw(2, wireType: 2, [4, 0x61, 0x62, 0x63])
        #expect(Self.reason(for: Self.frame(Self.bye, tooLong)) == .malformed(.truncated))
        let hugeLength = Records.raw(2, wireType: 2, [0xff, 0xff, 0xff, 0xff, 0x0f])
        #expect(Self.reason(for: Self.frame(Self.bye, hugeLength)) == .malformed(.truncated))
        let cutVarint = Records.raw(1, wireType: 0, [0x80])
        #expect(Self.reason(for: Self.frame(Self.heartbeatAnswer, cutVarint)) == .malformed(.truncated))
        let cutFixed = Records.raw(100, wireType: 1, [0, 0, 0])
        #expect(Self.reason(for: Self.frame(Self.heartbeatAnswer, cutFixed)) == .malformed(.truncated))
    }

    @Test func varintsMayFillSixtyFourBitsAndNoMore() throws {
        let nines = [UInt8](repeating: 0xff, count: 9)
        let most = Records.raw(1, wireType: 0, nines + [1])
        let message = try Message(decoding: Self.frame(Self.heartbeatAnswer, most))
        #expect(message == .heartbeatAnswer(.init(number: .max, epoch: 0)))
        let more = Records.raw(1, wireType: 0, nines + [2])
        #expect(Self.reason(for: Self.frame(Self.heartbeatAnswer, more)) == .malformed(.varint))
        let longer = Records.raw(1, wireType: 0, nines + [0x81, 0])
        #expect(Self.reason(for: Self.frame(Self.heartbeatAnswer, longer)) == .malformed(.varint))
    }

    /// protobuf-c would cut the upper half off.
    @Test func numbersTooLargeForTheirFieldAreRefused() throws {
        var sampler = MessageSampler(seed: 1)
        let stored = try #require(MessageSampler.kinds.first { $0.description == "boundaryStored" })
        var records = try #require(FieldRecords(parsing: stored.draw(&sampler).encoded()))
        records.edit(at: [33]) {
            $0.records.removeAll { Records.number(of: $0) == 2 }
            $0.records.append(Records.number(2, 1 << 32))
        }
        #expect(Self.reason(for: records.bytes) == .malformed(.varint))
    }

    @Test func flagsAreZeroOrOne() {
        #expect(Self.reason(for: Self.frame(Self.recall, Records.number(3, 2))) == .malformed(.varint))
    }

    @Test func enumerationsFitThirtyTwoBits() {
        #expect(Self.reason(for: Self.frame(Self.drain, Records.number(1, 1 << 31))) == .malformed(.varint))
        #expect(Self.reason(for: Self.frame(Self.drain, Records.number(1, 1 << 63))) == .malformed(.varint))
    }

    // MARK: Strings

    private static let brokenTexts: [[UInt8]] = [
        [0x80], [0xc0, 0x80], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff],
    ]

    @Test(arguments: brokenTexts) func textThatIsNotUTF8IsRefused(_ text: [UInt8]) {
        let body = Records.number(1, 1) + Records.content(2, [0x61] + text)
        #expect(Self.reason(for: Self.frame(Self.bye, body)) == .malformed(.utf8))
    }

    /// C would cut the text there.
    @Test func textWithNULIsRefused() {
        let body = Records.number(1, 1) + Records.content(2, [0x61, 0, 0x62])
        #expect(Self.reason(for: Self.frame(Self.bye, body)) == .malformed(.nul))
    }

    @Test func errorsNameTheirPlace() throws {
        let body = Records.number(1, 1) + Records.content(2, [0xff])
        let error = WireError(message: "Bye", field: "detail", reason: .malformed(.utf8))
        #expect(throws: error) { try Message(decoding: Self.frame(Self.bye, body)) }
        #expect(error.description == "Bye.detail: malformed (utf8)")
    }

    // MARK: Unknown fields

    @Test func unknownFieldsOfANewerPeerAreSkippedUpToTheirLimit() throws {
        let one = Records.number(100, 1) + Records.content(101, [1, 2]) + Records.raw(102, wireType: 5, [0, 0, 0, 0])
        let few = Array(repeating: Records.number(100, 1), count: WireLimits.unknownFields - 3).flatMap { $0 } + one
        let message = try Message(decoding: Self.frame(Self.heartbeatAnswer, Self.answer + few))
        #expect(message == .heartbeatAnswer(.init(number: 5, epoch: 6)))
        let many = few + Records.number(100, 1)
        #expect(
            Self.reason(for: Self.frame(Self.heartbeatAnswer, Self.answer + many))
                == .exceeds(limit: WireLimits.unknownFields, found: WireLimits.unknownFields + 1))
    }
}
