extension FarmMachine {
    /// Looks again at everything that the event touched, until nobody idle could do anything that waits.
    ///
    /// The rest of the machine only changes records and says what it touched.
    mutating func settle() {
        while !touchedSegments.isEmpty || !touchedStories.isEmpty || !touchedWorkers.isEmpty
            || !touchedDeliveries.isEmpty
        {
            while let id = touchedSegments.popLast() {
                refresh(id)
                touchedStories.append(id.story)
            }
            let (stories, workers) = (touchedStories, touchedWorkers)
            (touchedStories, touchedWorkers) = ([], [])
            for id in stories {
                requeue(id)
                watchGaps(of: id)
            }
            for id in workers { enlist(id) }
            placeDeliveries()
            for id in workers {
                employ(id)
                employForDelivery(id)
            }
            for id in stories { place(id) }
        }
    }

    /// A segment's state, lease or records changed.
    mutating func touch(_ id: SegmentID) {
        touchedSegments.append(id)
        touchedSegments.append(SegmentID(story: id.story, number: id.number + 1))
    }

    /// Blocked or ready, as its predecessor allows.
    private mutating func refresh(_ id: SegmentID) {
        guard let story = stories[id.story], let record = segment(id) else { return }
        let mayStart = story.mayStart(Int(id.number))
        if record.state == .blocked, mayStart {
            move(id, to: .ready)
        } else if record.state == .ready, !mayStart {
            move(id, to: .blocked)
        }
    }
}

extension StoryRecord {
    /// Whether a segment's predecessor is far enough for it to begin, or to go on.
    func mayStart(_ number: Int) -> Bool {
        guard state != .failed, state != .cancelled else { return false }
        guard number > 1 else { return true }
        let (before, record) = (segment(number - 1), segment(number))
        switch terms.handoff {
        case .none:
            return before.isUnderWay
        case .final:
            return before.isDenoised
        case .stream:
            guard before.isUnderWay else { return false }
            let wanted = record.resumeStep + (record.wantsHeadStart ? FarmLimits.headStart : 0)
            return before.isDenoised || before.head > min(wanted, terms.steps)
        }
    }
}

extension SegmentRecord {
    /// Denoising or beyond.
    var isUnderWay: Bool { state == .denoising || isDenoised }
}
