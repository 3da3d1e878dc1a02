import Testing

@testable import Transport

/// Goal: what waits for a slow consumer is bounded, and the producer is told once when it may go on.
struct InboxTests {
    private func element(_ taken: Inbox<Int>.Taken) -> Int? {
        guard case .element(let element, _) = taken else { return nil }
        return element
    }

    private func resumes(_ taken: Inbox<Int>.Taken) -> Bool {
        guard case .element(_, let resumes) = taken else { return false }
        return resumes
    }

    @Test func itStallsAtItsCapacityAndResumesOnceAtHalf() {
        var inbox = Inbox<Int>(capacity: 4)
        for number in 0..<4 {
            let hasRoom = inbox.hasRoom()
            #expect(hasRoom)
            inbox.put(number)
        }
        let hasRoom = inbox.hasRoom()
        #expect(!hasRoom)
        let resumed = [resumes(inbox.take()), resumes(inbox.take()), resumes(inbox.take()), resumes(inbox.take())]
        #expect(resumed == [false, true, false, false])
    }

    @Test func bytesStallItToo() {
        var inbox = Inbox<Int>(capacity: 100, byteCapacity: 10)
        inbox.put(1, bytes: 9)
        let answer24 = inbox.hasRoom()
        #expect(answer24 == true)
        inbox.put(2, bytes: 9)
        let answer25 = inbox.hasRoom()
        #expect(answer25 == false)
        let answer26 = resumes(inbox.take())
        #expect(answer26 == false)
        let answer27 = resumes(inbox.take())
        #expect(answer27 == true)
    }

    @Test func aConsumerThatKeepsUpResumesNobody() {
        var inbox = Inbox<Int>(capacity: 2)
        inbox.put(1)
        let answer28 = inbox.hasRoom()
        #expect(answer28 == true)
        let answer29 = resumes(inbox.take())
        #expect(answer29 == false)
    }

    @Test func finishingKeepsWhatHasArrived() {
        var inbox = Inbox<Int>(capacity: 4)
        inbox.put(1)
        inbox.finish()
        inbox.put(2)
        let answer30 = element(inbox.take())
        #expect(answer30 == 1)
        guard case .finished = inbox.take() else {
            Issue.record("the inbox is not finished")
            return
        }
    }

    @Test func theOldestMakesRoomForAProducerThatCannotWait() {
        var inbox = Inbox<Int>(capacity: 2)
        for number in 1...5 { inbox.putReplacingOldest(number) }
        #expect(inbox.lost == 3)
        let answer31 = [element(inbox.take()), element(inbox.take()), element(inbox.take())]
        #expect(answer31 == [4, 5, nil])
    }

    @Test(arguments: [1, 7, 64, 65, 1000]) func aFifoReturnsWhatItWasGivenInOrder(_ count: Int) {
        var fifo = Fifo<Int>()
        var taken: [Int] = []
        for number in 0..<count {
            fifo.append(number)
            if number % 3 == 2, let first = fifo.popFirst() {
                if number % 2 == 0 { fifo.prepend(first) } else { taken.append(first) }
            }
        }
        #expect(fifo.count == count - taken.count)
        while let first = fifo.popFirst() { taken.append(first) }
        #expect(taken == Array(0..<count))
    }
}
