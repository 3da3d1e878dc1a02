/// The rules of the farm: events in, durable changes and actions out.
///
/// No clock, no randomness, no input or output: whoever drives it hands every event over with the time, makes the
/// changes durable, and only then takes the actions, in order. Nothing in it depends on the order of a dictionary, so
/// the same events give the same actions in every process.
///
/// What is at stake is written down in the extensions, one concern each: stories, readiness, placement, workers,
/// reports, failures, streams, waiting.
public struct FarmMachine: Sendable {
    /// Raised and made durable by whoever starts the farm.
    public let epoch: UInt64
    var leases: UInt64 = 0
    public internal(set) var stories: [StoryID: StoryRecord] = [:]
    public internal(set) var workers: [WorkerID: WorkerRecord] = [:]
    public internal(set) var devices: [String: DeviceRecord] = [:]
    /// By their names.
    public internal(set) var nodes: [String: NodeRecord] = [:]
    /// Of nodes whose agents were heard of since the farm came back.
    public internal(set) var presences: [String: NodePresence] = [:]
    /// Of devices that were set aside.
    public internal(set) var probes: [String: DeviceProbe] = [:]
    var probesEver: UInt64 = 0
    var lanes: [Lane] = []
    var laneNumbers: [LaneKey: Int] = [:]
    var shares: [Int: FairShares] = [:]
    var crews: [Crew] = []
    var crewNumbers: [CrewKey: Int] = [:]
    /// Denoised segments that wait for a worker with room.
    var deliveries: [Int: IndexedHeap<SegmentID, DeliveryTurn>] = [:]
    var alarms = IndexedHeap<Alarm, AlarmTime>()
    /// Those that rang too late, and ring once more.
    var postponed: Set<Alarm> = []
    /// Leases of before a restart whose workers have not come back yet.
    var unclaimed: [WorkerID: [SegmentID]] = [:]
    /// When the farm came back.
    var restored = Moment(microseconds: 0)
    /// Connected workers by kind of device.
    var population: [DeviceKind: Int] = [:]

    // Of the event at hand.
    var now = Moment(microseconds: 0)
    var changedStories: [StoryID] = []
    var changedSegments: [SegmentID] = []
    var outcome = FarmOutcome()
    var touchedSegments: [SegmentID] = []
    var touchedStories: [StoryID] = []
    var touchedWorkers: [WorkerID] = []
    var touchedDeliveries: [(segment: SegmentID, lane: Int, preferred: WorkerID?)] = []
    var workersEver = 0
    var alarmsEver: UInt64 = 0

    /// - Parameter epoch: higher than that of every farm before it on the same ledger.
    public init(epoch: UInt64) { self.epoch = epoch }

    /// When the next alarm wants a ``FarmEvent/ticked``.
    public var nextAlarm: Moment? { alarms.first?.key.time }

