import Testing
import Wire
import WireSamples

/// Goal: no input makes protobuf-c allocate more than is declared, and the cheapest attacks make it allocate nothing.
/// Method: measure the allocator that unpacking goes through.
@Suite struct ExpansionTests {
    private static func measure(
        _ bytes: [UInt8], budget: Int = WireLimits.unpackedBytes
    ) -> (Result<Message, WireError>, AllocationFigures) {
        bytes.withUnsafeBytes { Message.decodeMeasured($0, budget: budget) }
    }

    private static func frame(_ body: UInt64, _ content: [UInt8]) -> [UInt8] {
        FieldRecords.number(1, UInt64(WireLimits.version)) + FieldRecords.content(body, content)
    }

    private static func repeated(_ record: [UInt8], _ count: Int) -> [UInt8] {
        Array(repeating: record, count: count).flatMap { $0 }
    }

    /// Two bytes each that would become a struct each: the 60-fold expansion.
    @Test func megabyteOfEmptyEntriesIsRefusedBeforeAnyAllocation() {
        let (result, cost) = Self.measure(Self.frame(6, Self.repeated([0x1a, 0], 500_000)))
        let limit = WireLimits.repeatedEntries
        #expect(
            throws: WireError(message: "Heartbeat", field: "held", reason: .exceeds(limit: limit, found: limit + 1))
        ) { try result.get() }
        #expect(cost.peakBytes == 0)
    }

    @Test func fieldsOfAllLevelsTogetherAreLimited() {
        // Every entry stays within its own count: 1,000 entries of three fields pass, 2,000 of four and six do not.
        let span = FieldRecords.number(1, 1) + FieldRecords.number(2, 1)
        let consumed = Self.repeated(FieldRecords.content(1, span), 1000)
        let checkpoint = FieldRecords.content(3, consumed)
        let (fine, _) = Self.measure(Self.frame(25, checkpoint))
        #expect(throws: WireError(message: "Checkpoint", field: "attempt", reason: .missing)) { try fine.get() }

        let worker = FieldRecords.content(3, FieldRecords.number(1, 1) + FieldRecords.content(2, [0x61]) + [0x18, 1])
        let exit = FieldRecords.content(
            4, [0x08, 1] + FieldRecords.content(2, [0x61]) + [0x18, 1, 0x20, 1] + FieldRecords.content(5, [0x61]))
        let (result, cost) = Self.measure(Self.frame(50, Self.repeated(worker, 1000) + Self.repeated(exit, 1000)))
        let limit = WireLimits.fields
        #expect(throws: WireError(message: "WorkerExit", field: nil, reason: .exceeds(limit: limit, found: limit + 1)))
        {
            try result.get()
        }
        #expect(cost.peakBytes == 0)
    }

    @Test func oversizedFrameIsRefusedUnread() throws {
        // An unknown field fills the frame to the last byte.
        let header = Self.frame(7, FieldRecords.number(1, 5))
        func filled(to size: Int) -> [UInt8] {
            // Two bytes of tag and three of length.
            header + FieldRecords.content(1000, [UInt8](repeating: 0x61, count: size - header.count - 5))
        }
        let full = filled(to: WireLimits.messageBytes)
        #expect(full.count == WireLimits.messageBytes)
        #expect(try Message(decoding: full) == .heartbeatAnswer(.init(number: 5, epoch: 0)))
        let (result, cost) = Self.measure(full + [0])
        let limit = WireLimits.messageBytes
        #expect(throws: WireError(message: "Envelope", field: nil, reason: .exceeds(limit: limit, found: limit + 1))) {
            try result.get()
        }
        #expect(cost.peakBytes == 0)
    }

    @Test(arguments: MessageSampler.kinds)
    func budgetIsKeptToTheByteAndEverythingIsGivenBack(_ kind: MessageSampler.Kind) throws {
        var sampler = MessageSampler(seed: 4)
        let bytes = try kind.draw(&sampler).encoded()
        let (_, cost) = Self.measure(bytes)
        #expect(cost.peakBytes > 0)
        #expect(cost.leakedBytes == 0)
        #expect(try Self.measure(bytes, budget: cost.peakBytes).0.get().encoded() == bytes)
        for budget in stride(from: 0, to: cost.peakBytes, by: max(1, cost.peakBytes / 60)) {
            let (result, tight) = Self.measure(bytes, budget: budget)
            #expect(throws: WireError(message: "Envelope", field: nil, reason: .unpackingFailed)) { try result.get() }
            #expect(tight.peakBytes <= budget)
            #expect(tight.leakedBytes == 0)
            #expect(tight.refusedAllocations > 0)
        }
    }

    @Test func heaviestLegalMessagesStayWithinEveryLimit() throws {
        for message in HeaviestMessages.all {
            let bytes = try message.encoded()
            let (result, cost) = Self.measure(bytes)
            #expect(try result.get() == message)
            #expect(bytes.count < WireLimits.messageBytes * 9 / 10)
            #expect(cost.peakBytes < WireLimits.unpackedBytes / 2)
        }
    }
}
