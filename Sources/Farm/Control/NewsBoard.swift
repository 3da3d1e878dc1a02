import Foundation

/// What happened lately, by number, for whoever reads it.
///
/// Whoever publishes waits for nobody and does the same work for one reader as for thousands: nothing is handed to a
/// reader, each reads on from its ``Place`` when it has time. One that falls too far behind is told of a gap.
///
/// Unchecked because of the state, which is reached only under the lock. It is Foundation's, which the thread sanitizer
/// knows.
public final class NewsBoard: @unchecked Sendable {
    /// How far somebody has read.
    public struct Place: Hashable, Sendable {
        /// The number of the last news that was read.
        public let last: UInt64
        /// Of the board, between two cuts.
        fileprivate let opening: UInt64
    }

    /// What stands behind a place.
    public struct Reading: Sendable {
        /// The oldest first; the first is of the kind `gap` where some were dropped.
        public let news: [FarmNews]
        /// Behind the last of them.
        public let place: Place
        /// Whether nothing comes behind them.
        public let hasEnded: Bool
    }

    private struct State {
        var news: [FarmNews] = []
        var last: UInt64 = 0
        var alterations: UInt64 = 0
        var opening: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var waitsEver: UInt64 = 0
        var readersEver = 0
    }

    private let lock = NSLock()
    private var state = State()
    private let remembered: Int
    /// The number before the run's first.
    private let base: UInt64

    /// - Parameters:
    ///   - remembered: how many news are kept at least.
    ///   - run: the coordinator's, higher than every one before: who has a number of an earlier one is told of a gap.
    public init(remembering remembered: Int = 8_192, run: UInt64 = 0) {
        self.remembered = remembered
        // Low enough for the numbers of JavaScript, and more news than a run can have.
        base = run << 32
        state.last = base
    }

    // MARK: Publishing

    /// - Parameter time: in seconds since 1970.
    public func publish(
        _ kind: FarmNews.Kind, at time: Double, story: UInt64? = nil, segment: Int? = nil, worker: String? = nil,
        _ text: String, step: Int? = nil, steps: Int? = nil, seconds: Double? = nil, cause: String? = nil
    ) {
        let waiting = lock.withLock {
            state.last += 1
            if kind != .step { state.alterations += 1 }
            state.news.append(
                FarmNews(
                    sequence: state.last, time: time, kind: kind, story: story, segment: segment, worker: worker,
                    text: text, step: step, steps: steps, seconds: seconds, cause: cause))
            // Half at once: to move all of them for each new one would cost more than the news.
            if state.news.count >= 2 * remembered { state.news.removeFirst(remembered) }
            return takeWaiting()
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Ends whatever is read at present, behind the last news; whoever begins to read later is not concerned.
    public func cut() {
        let waiting = lock.withLock {
            state.opening += 1
            return takeWaiting()
        }
        for waiter in waiting { waiter.resume() }
    }

    private func takeWaiting() -> [CheckedContinuation<Void, Never>] {
        defer { state.waiting = [:] }
        return Array(state.waiting.values)
    }

    // MARK: Reading

    /// Where to read from.
    ///
    /// - Parameter sequence: the number of the last news that the reader has, 0 for none of this run; nil for what
    ///   comes from now on.
    public func place(after sequence: UInt64?) -> Place {
        lock.withLock {
            state.readersEver += 1
            let last = sequence == 0 ? base : sequence ?? state.last
            return Place(last: last, opening: state.opening)
        }
    }

    /// How many news there were that say more than how far a segment is.
    public var alterations: UInt64 { lock.withLock { state.alterations } }

    /// How many began to read.
    public var readersEver: Int { lock.withLock { state.readersEver } }

    /// Behind everything.
    public var end: Place { lock.withLock { Place(last: state.last, opening: state.opening) } }

    /// - Parameter limit: how many news at most, a gap not counted.
    public func read(from place: Place, limit: Int = .max) -> Reading {
        lock.withLock {
            let first = state.last - UInt64(state.news.count) + 1
            // One that was not given yet: the ledger is another, or older.
            let isForeign = place.last > state.last
            let start = isForeign ? state.news.count : place.last < first ? 0 : Int(place.last - first) + 1
            let end = start + min(limit, state.news.count - start)
            var news = Array(state.news[start..<end])
            if isForeign || place.last + 1 < first {
                let gap = (news.first?.sequence ?? state.last + 1) - 1
                let text = "news before this were dropped"
                news.insert(FarmNews(sequence: gap, time: state.news.last?.time ?? 0, kind: .gap, text: text), at: 0)
            }
            return Reading(
                news: news, place: Place(last: news.last?.sequence ?? place.last, opening: place.opening),
                hasEnded: end == state.news.count && place.opening != state.opening)
        }
    }

    /// Waits until something stands behind a place, or it has ended. Comes back as well when the task is cancelled.
    public func wait(behind place: Place) async {
        let number = lock.withLock {
            state.waitsEver += 1
            return state.waitsEver
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = lock.withLock {
                    // Who cancels after this looks for the continuation, and finds it.
                    if Task.isCancelled || place.last != state.last || place.opening != state.opening { return true }
                    state.waiting[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            lock.withLock { state.waiting.removeValue(forKey: number) }?.resume()
        }
    }

    /// All of a story's but its steps and pictures, the oldest first.
    public func remembered(of story: UInt64) -> [FarmNews] {
        lock.withLock { state.news.filter { $0.story == story && $0.kind != .step && $0.kind != .preview } }
    }

    /// What is remembered behind a number, then what happens, until the board is cut or the task is cancelled.
    ///
    /// - Parameter sequence: the number of the last news that the reader has; nil for what comes from now on.
    public func news(after sequence: UInt64?) -> News { News(board: self, place: place(after: sequence)) }

    /// News as they happen.
    public struct News: AsyncSequence, Sendable {
        fileprivate let board: NewsBoard
        fileprivate let place: Place

        public func makeAsyncIterator() -> Iterator { Iterator(board: board, place: place) }

        public struct Iterator: AsyncIteratorProtocol, Sendable {
            fileprivate let board: NewsBoard
            fileprivate var place: Place
            private var ready: ArraySlice<FarmNews> = []
            private var hasEnded = false

            fileprivate init(board: NewsBoard, place: Place) { (self.board, self.place) = (board, place) }

            public mutating func next() async -> FarmNews? {
                while ready.isEmpty {
                    if hasEnded || Task.isCancelled { return nil }
                    await board.wait(behind: place)
                    let reading = board.read(from: place, limit: 1_024)
                    (ready, place, hasEnded) = (reading.news[...], reading.place, reading.hasEnded)
                }
                return ready.removeFirst()
            }
        }
    }
}
