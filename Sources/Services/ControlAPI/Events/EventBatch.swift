import Control
import Hummingbird
import Synchronization

/// News that are written at once.
struct EventBatch: Sendable {
    let bytes: ByteBuffer
    /// Behind the last of them.
    let place: NewsBoard.Place
    /// Whether the stream ends here.
    let hasEnded: Bool

    /// How many news at most; who is further behind gets the rest in a later turn.
    static let newsMax = 512

    /// Leaves out the steps and pictures that a later one of the same segment makes old.
    ///
    /// Numbers are left out with them; who comes back with the last one that it has misses nothing.
    static func condensed(_ news: [FarmNews]) -> [FarmNews] {
        var newest: Set<Progress> = []
        let kept = news.reversed().filter { one in
            guard let progress = Progress(one) else { return true }
            return newest.insert(progress).inserted
        }
        return kept.reversed()
    }

    private struct Progress: Hashable {
        let isStep: Bool
        let story: UInt64?
        let segment: Int?

        init?(_ news: FarmNews) {
            guard news.kind == .step || news.kind == .preview else { return nil }
            (isStep, story, segment) = (news.kind == .step, news.story, news.segment)
        }
    }
}

/// What was written last, so that news are written once, however many listen, and put together once for all that are
/// equally far.
final class EventBatches: Sendable {
    private struct Known {
        var end: NewsBoard.Place
        var batches: [NewsBoard.Place: EventBatch] = [:]
    }

    private let board: NewsBoard
    private let lines = EventLines()
    private let known: Mutex<Known>

    /// Of batches that begin at different places.
    private static let keptMax = 64

    init(_ board: NewsBoard) {
        self.board = board
        known = Mutex(Known(end: board.end))
    }

    /// What stands behind a place; where nothing does, that the stream is still there.
    func batch(from place: NewsBoard.Place) -> EventBatch {
        let end = board.end
        let found = known.withLock { known in
            if known.end != end { known = Known(end: end) }
            return known.batches[place]
        }
        if let found { return found }
        let reading = board.read(from: place, limit: EventBatch.newsMax)
        var bytes = ByteBuffer()
        for news in EventBatch.condensed(reading.news) { bytes.writeImmutableBuffer(lines.line(for: news)) }
        let batch = EventBatch(
            bytes: reading.news.isEmpty ? EventLine.comment : bytes, place: reading.place, hasEnded: reading.hasEnded)
        known.withLock { known in
            if known.end == end, known.batches.count < Self.keptMax { known.batches[place] = batch }
        }
        return batch
    }
}
