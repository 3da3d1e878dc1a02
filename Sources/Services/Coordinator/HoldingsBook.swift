import Farm

/// What each submitter holds, counted again only for stories that have changed since somebody asked.
struct HoldingsBook {
    private var stories: [StoryID: (submitter: Submitter, holdings: Holdings)] = [:]
    private var sums: [Submitter: Holdings] = [:]
    private var changed: Set<StoryID>

    init(_ stories: some Sequence<StoryID>) { changed = Set(stories) }

    mutating func note(_ change: FarmChange) {
        switch change {
        case .story(let story): changed.insert(story.id)
        case .segment(let segment, _): changed.insert(segment.story)
        case .removed(let story): changed.insert(story)
        case .device, .node: break
        }
    }

    mutating func holdings(of submitter: Submitter, in farm: [StoryID: StoryRecord]) -> Holdings {
        for id in changed {
            if let old = stories.removeValue(forKey: id) { sums[old.submitter, default: Holdings()] -= old.holdings }
            guard let story = farm[id] else { continue }
            let holdings = Holdings(story)
            stories[id] = (story.terms.submitter, holdings)
            sums[story.terms.submitter, default: Holdings()] += holdings
        }
        changed = []
        return sums[submitter] ?? Holdings()
    }
}

extension Holdings {
    init(_ story: StoryRecord) {
        let isOpen = !story.state.isTerminal
        self.init(
            stories: isOpen ? 1 : 0,
            segments: isOpen ? story.terms.segmentCount - story.touched.count { $0.state == .finished } : 0,
            bytes: story.touched.reduce(0) { sum, segment in
                sum + (segment.video?.file.bytes ?? 0) + (segment.latents?.file.bytes ?? 0)
                    + segment.checkpoints.reduce(0) { $0 + $1.file.bytes }
            })
    }
}
