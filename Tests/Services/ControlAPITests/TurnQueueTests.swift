import Testing

@testable import ControlAPI

/// Goal: everybody's turn comes, nobody's twice, and few at once. Method: the queue by hand, without a clock.
@Suite struct TurnQueueTests {
    private func queue(of listeners: UInt64, atOnce: Int = 2) -> TurnQueue {
        var queue = TurnQueue(atOnce: atOnce, keepAlive: .seconds(10), patience: .seconds(60))
        for listener in 1...listeners {
            queue.join(listener, at: .zero)
            queue.wait(listener, hasAll: true, at: .zero)
        }
        return queue
    }

    @Test func whoHasAllWaitsForNews() {
        var queue = queue(of: 3)
        #expect(queue.turn(at: .zero) == [])
        queue.news()
        #expect(queue.hasDue)
        #expect(queue.turn(at: .zero) == [1, 2])
        #expect(queue.turn(at: .zero) == [3])
        #expect(!queue.hasDue)
    }

    @Test func whoWasWrittenToWaitsBehindAllOthers() {
        var queue = queue(of: 3, atOnce: 1)
        queue.news()
        var turns: [UInt64] = []
        for _ in 0..<7 {
            for listener in queue.turn(at: .zero) {
                turns.append(listener)
                // There are always more.
                queue.wait(listener, hasAll: false, at: .zero)
            }
        }
        #expect(turns == [1, 2, 3, 1, 2, 3, 1])
    }

    @Test func whoWritesStillIsLeftOut() {
        var queue = queue(of: 2)
        queue.news()
        #expect(queue.turn(at: .zero) == [1, 2])
        queue.news()
        #expect(queue.turn(at: .zero) == [])
        queue.wait(2, hasAll: false, at: .zero)
        #expect(queue.turn(at: .zero) == [2])
    }

    @Test func whoHearsNothingForLongIsToldThatItIsThere() {
        var queue = queue(of: 2)
        queue.join(3, at: .seconds(4))
        queue.wait(3, hasAll: true, at: .seconds(4))
        #expect(queue.turn(at: .seconds(9)) == [])
        #expect(queue.turn(at: .seconds(10)) == [1, 2])
        queue.wait(1, hasAll: true, at: .seconds(10))
        #expect(queue.turn(at: .seconds(14)) == [3])
        #expect(queue.turn(at: .seconds(20)) == [1])
    }

    @Test func whoHasLeftHasNoTurn() {
        var queue = queue(of: 4)
        queue.leave(1)
        queue.news()
        queue.leave(2)
        #expect(queue.turn(at: .zero) == [3, 4])
        #expect(queue.count == 2)
        queue.leave(3)
        queue.wait(3, hasAll: false, at: .zero)
        #expect(queue.turn(at: .zero) == [])
    }

    @Test func whoTakesNothingIsNamed() {
        var queue = queue(of: 2)
        queue.news()
        #expect(queue.turn(at: .seconds(5)) == [1, 2])
        queue.wait(1, hasAll: true, at: .seconds(6))
        #expect(queue.stuck(at: .seconds(65)) == [])
        #expect(queue.stuck(at: .seconds(66)) == [2])
    }
}
