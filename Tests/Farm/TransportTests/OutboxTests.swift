import Testing

@testable import Transport

/// Goal: every message given to a link is answered exactly once, and never more wait than the limits say.
/// Method: drive the table by hand; no socket, no thread.
struct OutboxTests {
    private func entry(_ id: UInt64, bytes: Int = 1) -> Outbox.Entry {
        Outbox.Entry(id: id, message: Multipart([Frame(Array(repeating: 0, count: bytes))])) { _ in }
    }

    private func take(_ outbox: inout Outbox) throws -> Outbox.Entry {
        let entry = outbox.take()
        return try #require(entry)
    }

    @Test func entriesAreTakenInTheOrderTheyWereAdded() {
        var outbox = Outbox(capacity: 8, byteCapacity: 100)
        for id in 1...3 { _ = outbox.add(entry(UInt64(id))) }
        let order1 = [outbox.take()?.id, outbox.take()?.id, outbox.take()?.id, outbox.take()?.id]
        #expect(order1 == [1, 2, 3, nil])
    }

    @Test func oneMoreThanItsCapacityIsRefused() {
        var outbox = Outbox(capacity: 2, byteCapacity: 100)
        let answer5 = outbox.add(entry(1))
        #expect(answer5 == .queued)
        let answer6 = outbox.add(entry(2))
        #expect(answer6 == .queued)
        let answer7 = outbox.add(entry(3))
        #expect(answer7 == .refused(.queueFull))
        let answer8 = outbox.take()?.id
        #expect(answer8 == 1)
        let answer9 = outbox.add(entry(4))
        #expect(answer9 == .queued)
    }

    @Test func bytesAreBoundedButOneLargeMessageAlwaysFits() {
        var outbox = Outbox(capacity: 8, byteCapacity: 10)
        let answer10 = outbox.add(entry(1, bytes: 50))
        #expect(answer10 == .queued)
        let answer11 = outbox.add(entry(2))
        #expect(answer11 == .refused(.queueFull))
        _ = outbox.take()
        let answer12 = outbox.add(entry(3, bytes: 6))
        #expect(answer12 == .queued)
        let answer13 = outbox.add(entry(4, bytes: 5))
        #expect(answer13 == .refused(.queueFull))
        let answer14 = outbox.add(entry(5, bytes: 4))
        #expect(answer14 == .queued)
    }

    @Test func anEntryThatFoundNoRoomIsTriedAgainFirst() throws {
        var outbox = Outbox(capacity: 8, byteCapacity: 100)
        _ = outbox.add(entry(1))
        _ = outbox.add(entry(2))
        let first = try take(&outbox)
        let answer15 = outbox.putBack(first)
        #expect(answer15 == nil)
        let order2 = [outbox.take()?.id, outbox.take()?.id]
        #expect(order2 == [1, 2])
    }

    @Test func withdrawingFindsWhatWaitsAndMarksWhatIsBeingTried() throws {
        var outbox = Outbox(capacity: 8, byteCapacity: 100)
        for id in 1...3 { _ = outbox.add(entry(UInt64(id))) }
        let answer16 = outbox.withdraw(2)?.id
        #expect(answer16 == 2)
        let answer17 = outbox.withdraw(2)
        #expect(answer17 == nil)
        let first = try take(&outbox)
        let answer18 = outbox.withdraw(1)
        #expect(answer18 == nil)
        let answer19 = outbox.putBack(first)
        #expect(answer19 == .cancelled)
        let order3 = [outbox.take()?.id, outbox.take()?.id]
        #expect(order3 == [3, nil])
    }

    @Test func aWithdrawalThatComesTooLateMarksNothing() throws {
        var outbox = Outbox(capacity: 8, byteCapacity: 100)
        _ = outbox.add(entry(1))
        _ = outbox.add(entry(2))
        _ = outbox.take()
        let answer20 = outbox.withdraw(1)
        #expect(answer20 == nil)
        let second = try take(&outbox)
        let answer21 = outbox.putBack(second)
        #expect(answer21 == nil)
        #expect(outbox.count == 1)
    }

    @Test func closingReturnsWhatWaitsAndRefusesTheRest() throws {
        var outbox = Outbox(capacity: 8, byteCapacity: 100)
        for id in 1...3 { _ = outbox.add(entry(UInt64(id))) }
        let first = try take(&outbox)
        let closed = outbox.close().map(\.id)
        #expect(closed == [2, 3])
        let answer22 = outbox.putBack(first)
        #expect(answer22 == .closed)
        let answer23 = outbox.add(entry(4))
        #expect(answer23 == .refused(.closed))
    }

    @Test func withinTheWindowASenderIsAnsweredAtOnceAndItsMessageSurvivesTheClosing() throws {
        var outbox = Outbox(capacity: 8, byteCapacity: 100, window: 2)
        func early(_ id: UInt64) -> Outbox.Entry {
            var entry = entry(id)
            entry.acceptsEarly = true
            return entry
        }
        let answers = [outbox.add(early(1)), outbox.add(entry(2)), outbox.add(early(3))]
        #expect(answers == [.accepted, .queued, .queued])
        let first = try take(&outbox)
        #expect(first.complete == nil)
        let waiting = outbox.close().map(\.id)
        #expect(waiting == [2, 3])
        let refusal = outbox.putBack(first)
        #expect(refusal == nil)
        let again = try take(&outbox)
        #expect(again.id == 1)
    }
}
