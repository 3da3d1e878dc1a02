extension FarmMachine {
    /// Whether a report is of the lease that holds now; all others are refused and counted.
    private mutating func isCurrent(
        _ worker: WorkerID, _ attempt: AttemptID, _ phase: LeasePhase, _ report: FarmReport
    ) -> Bool {
        if workers[worker] != nil { workers[worker]!.heard = now }
        if let record = segment(attempt.segment), let holding = record.holding, holding.lease == attempt.lease,
            holding.worker == worker, holding.phase == phase, record.generation == attempt.generation
        {
            return true
        }
        notice(.fenced(attempt, report))
        act(.answer(worker, attempt, report, .stale))
        return false
    }

    mutating func noteStep(_ worker: WorkerID, _ attempt: AttemptID, _ step: Int, _ time: Duration) {
        guard let holding = segment(attempt.segment)?.holding, holding.lease == attempt.lease,
            holding.worker == worker, workers[worker]?.watch != nil
        else { return }
        stories[attempt.segment.story]!.remember(stepTime: time)
        if step > workers[worker]!.watch!.step {
            workers[worker]!.watch!.step = step
            workers[worker]!.watch!.since = now
            workers[worker]!.watch!.activity = .stepping
        }
    }

    mutating func checkpoint(
        _ worker: WorkerID, _ attempt: AttemptID, _ step: Int, _ file: Artifact, _ consumed: Consumed
    ) {
        let id = attempt.segment
        if let record = segment(id), record.checkpoints.contains(where: { $0.step == step && $0.file == file }) {
            // Its answer was lost.
            return act(.answer(worker, attempt, .checkpoint, .accepted))
        }
        guard isCurrent(worker, attempt, .denoising, .checkpoint) else { return drop(id, file) }
        if let last = segment(id)?.checkpoints.last, last.step > step {
            // A late copy: this one was accepted, and has made way for later ones.
            drop(id, file)
            return act(.answer(worker, attempt, .checkpoint, .accepted))
        }
        guard let story = stories[id.story], let kind = workers[worker]?.description.device.kind,
            1..<story.terms.steps ~= step, segment(id)!.resumeStep < step, hasRead(consumed, id, before: step)
        else {
            drop(id, file)
            return mismatch(worker, attempt, .checkpoint)
        }
        guard story.terms.recordCount == 0 || segment(id)!.head >= step else {
            // It overtook records that were lost with the connection before, and are on their way again.
            drop(id, file)
            return act(.answer(worker, attempt, .checkpoint, .damaged))
        }
        act(.answer(worker, attempt, .checkpoint, .accepted))
        var dropped: [SegmentRecord.Checkpoint] = []
        changeSegment(id) {
            $0.checkpoints.append(.init(step: step, file: file, consumed: consumed, kind: kind))
            while $0.checkpoints.count > FarmLimits.checkpointsKept { dropped.append($0.checkpoints.removeFirst()) }
            ($0.failures, $0.losses) = (0, 0)
        }
        for checkpoint in dropped { act(.drop(id, checkpoint.file)) }
    }

    /// A refused file goes, unless the same bytes are kept for another reason: equal attempts write equal files.
    private mutating func drop(_ id: SegmentID, _ file: Artifact) {
        if !keeps(id, file) { act(.drop(id, file)) }
    }

    /// Whether a segment's record names a file.
    public func keeps(_ id: SegmentID, _ file: Artifact) -> Bool {
        guard let record = segment(id) else { return false }
        return record.latents?.file == file || record.video?.file == file
            || record.checkpoints.contains { $0.file == file }
    }

    /// Whether an attempt has read what the predecessor's stream holds now.
    private func hasRead(_ consumed: Consumed, _ id: SegmentID, before step: Int) -> Bool {
        guard id.number > 1, let story = stories[id.story] else { return consumed.spans.isEmpty }
        let before = story.segment(Int(id.number) - 1)
        return consumed.spans == before.spans(of: story.terms.read(before: step))
    }

    /// The attempt was built on something else than what holds: all of it is dropped.
    private mutating func mismatch(_ worker: WorkerID, _ attempt: AttemptID, _ report: FarmReport) {
        notice(.mismatched(attempt.segment))
        act(.answer(worker, attempt, report, .mismatch))
        dropCheckpoints(of: attempt.segment, after: -1)
        revoke(attempt.segment, because: .superseded)
    }

    mutating func dropCheckpoints(of id: SegmentID, after step: Int) {
        guard let record = segment(id) else { return }
        let dropped = record.checkpoints.filter { $0.step > step }
        guard !dropped.isEmpty else { return }
        for checkpoint in dropped { act(.drop(id, checkpoint.file)) }
        changeSegment(id) { $0.checkpoints.removeAll { $0.step > step } }
    }

    mutating func denoise(
        _ worker: WorkerID, _ attempt: AttemptID, _ file: Artifact, _ consumed: Consumed, matches: Bool
    ) {
        let id = attempt.segment
        if let latents = segment(id)?.latents, latents.lease == attempt.lease, latents.file == file {
            return act(.answer(worker, attempt, .denoised, .accepted))
        }
        guard isCurrent(worker, attempt, .denoising, .denoised) else { return drop(id, file) }
        guard let story = stories[id.story], matches, hasRead(consumed, id, before: story.terms.steps),
            segment(id)!.head >= story.terms.recordCount
        else {
            drop(id, file)
            return mismatch(worker, attempt, .denoised)
        }
        act(.answer(worker, attempt, .denoised, .accepted))
        act(.admit(id, nil))
        // Of before a cancellation, where they could not be accepted.
        if let old = segment(id)?.latents?.file, old != file { act(.drop(id, old)) }
        settleShare(of: id, segment(id)!.holding!)
        changeSegment(id) {
            $0.latents = .init(file: file, consumed: consumed, lease: attempt.lease)
            $0.holding = nil
            ($0.failures, $0.losses, $0.failedOn) = (0, 0, [])
        }
        free(worker, of: id)
        touch(id)
        acceptLatents(from: id, preferring: worker)
    }

    private mutating func free(_ worker: WorkerID, of id: SegmentID) {
        guard workers[worker]?.denoising == id else { return }
        workers[worker]!.denoising = nil
        workers[worker]!.watch = nil
        workers[worker]!.recalled = nil
        clearAlarm(.hang(worker))
        touchedWorkers.append(worker)
    }

    /// Accepts finished latents in story order, as far as they are there.
    private mutating func acceptLatents(from id: SegmentID, preferring worker: WorkerID) {
        guard let story = stories[id.story] else { return }
        var next = id
        if story.terms.handoff != .none {
            guard Int(id.number) == story.lowest else { return }
        }
        while let record = segment(next), record.state == .denoising, record.holding == nil, record.latents != nil {
            move(next, to: .denoised)
            dropCheckpoints(of: next, after: -1)
            touch(next)
            enlist(worker)
            wantDelivery(next, by: worker)
            guard story.terms.handoff != .none else { return }
            next = SegmentID(story: id.story, number: next.number + 1)
        }
    }

    mutating func deliver(_ worker: WorkerID, _ attempt: AttemptID, _ file: Artifact) {
        let id = attempt.segment
        if let video = segment(id)?.video, video.lease == attempt.lease, video.file == file {
            return act(.answer(worker, attempt, .delivered, .accepted))
        }
        guard isCurrent(worker, attempt, .delivering, .delivered) else { return drop(id, file) }
        act(.answer(worker, attempt, .delivered, .accepted))
        workers[worker]!.delivering.removeAll { $0 == id }
        touchedWorkers.append(worker)
        move(id, to: .finished) {
            $0.video = .init(file: file, lease: attempt.lease)
            $0.holding = nil
            ($0.failures, $0.losses, $0.failedOn) = (0, 0, [])
        }
        touch(id)
        extendFilm(of: id.story)
    }

    /// Has the finished prefix joined; the last time when it is the whole story.
    mutating func extendFilm(of id: StoryID) {
        guard let story = stories[id] else { return }
        var count = story.assembled
        while count < story.touched.count, story.touched[count].state == .finished { count += 1 }
        guard count > story.assembled else { return }
        act(.assemble(id, revision: story.revision, segments: count))
        if story.finishedCount == story.terms.segmentCount, story.state == .rendering {
            changeStory(id) { $0.state = .assembling }
        }
    }

    mutating func assemble(_ id: StoryID, _ revision: Int, _ segments: Int) {
        guard let story = stories[id], story.revision == revision, segments > story.assembled else { return }
        changeStory(id) {
            $0.assembled = segments
            if $0.state == .assembling, segments == $0.terms.segmentCount { ($0.state, $0.note) = (.finished, nil) }
        }
    }

    /// Whoever watches a story that only waits for its film is told why it does.
    mutating func awaitFilm(_ id: StoryID, _ revision: Int, _ reason: String) {
        guard let story = stories[id], story.revision == revision, story.state == .assembling, story.note != reason
        else { return }
        changeStory(id) { $0.note = reason }
    }

    mutating func release(_ worker: WorkerID, _ attempt: AttemptID, _ phase: LeasePhase, _ reason: ReleaseReason) {
        guard isCurrent(worker, attempt, phase, .release) else { return }
        let id = attempt.segment
        let asked = workers[worker]?.recalled
        act(.answer(worker, attempt, .release, .accepted))
        if reason == .drained { drain(worker, true) }
        endLease(of: id)
        if asked == .waited { changeSegment(id) { $0.wantsHeadStart = true } }
        if reason == .declined, let device = workers[worker]?.description.device {
            // It could not even begin: elsewhere then, and not for ever.
            avoid(device, for: id)
            countLoss(of: id)
        }
    }
}
