import Farm
import Testing

/// Goal: first write wins, readers get records in order and only valid ones, and only whoever holds the lease writes.
@Suite struct BoundaryExchangeTests {
    private let first = SegmentID(story: StoryID(rawValue: 1), number: 1)
    private let second = SegmentID(story: StoryID(rawValue: 1), number: 2)

    private func attempt(_ segment: SegmentID, lease: UInt64, generation: UInt32 = 1) -> AttemptID {
        AttemptID(
            segment: segment, lease: Lease(epoch: 1, number: lease), generation: Generation(rawValue: generation))
    }

    /// Two segments, the second of which reads the first.
    private func exchange() -> (BoundaryExchange, AttemptID, AttemptID) {
        var exchange = BoundaryExchange()
        let (writer, reader) = (attempt(first, lease: 1), attempt(second, lease: 2))
        exchange.admit(first, writer)
        exchange.admit(second, reader)
        return (exchange, writer, reader)
    }

    private func steps(_ reading: BoundaryExchange.Reading) -> [Int]? {
        if case .records(let deliveries) = reading { deliveries.map(\.step) } else { nil }
    }

    @Test func aReaderGetsWhatIsThereAndThenWhatComes() {
        var (exchange, writer, reader) = exchange()
        for step in 0...2 { _ = exchange.stored(writer, step: step, checksum: UInt64(step)) }
        #expect(steps(exchange.read(reader, writer.stream, from: 1, window: 8)) == [1, 2])
        #expect(exchange.stored(writer, step: 3, checksum: 3).map(\.step) == [3])
    }

    @Test func noMoreThanTheWindowUntilTheReaderAsksAgain() {
        var (exchange, writer, reader) = exchange()
        #expect(steps(exchange.read(reader, writer.stream, from: 0, window: 2)) == [])
        let delivered = (0...3).map { exchange.stored(writer, step: $0, checksum: 0).count }
        #expect(delivered == [1, 1, 0, 0])
        #expect(steps(exchange.read(reader, writer.stream, from: 2, window: 2)) == [2, 3])
    }

    @Test func whoAsksForEverythingGetsAWindow() {
        var (exchange, writer, reader) = exchange()
        _ = exchange.read(reader, writer.stream, from: 0, window: 1000)
        let delivered = (0..<40).map { exchange.stored(writer, step: $0, checksum: 0).count }
        #expect(delivered.reduce(0, +) == FarmLimits.readWindow)
    }

    @Test func aReadingIsProlongedWhileItsRecordsAreOnTheirWay() {
        var (exchange, writer, reader) = exchange()
        for step in 0...2 { _ = exchange.stored(writer, step: step, checksum: 0) }
        #expect(steps(exchange.read(reader, writer.stream, from: 0, window: 4)) == [0, 1, 2])
        #expect(steps(exchange.read(reader, writer.stream, from: 4, window: 2)) == [])
        #expect((3...6).map { exchange.stored(writer, step: $0, checksum: 0).count } == [1, 1, 1, 0])
        // Not where the last one ends: what it had is lost.
        #expect(steps(exchange.read(reader, writer.stream, from: 2, window: 4)) == [2, 3, 4, 5])
    }

    @Test func aRecordWithoutRoomComesAgainAndNoMoreThanWasAskedFor() {
        var (exchange, writer, reader) = exchange()
        for step in 0...5 { _ = exchange.stored(writer, step: step, checksum: 0) }
        #expect(steps(exchange.read(reader, writer.stream, from: 0, window: 4)) == [0, 1, 2, 3])
        #expect(exchange.refused(reader, writer.stream, step: 2) == true)
        #expect(exchange.offerAgain(reader, writer.stream).map(\.step) == [2, 3])
        #expect(steps(exchange.read(reader, writer.stream, from: 4, window: 2)) == [4, 5])
        let other = attempt(second, lease: 9)
        #expect(exchange.refused(other, writer.stream, step: 0) == false)
        #expect(exchange.offerAgain(other, writer.stream).isEmpty)
    }

    @Test func aWindowWithoutRoomIsOfferedOnceMoreHoweverManyOfItsRecordsFoundNone() {
        var (exchange, writer, reader) = exchange()
        let window = FarmLimits.readWindow
        for step in 0..<window { _ = exchange.stored(writer, step: step, checksum: 0) }
        _ = exchange.read(reader, writer.stream, from: 0, window: window)
        let isDue = (0..<window).reversed().map { exchange.refused(reader, writer.stream, step: $0) }
        #expect(isDue == [true] + Array(repeating: false, count: window - 1))
        #expect(exchange.offerAgain(reader, writer.stream).map(\.step) == Array(0..<window))
        #expect(exchange.offerAgain(reader, writer.stream).isEmpty)
    }

