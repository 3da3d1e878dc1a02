import Control
import Foundation

/// What happened lately, and whoever listens. News wait for nobody: a listener that falls behind is told so.
struct NewsDesk {
    private static let remembered = 8192
    private static let waiting = 1024

    private var news: [FarmNews] = []
    private var sequence: UInt64 = 0
    private var listeners: [UInt64: AsyncStream<FarmNews>.Continuation] = [:]
    private var listenersEver: UInt64 = 0

    mutating func publish(
        _ kind: FarmNews.Kind, story: UInt64? = nil, segment: Int? = nil, worker: String? = nil, _ text: String,
        step: Int? = nil, steps: Int? = nil, seconds: Double? = nil, cause: String? = nil
    ) {
        sequence += 1
        let item = FarmNews(
            sequence: sequence, time: Date().timeIntervalSince1970, kind: kind, story: story, segment: segment,
            worker: worker, text: text, step: step, steps: steps, seconds: seconds, cause: cause)
        news.append(item)
        // Half at once: to move all of them for each new one would cost more than the news.
        if news.count >= 2 * Self.remembered { news.removeFirst(Self.remembered) }
        for (number, listener) in listeners {
            switch listener.yield(item) {
            case .enqueued: break
            case .dropped, .terminated:
                listener.finish()
                listeners[number] = nil
            @unknown default: break
            }
        }
    }

    /// A listener that has gone is noticed with the next news.
    mutating func listen(after last: UInt64?) -> AsyncStream<FarmNews> {
        listenersEver += 1
        let number = listenersEver
        let missed = last.map { last in news.filter { $0.sequence > last } } ?? []
        let (stream, continuation) = AsyncStream.makeStream(
            of: FarmNews.self, bufferingPolicy: .bufferingOldest(Self.waiting + missed.count + 1))
        if let last, last > sequence || (news.first.map { $0.sequence > last + 1 } ?? (sequence > last)) {
            continuation.yield(
                FarmNews(
                    sequence: max(missed.first?.sequence ?? sequence + 1, 1) - 1, time: Date().timeIntervalSince1970,
                    kind: .gap, text: "news before this were dropped"))
        }
        for item in missed { continuation.yield(item) }
        listeners[number] = continuation
        return stream
    }

    /// All of a story's but its steps and pictures, the oldest first.
    func remembered(of story: UInt64) -> [FarmNews] {
        news.filter { $0.story == story && $0.kind != .step && $0.kind != .preview }
    }

    mutating func close() {
        for listener in listeners.values { listener.finish() }
        listeners = [:]
    }
}
