import Control
import Farm
import Testing
import Transport
import Wire

/// Goal: a reader that took nothing for a while gets every record that it asked for once it takes them, and asks no
/// second time.
/// Method: a worker asks for a large record so often that its connection is full, then for more than there is yet, and
/// listens only now. No clock is involved: a record that was forgotten never comes.
@Suite(.timeLimit(.minutes(5))) struct FullReaderTests {
    /// More than the connection's queues and the system's buffers hold of it.
    private static let floods = 64
    private static let payload = [UInt8](repeating: 0, count: WireLimits.boundaryBytes)

    /// A reader whose connection is full, the writer of what it reads, and their leases.
    private struct Flooded {
        let writer: ScriptedWorker
        let reader: ScriptedWorker
        let first: Message.LeaseGrant
        let second: Message.LeaseGrant
        let story: UInt64
    }

    private func flood(_ farm: OpenFarm) async throws -> Flooded {
        let (writer, reader) = (try ScriptedWorker(farm.home, number: 1), try ScriptedWorker(farm.home, number: 2))
        try await writer.join(farm)
        let story = try await farm.submit(OpenFarm.story(segments: 3))
        let first = try await writer.grant()
        try await writer.append(first, 0, payload: Self.payload)
        try await reader.join(farm)
        let second = try await reader.grant()
        guard case .denoising(let job) = second.job, let stream = job.predecessor?.stream else {
            throw ScriptedWorker.Ended()
        }
        func read(window: Int) -> Message {
            .boundaryRead(.init(reader: second.attempt, stream: stream, fromStep: 0, window: window))
        }
        for _ in 1..<Self.floods { try await reader.say(read(window: 1), on: .data) }
        try await reader.say(read(window: WorkerMachine.window), on: .data)
        return Flooded(writer: writer, reader: reader, first: first, second: second, story: story)
    }

    /// Method: a file is uploaded and reported meanwhile, and the report answered on the other socket.
    @Test func creditThatFoundNoRoomIsGivenOnceThereIs() async throws {
        try await withFarm { farm in
            let flooded = try await flood(farm)
            let (reader, attempt) = (flooded.reader, flooded.second.attempt)
            let file = Artifact(bytes: 3, digest: ScriptedWorker.digest(of: [1, 2, 3]))
            try await reader.say(
                .chunk(
                    .init(
                        attempt: attempt, transfer: 77, kind: .checkpoint, offset: 0, total: 3, bytes: 3,
                        digest: file.digest)), [Frame([1, 2, 3])], on: .data)
            try await reader.say(
                .checkpoint(
                    .init(
                        attempt: attempt, step: 0, consumed: ReadRecords().consumed, transfer: 77, artifact: file)),
                on: .data)
            _ = try await reader.verdict(on: attempt, .checkpoint)
            let credited = try await reader.hear(.data) { message -> Int? in
                if case .credit(let credit) = message, credit.transfer == 77 { credit.bytes } else { nil }
            }
            #expect(credited == 3)
        }
    }

    @Test func aRecordThatFoundNoRoomDoesNotShortenItsReadersWindow() async throws {
        try await withFarm { farm in
            let flooded = try await flood(farm)
            let (writer, reader) = (flooded.writer, flooded.reader)
            let (first, second) = (flooded.first, flooded.second)
            // What it sends next is heard after all that: then the third segment may begin.
            let own = Frame(ScriptedWorker.boundary(second.recipe, 0))
            try await reader.say(reader.append(second.attempt, 0, own), [own], on: .data)
            try await farm.segment(3, of: flooded.story, was: "ready")

            // However often it asked, what found no room is offered once more at a time.
            try await hear(0, by: reader)
            // What comes to be now was asked for above.
            for step in 1..<4 { try await writer.append(first, step) }
            for step in 1..<4 { try await hear(step, by: reader) }
        }
    }

    private func hear(_ step: Int, by reader: ScriptedWorker) async throws {
        try await reader.hear(.data) { message in
            if case .boundaryRecord(let record) = message, record.step == step { true } else { nil }
        }
    }
}
