extension FarmMachine {
    mutating func submit(_ id: StoryID, _ terms: StoryTerms) {
        guard stories[id] == nil else { return }
        stories[id] = StoryRecord(id: id, terms: terms, priority: terms.priority)
        changedStories.append(id)
        touchedSegments.append(SegmentID(story: id, number: 1))
    }

    mutating func resolve(_ id: StoryID, _ terms: StoryTerms) {
        guard let story = stories[id], story.pin == nil, story.terms.segmentCount == terms.segmentCount else { return }
        unqueue(id)
        changeStory(id) { $0.terms = terms }
        touchedStories.append(id)
    }

    mutating func reject(_ id: StoryID, _ reason: String) {
        guard let story = stories[id], story.pin == nil, !story.state.isTerminal else { return }
        for number in story.touched.indices.map({ $0 + 1 }) { close(SegmentID(story: id, number: UInt32(number))) }
        changeStory(id) {
            $0.state = .failed
            $0.note = reason
        }
        touchedStories.append(id)
    }

    mutating func pause(_ id: StoryID) {
        guard let story = stories[id], !story.isPaused, !story.state.isTerminal else { return }
        changeStory(id) { $0.isPaused = true }
        touchedStories.append(id)
        recallAll(of: story, because: .paused)
    }

    mutating func resume(_ id: StoryID) {
        guard stories[id]?.isPaused == true else { return }
        changeStory(id) { $0.isPaused = false }
        touchedStories.append(id)
    }

    private mutating func recallAll(of story: StoryRecord, because reason: RecallReason) {
        for (index, record) in story.touched.enumerated() where record.holding?.phase == .denoising {
            recall(SegmentID(story: story.id, number: UInt32(index + 1)), because: reason)
        }
    }

    mutating func cancel(_ id: StoryID) {
        guard let story = stories[id], story.state != .finished, story.state != .cancelled else { return }
        changeStory(id) {
            $0.state = .cancelled
            $0.note = nil
        }
        for number in story.touched.indices.map({ $0 + 1 }) { close(SegmentID(story: id, number: UInt32(number))) }
        touchedStories.append(id)
    }

    mutating func retry(_ id: StoryID) {
        guard let story = stories[id], story.state == .failed || story.state == .cancelled else { return }
        changeStory(id) {
            $0.state = .rendering
            $0.note = nil
            $0.isPaused = false
        }
        for (index, record) in story.touched.enumerated() where record.state == .failed || record.state == .cancelled {
            beginAgain(SegmentID(story: id, number: UInt32(index + 1)), because: .retry)
        }
        touchedStories.append(id)
        extendFilm(of: id)
    }

    /// A segment that has ended goes on; what ended it is forgotten.
    private mutating func beginAgain(_ id: SegmentID, because cause: SegmentState.Cause) {
        move(id, to: .blocked, because: cause) {
            ($0.failures, $0.losses, $0.failedOn, $0.notFinite) = (0, 0, [], [])
            ($0.memoryFloor, $0.note) = (0, nil)
        }
        restoreProgress(of: id)
        touch(id)
    }

    /// What was durable before a story ended counts again: latents wait for delivery, not for another denoising.
    private mutating func restoreProgress(of id: SegmentID) {
        guard let story = stories[id.story], let record = segment(id), record.latents != nil,
            Int(id.number) == story.lowest || story.terms.handoff == .none
        else { return }
        move(id, to: .ready)
        move(id, to: .denoising)
        move(id, to: .denoised)
        wantDelivery(id, by: nil)
    }

    mutating func revise(_ id: StoryID, from first: Int) {
        guard let story = stories[id], 1...story.terms.segmentCount ~= first else { return }
        for number in stride(from: story.touched.count, through: first, by: -1) {
            let segment = SegmentID(story: id, number: UInt32(number))
            if self.segment(segment)?.holding != nil { revoke(segment, because: .cancelled) }
            unwantDelivery(segment)
            dropCheckpoints(of: segment, after: -1)
            guard let record = self.segment(segment), record != .untouched else { continue }
            for file in [record.latents?.file, record.video?.file].compactMap({ $0 }) { act(.drop(segment, file)) }
            move(segment, to: .blocked, because: .revise) {
                let (generations, head) = ($0.generations, $0.head)
                $0 = .untouched
                $0.generations = generations
                if head > 0 { $0.open(at: 0) }
            }
            if record.head > 0 {
                act(.open(StreamID(segment: segment, generation: self.segment(segment)!.generation), from: 0))
            }
            touch(segment)
        }
        for (index, record) in story.touched.prefix(first - 1).enumerated()
        where record.state == .failed || record.state == .cancelled {
            beginAgain(SegmentID(story: id, number: UInt32(index + 1)), because: .revise)
        }
        changeStory(id) {
            $0.state = .rendering
            $0.note = nil
            $0.revision += 1
            $0.assembled = 0
        }
        touchedSegments.append(SegmentID(story: id, number: 1))
        touchedStories.append(id)
        extendFilm(of: id)
    }

    mutating func prioritize(_ id: StoryID, _ priority: Int) {
        guard let story = stories[id], story.priority != priority else { return }
        unqueue(id)
        changeStory(id) { $0.priority = priority }
        touchedStories.append(id)
    }

    /// A story that is at rest gives up what it would go on with.
    mutating func prune(_ id: StoryID) {
        guard let story = stories[id], story.isAtRest else { return }
        for (index, record) in story.touched.enumerated() {
            let segment = SegmentID(story: id, number: UInt32(index + 1))
            dropCheckpoints(of: segment, after: -1)
            if let latents = record.latents {
                act(.drop(segment, latents.file))
                changeSegment(segment) { $0.latents = nil }
            }
            // As the log will say it.
            stories[id]!.change(index + 1) { $0.head = 0 }
        }
        act(.prune(id))
    }

    mutating func delete(_ id: StoryID) {
        guard let story = stories[id], story.state.isTerminal else { return }
        // Of a failed story what came before the failure may still be delivered.
        for (index, record) in story.touched.enumerated() where !record.isClosed {
            let segment = SegmentID(story: id, number: UInt32(index + 1))
            if record.holding != nil { revoke(segment, because: .cancelled) }
            unwantDelivery(segment)
        }
        unqueue(id)
        stories[id] = nil
        outcome.changes.append(.removed(id))
        act(.forget(id))
    }
}