    /// Takes an event.
    ///
    /// - Parameter now: not before that of the event before.
    public mutating func handle(_ event: FarmEvent, at now: Moment) -> FarmOutcome {
        self.now = max(now, self.now)
        excuseStandstill()
        ring()
        switch event {
        case .submitted(let story, let terms): submit(story, terms)
        case .resolved(let story, let terms): resolve(story, terms)
        case .rejected(let story, let reason): reject(story, reason)
        case .paused(let story): pause(story)
        case .resumed(let story): resume(story)
        case .cancelled(let story): cancel(story)
        case .retried(let story): retry(story)
        case .revised(let story, let number): revise(story, from: number)
        case .prioritized(let story, let priority): prioritize(story, priority)
        case .deleted(let story): delete(story)
        case .pruned(let story): prune(story)
        case .drained(let worker, let isDraining): drain(worker, isDraining)
        case .scaled(let node, let workers): scale(node, to: workers)
        case .connected(let worker, let description, let held): connect(worker, description, held)
        case .offered(let worker, let offers): offer(worker, offers)
        case .disconnected(let worker): disconnect(worker)
        case .heartbeat(let worker, let held): hear(worker, held)
        case .grantSent(let worker, let attempt): noteSent(worker, attempt)
        case .stepped(let worker, let attempt, let step, let time): noteStep(worker, attempt, step, time)
        case .left(let worker, let isCrash): leave(worker, isCrash: isCrash)
        case .leaving(let worker): drain(worker, true)
        case .nodeConnected(let node, let agent, let description): connect(node, agent, description)
        case .nodeDisconnected(let node): disconnect(node)
        case .nodeLeft(let node): leave(node)
        case .nodeReported(let node, let number, let status): report(node, number, status)
        case .checkpointed(let worker, let attempt, let step, let file, let consumed):
            checkpoint(worker, attempt, step, file, consumed)
        case .denoised(let worker, let attempt, let file, let consumed, let matches):
            denoise(worker, attempt, file, consumed, matches: matches)
        case .delivered(let worker, let attempt, let file): deliver(worker, attempt, file)
        case .failed(let worker, let attempt, let phase, let failure): fail(worker, attempt, phase, failure)
        case .released(let worker, let attempt, let phase, let reason, _): release(worker, attempt, phase, reason)
        case .reached(let stream, let head): reach(stream, head)
        case .conflicted(let stream, let step): conflict(stream, step)
        case .lost(let stream, let head):
            if segment(stream.segment)?.generation == stream.generation { lose(stream.segment, from: head) }
        case .assembled(let story, let revision, let segments): assemble(story, revision, segments)
        case .unassembled(let story, let revision, let reason): awaitFilm(story, revision, reason)
        case .probed(let worker, let number, let digest): judgeProbe(worker, number, digest)
        case .ticked: break
        }
        settle()
        return finish()
    }

    private mutating func finish() -> FarmOutcome {
        var result = FarmOutcome()
        swap(&result, &outcome)
        var seenStories: Set<StoryID> = []
        var seenSegments: Set<SegmentID> = []
        for id in changedStories where seenStories.insert(id).inserted {
            if let story = stories[id] { result.changes.append(.story(story.withoutSegments)) }
        }
        for id in changedSegments where seenSegments.insert(id).inserted {
            if let story = stories[id.story] {
                result.changes.append(.segment(id, story.segment(Int(id.number))))
            }
        }
        changedStories.removeAll(keepingCapacity: true)
        changedSegments.removeAll(keepingCapacity: true)
        return result
    }

    // MARK: Changing

    mutating func act(_ action: FarmAction) { outcome.actions.append(action) }

    mutating func notice(_ notice: FarmNotice) { act(.notice(notice)) }

    mutating func changeStory(_ id: StoryID, _ body: (inout StoryRecord) -> Void) {
        guard stories[id] != nil else { return }
        body(&stories[id]!)
        changedStories.append(id)
    }

    mutating func changeSegment(_ id: SegmentID, _ body: (inout SegmentRecord) -> Void) {
        guard stories[id.story] != nil else { return }
        stories[id.story]!.change(Int(id.number), body)
        changedSegments.append(id)
    }

    public func segment(_ id: SegmentID) -> SegmentRecord? {
        guard let story = stories[id.story], 1...story.terms.segmentCount ~= Int(id.number) else { return nil }
        return story.segment(Int(id.number))
    }

    /// Moves a segment as the table of states allows.
    mutating func move(
        _ id: SegmentID, to state: SegmentState, because cause: SegmentState.Cause = .rule,
        _ body: (inout SegmentRecord) -> Void = { _ in }
    ) {
        changeSegment(id) { record in
            precondition(
                record.state == state || record.state.mayBecome(state, because: cause),
                "\(id): \(record.state) may not become \(state)")
            record.state = state
            body(&record)
        }
    }
}

extension StoryRecord {
    /// What is written of it as one row: segments have their own.
    var withoutSegments: StoryRecord {
        StoryRecord(
            id: id, terms: terms, priority: priority, state: state, isPaused: isPaused, pin: pin, revision: revision,
            assembled: assembled, note: note)
    }
}
