import Farm

/// A farm driven by hand, with what the tests of its rules say over and over.
struct Rig {
    var farm = FarmMachine(epoch: 1)
    private(set) var now = Moment(microseconds: 0)
    /// Of everything since it was last taken.
    private(set) var actions: [FarmAction] = []
    private var files: UInt64 = 0
    /// Whether what is decided becomes durable, and grants leave at once.
    var commits = true

    static let kind = DeviceKind(
        accelerator: "cpu", cpuLevel: "AVX512", libtorch: "2.13", precision: "bf16", threads: 1, attention: "automatic")
    static let otherKind = DeviceKind(
        accelerator: "H200", cpuLevel: "AVX512", libtorch: "2.13", precision: "bf16", threads: 1, attention: "flash")
    static let offer = ModelOffer(name: "embedded", digest: digest(of: 7))

    static func digest(of number: UInt64) -> Digest {
        Digest((0..<32).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0 % 8))) })!
    }

    static func terms(
        segments: Int = 4, steps: Int = 8, handoff: StoryTerms.Handoff = .stream, submitter: String = "ann",
        priority: Int = 0
    ) -> StoryTerms {
        StoryTerms(
            submitter: Submitter(rawValue: submitter), priority: priority, segmentCount: segments, steps: steps,
            handoff: handoff, firstBlend: 1, model: "embedded", segmentTime: .seconds(10))
    }

    @discardableResult
    mutating func send(_ event: FarmEvent, after delay: Duration = .zero) -> [FarmAction] {
        now = now + delay
        let outcome = farm.handle(event, at: now)
        actions += outcome.actions
        guard commits else { return outcome.actions }
        for case .grant(let worker, let grant) in outcome.actions { send(.grantSent(worker, grant.attempt)) }
        return outcome.actions
    }

    /// The coordinator ends and starts again with what a ledger keeps.
    mutating func restart(devices: [String: DeviceRecord] = [:], heads: [SegmentID: Int] = [:]) {
        let stories = farm.stories.values.map {
            StoryRecord(
                id: $0.id, terms: $0.terms, priority: $0.priority, state: $0.state, isPaused: $0.isPaused, pin: $0.pin,
                revision: $0.revision, touched: $0.touched, assembled: $0.assembled, note: $0.note)
        }
        farm = FarmMachine(epoch: farm.epoch + 1, restoring: stories, devices: devices, heads: heads, now: now)
    }

    // MARK: Workers

    mutating func join(
        _ number: UInt64, kind: DeviceKind = Rig.kind, memory: Int = 1 << 34, device: String? = nil, held: [Held] = []
    ) {
        let description = WorkerDescription(
            node: "node", process: Int(number), encoder: "x264",
            device: WorkerDevice(uuid: device ?? "device \(number)", memoryBytes: memory, kind: kind))
        send(.connected(worker(number), description, held))
        send(.offered(worker(number), [Rig.offer]))
    }

    func worker(_ number: UInt64) -> WorkerID { WorkerID(high: 0, low: number) }

    // MARK: Stories

    mutating func submit(_ number: UInt64, _ terms: StoryTerms = Rig.terms()) {
        send(.submitted(StoryID(rawValue: number), terms))
    }

    func segment(_ story: UInt64, _ number: UInt32) -> SegmentID {
        SegmentID(story: StoryID(rawValue: story), number: number)
    }

    func record(_ story: UInt64, _ number: UInt32) -> SegmentRecord {
        farm.segment(segment(story, number))!
    }

    func state(_ story: UInt64) -> StoryState { farm.stories[StoryID(rawValue: story)]!.state }

    /// Who denoises or delivers a segment; 0 for nobody.
    func holder(_ story: UInt64, _ number: UInt32) -> UInt64 { record(story, number).holding?.worker.low ?? 0 }

    // MARK: Progress

    func attempt(_ story: UInt64, _ number: UInt32) -> AttemptID {
        AttemptID(
            segment: segment(story, number), lease: record(story, number).holding!.lease,
            generation: record(story, number).generation)
    }

    mutating func reach(_ story: UInt64, _ number: UInt32, head: Int) {
        let stream = StreamID(segment: segment(story, number), generation: record(story, number).generation)
        send(.reached(stream, head: head))
    }

    func consumed(_ story: UInt64, _ number: UInt32, before step: Int) -> Consumed {
        let terms = farm.stories[StoryID(rawValue: story)]!.terms
        let spans = number == 1 ? [] : record(story, number - 1).spans(of: terms.read(before: step))
        return Consumed(spans: spans, digest: Rig.digest(of: 0))
    }

    mutating func file() -> Artifact {
        files += 1
        return Artifact(bytes: 100, digest: Rig.digest(of: files))
    }

    mutating func checkpoint(_ story: UInt64, _ number: UInt32, at step: Int) {
        let attempt = attempt(story, number)
        send(
            .checkpointed(
                worker(holder(story, number)), attempt, step: step, file(), consumed(story, number, before: step)))
    }

    mutating func denoise(_ story: UInt64, _ number: UInt32) {
        let steps = farm.stories[StoryID(rawValue: story)]!.terms.steps
        reach(story, number, head: steps + 1)
        let attempt = attempt(story, number)
        send(
            .denoised(
                worker(holder(story, number)), attempt, file(), consumed(story, number, before: steps), matches: true))
    }

    mutating func deliver(_ story: UInt64, _ number: UInt32) {
        let attempt = attempt(story, number)
        send(.delivered(worker(holder(story, number)), attempt, file()))
        let id = StoryID(rawValue: story)
        if case .assemble(id, let revision, let segments)? = actions.last(where: {
            if case .assemble = $0 { true } else { false }
        }) {
            send(.assembled(id, revision: revision, segments: segments))
        }
    }
}
