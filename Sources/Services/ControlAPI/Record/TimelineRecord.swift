import Control

/// Which worker held which segment when, put together from the farm's news.
///
/// Bounded by the number of spans: the stories that nothing was heard of for longest go first.
struct TimelineRecord {
    private let spansMax: Int
    private let spansPerStory: Int
    private var stories: [UInt64: [StoryTimeline.Span]] = [:]
    /// The one that was heard of last is last.
    private var order: [UInt64] = []
    private var count = 0

    init(spansMax: Int = 100_000, spansPerStory: Int = 10_000) {
        (self.spansMax, self.spansPerStory) = (spansMax, spansPerStory)
    }

    func spans(of story: UInt64) -> [StoryTimeline.Span] { stories[story] ?? [] }

    /// Who held a segment last.
    func worker(of segment: Int, in story: UInt64) -> StoryTimeline.Span? {
        stories[story]?.last { $0.segment == segment }
    }

    /// - Parameter node: the machine of the news' worker.
    mutating func note(_ news: FarmNews, node: String?) {
        guard news.kind == .segment, let story = news.story, let segment = news.segment else { return }
        // As "ready: its worker was lost".
        let state = String(news.text.prefix { $0 != ":" })
        end(segment, in: story, at: news.time, as: state)
        guard state == "denoising" || state == "delivering", let worker = news.worker else { return }
        begin(
            StoryTimeline.Span(segment: segment, phase: state, worker: worker, node: node, begun: news.time), in: story)
    }

    private mutating func end(_ segment: Int, in story: UInt64, at time: Double, as outcome: String) {
        guard let index = stories[story]?.lastIndex(where: { $0.segment == segment && $0.ended == nil }) else { return }
        stories[story]![index].ended = time
        stories[story]![index].outcome = outcome
    }

    private mutating func begin(_ span: StoryTimeline.Span, in story: UInt64) {
        if order.last != story {
            order.removeAll { $0 == story }
            order.append(story)
        }
        stories[story, default: []].append(span)
        count += 1
        if stories[story]!.count > spansPerStory {
            stories[story]!.removeFirst()
            count -= 1
        }
        while count > spansMax, order.count > 1 {
            count -= stories.removeValue(forKey: order.removeFirst())?.count ?? 0
        }
    }
}
