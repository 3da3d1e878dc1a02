import AsyncAlgorithms
import Control
import Foundation
public import ServiceLifecycle
import Synchronization

/// Remembers what a farm went through, for people who look later: samples of its queue, who held which segment when,
/// and what failed.
///
/// It listens as any other listener does and holds nothing up; what it remembers is bounded and ends with the process.
public final class FarmRecorder: Service {
    private struct Memory {
        var queue = QueueRecord()
        var timeline = TimelineRecord()
        var failures: [FailureList.Failure] = []
        /// Machines by worker.
        var nodes: [String: String] = [:]
    }

    private enum Beat: Sendable {
        case news(FarmNews)
        case tick
        case end
    }

    private let farm: any FarmControl
    private let memory = Mutex(Memory())

    static let failuresKept = 500
    private static let nodesKept = 20_000

    init(_ farm: any FarmControl) { self.farm = farm }

    public func run() async {
        var last: UInt64 = 0
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            await sample()
            let beats = merge(
                chain(farm.board.news(after: last).map { Beat.news($0) }, [Beat.end].async),
                AsyncTimerSequence(interval: QueueRecord.interval, clock: .continuous).map { _ in Beat.tick })
            beats: for await beat in beats.cancelOnGracefulShutdown() {
                switch beat {
                case .news(let news):
                    last = max(last, news.sequence)
                    await note(news)
                case .tick: await sample()
                // It was too slow and was dropped, or the farm ends.
                case .end: break beats
                }
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(1)) }
        }
    }

    func history(seconds: Int) -> QueueHistory {
        memory.withLock { $0.queue.history(seconds: seconds, before: Date().timeIntervalSince1970) }
    }

    func timeline(of story: UInt64) -> StoryTimeline {
        memory.withLock { StoryTimeline(spans: $0.timeline.spans(of: story)) }
    }

    /// The newest first.
    func failures(limit: Int) -> FailureList {
        memory.withLock { FailureList(failures: $0.failures.suffix(limit).reversed()) }
    }

    func sample() async {
        let queue = await farm.queue()
        await learnNodes()
        let sample = QueueHistory.Sample(
            time: Date().timeIntervalSince1970, segments: queue.segments, workers: queue.workers,
            backlogSeconds: queue.backlogSeconds)
        memory.withLock { $0.queue.take(sample) }
    }

    func note(_ news: FarmNews) async {
        if news.kind == .workerJoined { await learnNodes() }
        memory.withLock { memory in
            memory.timeline.note(news, node: news.worker.flatMap { memory.nodes[$0] })
            guard let cause = news.cause else { return }
            let holder = news.story.flatMap { story in
                news.segment.flatMap { memory.timeline.worker(of: $0, in: story) }
            }
            let worker = news.worker ?? holder?.worker
            memory.failures.append(
                FailureList.Failure(
                    sequence: news.sequence, time: news.time, cause: cause, story: news.story, segment: news.segment,
                    worker: worker, node: worker.flatMap { memory.nodes[$0] } ?? holder?.node, text: news.text))
            if memory.failures.count >= 2 * Self.failuresKept { memory.failures.removeFirst(Self.failuresKept) }
        }
    }

    private func learnNodes() async {
        let workers = await farm.workers()
        memory.withLock { memory in
            if memory.nodes.count > Self.nodesKept { memory.nodes = [:] }
            for worker in workers { memory.nodes[worker.id] = worker.node }
        }
    }
}
