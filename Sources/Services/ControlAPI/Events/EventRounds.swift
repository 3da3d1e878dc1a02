import Control
import ServiceLifecycle
import Synchronization

/// Has the listeners of events written to by turns, so that a thousand of them are never written to at once.
///
/// A listener has no queue: it has a place on the board and reads on from there when its turn comes, so that a slow one
/// costs nothing but its connection. One that takes nothing for a while is dropped.
final class EventRounds: Service {
    private struct State {
        var queue: TurnQueue
        var end: NewsBoard.Place
        var isOver = false
        var listenersEver: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Bool, Never>] = [:]
        var drops: [UInt64: @Sendable () -> Void] = [:]
        var dismissed: Set<UInt64> = []
    }

    let board: NewsBoard
    private let batches: EventBatches
    private let state: Mutex<State>
    private let start = ContinuousClock.now
    private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// Between two turns.
    private static let interval = Duration.milliseconds(10)
    /// With the interval: 1,000 writes a second, which cost a twentieth of a slow core; of a thousand listeners each is
    /// told once a second, of fifty twenty times.
    private static let atOnce = 10
    private static let patience = Duration.seconds(60)

    init(_ board: NewsBoard, keepAlive: Duration, patience: Duration = EventRounds.patience) {
        self.board = board
        batches = EventBatches(board)
        state = Mutex(
            State(
                queue: TurnQueue(atOnce: Self.atOnce, keepAlive: keepAlive, patience: patience), end: board.end))
    }

    private var now: Duration { ContinuousClock.now - start }

    // MARK: Turns

    /// Until a graceful shutdown.
    func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.watchBoard() }
                group.addTask { await self.watchClock() }
                for await _ in self.signals {
                    while self.turn(), (try? await Task.sleep(for: Self.interval)) != nil {}
                }
                group.cancelAll()
            }
        }
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for (_, waiter) in waiting { waiter.resume(returning: false) }
    }

    private func watchBoard() async {
        var end = state.withLock { $0.end }
        while !Task.isCancelled {
            await board.wait(behind: end)
            end = board.end
            signal.yield()
        }
    }

    /// Looks after those that hear nothing, and those that take nothing.
    private func watchClock() async {
        let keepAlive = state.withLock { $0.queue.keepAlive }
        while (try? await Task.sleep(for: min(.seconds(1), keepAlive))) != nil {
            signal.yield()
            for drop in stuck() { drop() }
        }
    }

    private func stuck() -> [@Sendable () -> Void] {
        let now = now
        return state.withLock { state in
            state.queue.stuck(at: now).compactMap { state.drops.removeValue(forKey: $0) }
        }
    }

    /// - Returns: whether others wait for their turn.
    private func turn() -> Bool {
        let (now, end) = (now, board.end)
        let (turn, hasMore) = state.withLock { state in
            if state.end != end {
                state.end = end
                state.queue.news()
            }
            let turn = state.queue.turn(at: now).compactMap { state.waiting.removeValue(forKey: $0) }
            return (turn, state.queue.hasDue)
        }
        for waiter in turn { waiter.resume(returning: true) }
        return hasMore
    }

    // MARK: Listeners

    /// - Parameter drop: closes its connection.
    func join(drop: @escaping @Sendable () -> Void) -> UInt64 {
        let now = now
        return state.withLock { state in
            state.listenersEver += 1
            state.queue.join(state.listenersEver, at: now)
            state.drops[state.listenersEver] = drop
            return state.listenersEver
        }
    }

    func leave(_ listener: UInt64) {
        state.withLock { state in
            state.queue.leave(listener)
            state.drops[listener] = nil
            state.dismissed.remove(listener)
        }
    }

    /// Ends a listener's stream at its next turn, or now where it waits for that.
    func dismiss(_ listener: UInt64) {
        let waiter = state.withLock { state in
            // One that has left needs no telling.
            if state.drops[listener] != nil { state.dismissed.insert(listener) }
            return state.waiting.removeValue(forKey: listener)
        }
        waiter?.resume(returning: false)
    }

    /// Waits for a listener's turn.
    ///
    /// - Returns: what to write; nil where the stream ends.
    func next(for listener: UInt64, from place: NewsBoard.Place) async -> EventBatch? {
        let isOn = await withCheckedContinuation { continuation in
            let (now, end) = (now, board.end)
            let isOver = state.withLock { state in
                if state.isOver || state.dismissed.contains(listener) { return true }
                state.waiting[listener] = continuation
                // Both ends are asked: what came since the last turn is news to all that are quiet.
                state.queue.wait(listener, hasAll: place == end && state.end == end, at: now)
                return false
            }
            if isOver { continuation.resume(returning: false) } else if place != end { signal.yield() }
        }
        return isOn ? batches.batch(from: place) : nil
    }
}
