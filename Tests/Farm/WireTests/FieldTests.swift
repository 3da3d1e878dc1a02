import Farm
import Testing
import Wire
import WireSamples

/// Goal: what is absent, unknown or out of place is told apart from what is there.
@Suite struct FieldTests {
    /// Without one of its fields a message is refused, or is another valid message: never half of one.
    @Test(arguments: MessageSampler.kinds) func messageWithoutOneOfItsFieldsIsWholeOrRefused(
        _ kind: MessageSampler.Kind
    ) throws {
        var sampler = MessageSampler(seed: 11)
        for _ in 0..<20 {
            let message = kind.draw(&sampler)
            let frame = try #require(FieldRecords(parsing: message.encoded()))
            let body = try #require(FieldRecords.content(of: frame.records[1]))
            let fields = try #require(FieldRecords(parsing: body)).records
            for position in fields.indices {
                var kept = fields
                kept.remove(at: position)
                let bytes =
                    frame.records[0]
                    + FieldRecords.replacing(contentOf: frame.records[1], with: FieldRecords(kept).bytes)
                guard let decoded = try? Message(decoding: bytes) else { continue }
                #expect(decoded != message)
                #expect(try decoded.encoded() == bytes)
            }
        }
    }

    @Test func attemptIsRequiredOnEverythingAWorkerReports() throws {
        let reports = [
            "release", "progress", "checkpoint", "denoised", "delivered", "failed", "boundaryAppend", "boundaryRead",
            "chunk", "fetch", "deposit",
        ]
        for kind in MessageSampler.kinds where reports.contains(kind.description) {
            var sampler = MessageSampler(seed: 12)
            var frame = try #require(FieldRecords(parsing: kind.draw(&sampler).encoded()))
            let number = try #require(FieldRecords.number(of: frame.records[1]))
            for (path, field) in [([number], 1), ([number, 1], 1), ([number, 1], 2)] as [([UInt64], UInt64)] {
                let whole = frame
                frame.edit(at: path[...]) { $0.records.removeAll { FieldRecords.number(of: $0) == field } }
                let error = #expect(throws: WireError.self, "\(kind)") { try Message(decoding: frame.bytes) }
                #expect(error?.reason == .missing)
                frame = whole
            }
        }
    }

    @Test func leaseNeedsExactlyOneJob() throws {
        var frame = try #require(FieldRecords(parsing: Boundary.grant().encoded()))
        let whole = frame
        frame.edit(at: [16]) { $0.records.removeAll { FieldRecords.number(of: $0) == 3 } }
        #expect(throws: WireError(message: "LeaseGrant", field: "job", reason: .missing)) {
            try Message(decoding: frame.bytes)
        }
        frame = whole
        frame.edit(at: [16]) { $0.records.append(FieldRecords.content(4, [])) }
        #expect(throws: WireError(message: "LeaseGrant", field: "delivering", reason: .duplicate)) {
            try Message(decoding: frame.bytes)
        }
    }

    // MARK: Enumerations

    private static func drain(reason: UInt64) -> [UInt8] {
        FieldRecords.number(1, 1) + FieldRecords.content(9, FieldRecords.number(1, reason))
    }

    @Test func codeThatOnlyExplainsIsKeptWhenItIsUnknown() throws {
        let expected = Message.drain(.init(reason: .unknown(77), grace: .zero))
        #expect(try Message(decoding: Self.drain(reason: 77)) == expected)
        #expect(try expected.encoded() == Self.drain(reason: 77))
        #expect(
            "\(Open<Message.DrainReason>.unknown(77)), \(Open<Message.DrainReason>.known(.scale))"
                == "unknown(77), scale")
    }

    @Test func negativeCodeIsUnknownToo() throws {
        let bytes = Self.drain(reason: UInt64(bitPattern: -1))
        #expect(try Message(decoding: bytes) == .drain(.init(reason: .unknown(-1), grace: .zero)))
    }

    @Test func absentCodeIsRefused() throws {
        var frame = try #require(FieldRecords(parsing: Boundary.chunk(total: 9, bytes: 4).encoded()))
        frame.edit(at: [37]) { $0.records.removeAll { FieldRecords.number(of: $0) == 3 } }
        #expect(throws: WireError(message: "Chunk", field: "kind", reason: .missing)) {
            try Message(decoding: frame.bytes)
        }
        #expect(throws: WireError(message: "Drain", field: "reason", reason: .missing)) {
            try Message(decoding: Self.drain(reason: 0))
        }
    }

    @Test func codeThatDecidesIsRefusedWhenItIsUnknown() throws {
        let message = Message.failed(
            .init(
                attempt: HeaviestMessages.attempt, phase: .delivering, failureClass: .nonFinite, detail: "", step: 1,
                neededBytes: 0, availableBytes: 0))
        for (field, name) in [(2, "phase"), (3, "failure_class")] as [(UInt64, String)] {
            for value in [8, UInt64(bitPattern: -1)] {
                var frame = try #require(FieldRecords(parsing: message.encoded()))
                frame.edit(at: [28]) { body in
                    for position in body.records.indices where FieldRecords.number(of: body.records[position]) == field
                    {
                        body.records[position] = FieldRecords.number(field, value)
                    }
                }
                let error = #expect(throws: WireError.self) { try Message(decoding: frame.bytes) }
                #expect(error?.field == name)
            }
        }
    }

    // MARK: Around the message

    @Test func rawFramesAreAnnouncedByTheirLength() {
        #expect(Boundary.append(bytes: 305_280).rawFrames == [305_280])
        #expect(Boundary.chunk(total: 9, bytes: 4).rawFrames == [4])
        #expect(Boundary.progress(preview: 77).rawFrames == [77])
        #expect(Boundary.checkpoint().rawFrames == [])
    }

    @Test func messagesWithRawFramesTravelOnDataConnectionsOnly() {
        for kind in MessageSampler.kinds {
            var sampler = MessageSampler(seed: 13)
            for _ in 0..<20 {
                let message = kind.draw(&sampler)
                #expect(message.rawFrames.isEmpty || message.route.channel == .data, "\(kind)")
                #expect(!message.route.senders.isEmpty)
            }
        }
    }

    @Test func routesTellWhoMaySpeak() {
        #expect(Boundary.hello().route.allows(.worker, on: .control))
        #expect(!Boundary.hello().route.allows(.worker, on: .data))
        #expect(!Boundary.hello().route.allows(.node, on: .control))
        #expect(!Boundary.grant().route.allows(.worker, on: .control))
        #expect(Boundary.welcome().route.allows(.coordinator, on: .data))
    }

    @Test func secretIsNeverPrinted() {
        let hello = Boundary.hello()
        var dumped = ""
        dump(hello, to: &dumped)
        for text in [dumped, "\(hello)", String(reflecting: hello)] {
            #expect(text.contains("Secret"))
            #expect(!text.contains("1, 2, 3"))
            #expect(!text.contains("32 elements"))
        }
    }

    @Test func idsKeepTheirBytes() throws {
        let bytes = [UInt8](1...16)
        #expect(WorkerID(bytes: bytes) == WorkerID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10))
        #expect(WorkerID(bytes: bytes)?.bytes == bytes)
        #expect(WorkerID(bytes: bytes.dropLast()) == nil)
        let digest = try #require(Digest(UInt8(0)..<32))
        #expect(digest.bytes == [UInt8](0..<32))
        #expect(digest.description.hasPrefix("000102030405") && digest.description.hasSuffix("1f"))
        #expect(Digest(UInt8(0)..<31) == nil)
    }
}