    @Test func nothingOvertakesWhatFoundNoRoom() {
        var (exchange, writer, reader) = exchange()
        for step in 0...2 { _ = exchange.stored(writer, step: step, checksum: 0) }
        _ = exchange.read(reader, writer.stream, from: 0, window: 4)
        #expect(exchange.refused(reader, writer.stream, step: 1) == true)
        #expect(exchange.stored(writer, step: 3, checksum: 0).isEmpty)
        #expect(steps(exchange.read(reader, writer.stream, from: 4, window: 2)) == [])
        #expect(exchange.offerAgain(reader, writer.stream).map(\.step) == [1, 2, 3])
        // Who begins anew meanwhile gets what it asked for last, and no earlier.
        #expect(exchange.refused(reader, writer.stream, step: 1) == true)
        #expect(steps(exchange.read(reader, writer.stream, from: 2, window: 4)) == [])
        #expect(exchange.offerAgain(reader, writer.stream).map(\.step) == [2, 3])
    }

    @Test func theFirstWriteOfAStepWins() {
        var (exchange, writer, _) = exchange()
        _ = exchange.stored(writer, step: 0, checksum: 5)
        #expect(exchange.admission(of: writer, step: 0, checksum: 5) == .duplicate)
        #expect(exchange.admission(of: writer, step: 0, checksum: 6) == .conflict)
        #expect(exchange.admission(of: writer, step: 2, checksum: 6) == .gap(expected: 1))
        #expect(exchange.admission(of: writer, step: 1, checksum: 6) == .write)
    }

    @Test func onlyTheCurrentLeaseWritesAndReads() {
        var (exchange, writer, reader) = exchange()
        let later = attempt(first, lease: 3)
        exchange.admit(first, later)
        #expect(exchange.admission(of: writer, step: 0, checksum: 1) == .stale)
        #expect(exchange.admission(of: later, step: 0, checksum: 1) == .write)
        exchange.admit(second, nil)
        #expect(exchange.read(reader, writer.stream, from: 0, window: 8) == .stale)
    }

    @Test func aGenerationKeepsWhatIsBelowItAndStopsWhoReadBeyond() {
        var (exchange, writer, reader) = exchange()
        for step in 0...4 { _ = exchange.stored(writer, step: step, checksum: UInt64(step)) }
        _ = exchange.read(reader, writer.stream, from: 0, window: 3)
        let next = attempt(first, lease: 4, generation: 2)
        // It has records 0 to 2: what begins at 3 is news to it.
        #expect(exchange.open(next.stream, from: 3) == nil)
        #expect(exchange.head(of: first) == 3)
        exchange.admit(first, next)
        _ = exchange.stored(next, step: 3, checksum: 30)
        #expect(steps(exchange.read(reader, writer.stream, from: 3, window: 8)) == [3])
        #expect(exchange.open(attempt(first, lease: 5, generation: 3).stream, from: 1) == reader)
    }

    @Test func whoWritesAReplacedGenerationWritesNothingIntoTheNewOne() {
        var (exchange, writer, _) = exchange()
        for step in 0...2 { _ = exchange.stored(writer, step: step, checksum: 7) }
        _ = exchange.open(StreamID(segment: first, generation: Generation(rawValue: 2)), from: 0)
        // Its recall is on the way.
        #expect(exchange.admission(of: writer, step: 0, checksum: 7) == .stale)
        let next = attempt(first, lease: 3, generation: 2)
        exchange.admit(first, next)
        #expect(exchange.admission(of: next, step: 0, checksum: 8) == .write)
    }

    @Test func recordsThatWereLostComeAgainInTheGenerationThatTheyWereOf() {
        var (exchange, _, reader) = exchange()
        let spans = [(1, 0), (2, 1)].map { GenerationSpan(generation: Generation(rawValue: $0), fromStep: $1) }
        exchange.restore(first, spans, [])
        let writer = attempt(first, lease: 3, generation: 2)
        exchange.admit(first, writer)
        _ = exchange.read(reader, writer.stream, from: 0, window: 8)
        let delivered = (0...1).flatMap { exchange.stored(writer, step: $0, checksum: 0) }
        #expect(delivered.map(\.stream.generation.rawValue) == [1, 2])
        #expect((0...1).map { exchange.stream(of: first, at: $0) } == delivered.map(\.stream))
    }

    @Test func recordsSayWhichGenerationTheyAreOf() {
        var (exchange, writer, reader) = exchange()
        for step in 0...1 { _ = exchange.stored(writer, step: step, checksum: 1) }
        let next = attempt(first, lease: 4, generation: 2)
        _ = exchange.open(next.stream, from: 1)
        exchange.admit(first, next)
        _ = exchange.stored(next, step: 1, checksum: 2)
        guard case .records(let deliveries) = exchange.read(reader, next.stream, from: 0, window: 8) else {
            Issue.record("no records")
            return
        }
        #expect(deliveries.map(\.stream.generation.rawValue) == [1, 2])
    }
}
