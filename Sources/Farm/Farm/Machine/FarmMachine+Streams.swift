extension FarmMachine {
    /// A stream has grown; whoever waits for it to begin may.
    mutating func reach(_ stream: StreamID, _ head: Int) {
        guard let record = segment(stream.segment), record.generation == stream.generation, head > record.head else {
            return
        }
        // Not durable as a change: the log itself says it again after a restart.
        stories[stream.segment.story]!.change(Int(stream.segment.number)) { $0.head = head }
        let next = SegmentID(story: stream.segment.story, number: stream.segment.number + 1)
        if segment(next)?.state == .blocked { touchedSegments.append(next) }
    }

    /// Other bytes came for a record that is there: what was to be the same was not. The later ones begin a generation.
    mutating func conflict(_ stream: StreamID, _ step: Int) {
        guard let record = segment(stream.segment), record.generation == stream.generation, step < record.head else {
            return
        }
        notice(.recordConflict(stream, step: step))
        // Accepted latents stay, and with them the records that were there first: only a revision reopens them.
        guard !record.isDenoised else { return }
        revoke(stream.segment, because: .superseded)
        dropCheckpoints(of: stream.segment, after: step)
        reopen(stream.segment, at: step)
    }

    /// Records of a segment from a step on are gone with the disk; nothing else is wrong with them.
    ///
    /// Whoever wrote them writes the same ones again, from a checkpoint before them. Accepted latents stay, as their
    /// records can't be made again but by a revision: a successor that would read them can never be finished.
    mutating func lose(_ id: SegmentID, from head: Int) {
        guard let story = stories[id.story], let record = segment(id), head < story.terms.recordCount else { return }
        // As the log says it.
        if record.head > head { stories[id.story]!.change(Int(id.number)) { $0.head = head } }
        guard !story.state.isTerminal else { return }
        guard record.isDenoised else {
            dropLatents(of: id)
            guard record.resumeStep > head else { return touch(id) }
            dropCheckpoints(of: id, after: head)
            // It may have begun at one of those, and has nothing of what is before it.
            if record.holding != nil { revoke(id, because: .superseded) }
            return touch(id)
        }
        let next = SegmentID(story: id.story, number: id.number + 1)
        guard let reader = segment(next), !reader.isDenoised, !reader.isClosed,
            head < story.terms.read(before: story.terms.steps).upperBound
        else { return }
        let detail = "the boundaries of segment \(id.number) are damaged: revise the story from segment \(id.number) on"
        end(next, Failure(cause: .inputOutput, step: reader.resumeStep, detail: detail))
    }

    /// Voids a segment's records from a step on, and with them whatever was made of them in the segments after it.
    ///
    /// In one event: its stream opens a generation at that step; its successor, as far as it has read what is void, one
    /// at the step after, loses its lease and the checkpoints beyond; and so on.
    mutating func reopen(_ id: SegmentID, at step: Int) {
        guard let story = stories[id.story] else { return }
        var (id, step) = (id, step)
        dropCheckpoints(of: id, after: step)
        while true {
            let reader = reader(of: id, in: story, from: step)
            if segment(id)!.head > step || reader != nil {
                dropLatents(of: id)
                changeSegment(id) { $0.open(at: step) }
                let stream = StreamID(segment: id, generation: segment(id)!.generation)
                notice(.generationOpened(stream, from: step))
                act(.open(stream, from: step))
                if let attempt = attempt(at: id) { act(.admit(id, attempt)) }
            }
            touch(id)
            guard let reader else { return }
            revoke(reader.id, because: .superseded)
            dropCheckpoints(of: reader.id, after: reader.last)
            dropLatents(of: reader.id)
            (id, step) = (reader.id, reader.last + 1)
        }
    }

    /// A segment's successor, if it may have read a record of it from a step on, and the last step for which it needs
    /// none of those.
    private func reader(
        of id: SegmentID, in story: StoryRecord, from step: Int
    ) -> (id: SegmentID, last: Int)? {
        guard let record = firstRead(of: story.terms, from: step), Int(id.number) < story.touched.count else {
            return nil
        }
        let successor = SegmentID(story: id.story, number: id.number + 1)
        let last = story.terms.lastStep(withoutReading: record)
        let next = segment(successor)!
        var mayHaveRead = next.latents != nil || next.checkpoints.contains { $0.step > last }
        if segment(id)!.head > record {
            // Its own record of a step is written before it reads, so one more may have been read than it has written.
            mayHaveRead = mayHaveRead || next.head > last || (next.holding != nil && next.head >= last)
        } else {
            // The record is gone: a power loss takes what was not synced, not what was made of it.
            mayHaveRead = mayHaveRead || next.head > last + 1
        }
        return mayHaveRead ? (successor, last) : nil
    }

    /// The first record that a successor reads among those from a step on.
    private func firstRead(of terms: StoryTerms, from step: Int) -> Int? {
        switch terms.handoff {
        case .none: nil
        case .stream: step < terms.steps ? step : nil
        case .final: terms.steps
        }
    }

    /// Finished latents that were not accepted yet count no more.
    private mutating func dropLatents(of id: SegmentID) {
        guard let record = segment(id), let latents = record.latents, !record.isDenoised else { return }
        act(.drop(id, latents.file))
        changeSegment(id) { $0.latents = nil }
        if record.state == .denoising, record.holding == nil { move(id, to: .ready) }
    }
}
