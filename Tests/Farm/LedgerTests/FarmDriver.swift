import Farm
import WireSamples

/// Random events for a farm's machine, most of them sensible, by a seed.
struct FarmDriver {
    private(set) var machine: FarmMachine
    private var sampler: RecordSampler
    private var now = Moment(microseconds: 0)
    private var films: [(story: StoryID, revision: Int, segments: Int)] = []

    init(machine: FarmMachine, seed: UInt64) { (self.machine, sampler) = (machine, RecordSampler(seed: seed)) }

    /// What the machine wants durable after one more event.
    mutating func step(newStory: () throws -> StoryID) rethrows -> [FarmChange] {
        let stories = machine.stories.keys.sorted()
        switch sampler.number(0...99) {
        case 0..<6 where stories.count < 6: return send(.submitted(try newStory(), terms()))
        case 6..<16: return send(byAPerson(of: stories))
        case 16..<30: return send(byANode())
        case 30..<34: return send(.ticked, after: .seconds(sampler.number(0...90)))
        case 34..<40 where !films.isEmpty:
            let film = films.removeFirst()
            return send(.assembled(film.story, revision: film.revision, segments: film.segments))
        default: return send(byAWorker())
        }
    }

    /// The coordinator ends and starts again with what its ledger has.
    mutating func restart(
        epoch: UInt64, with stories: [StoryRecord], _ devices: [String: DeviceRecord]
    ) -> [FarmChange] {
        var heads: [SegmentID: Int] = [:]
        for story in machine.stories.values {
            for (index, segment) in story.touched.enumerated() {
                heads[SegmentID(story: story.id, number: UInt32(index + 1))] = segment.head
            }
        }
        machine = FarmMachine(epoch: epoch, restoring: stories, devices: devices, heads: heads, now: now)
        return keep(machine.takeOutcome())
    }

    private mutating func send(_ event: FarmEvent?, after time: Duration = .milliseconds(200)) -> [FarmChange] {
        guard let event else { return [] }
        now = now + time
        return keep(machine.handle(event, at: now))
    }

    private mutating func keep(_ outcome: FarmOutcome) -> [FarmChange] {
        for case .assemble(let story, let revision, let segments) in outcome.actions {
            films.append((story, revision, segments))
        }
        return outcome.changes
    }

    // MARK: People

    private mutating func terms() -> StoryTerms {
        StoryTerms(
            submitter: Submitter(rawValue: sampler.choice(of: ["ann", "bob"])), priority: sampler.number(0...2),
            segmentCount: sampler.number(1...5), steps: 8, handoff: sampler.choice(of: [.none, .stream, .final]),
            firstBlend: sampler.number(0...1), model: "embedded", segmentTime: .milliseconds(sampler.number(1...9999)),
            allowsSimulation: sampler.isTrue())
    }

    private mutating func byAPerson(of stories: [StoryID]) -> FarmEvent? {
        guard !stories.isEmpty else { return nil }
        let story = sampler.choice(of: stories)
        switch sampler.number(0...8) {
        case 0: return .paused(story)
        case 1, 2: return .resumed(story)
        case 3: return .cancelled(story)
        case 4, 5: return .retried(story)
        case 6: return .revised(story, from: sampler.number(1...5))
        case 7: return .prioritized(story, sampler.number(0...2))
        default: return .deleted(story)
        }
    }

    // MARK: Workers

    private mutating func byANode() -> FarmEvent {
        let number = UInt64(sampler.number(1...5))
        let id = WorkerID(high: 1, low: number)
        guard let worker = machine.workers[id] else {
            let kind = DeviceKind(
                accelerator: number == 1 ? "cpu" : "H200", cpuLevel: "AVX512", libtorch: "2.13", precision: "bf16",
                threads: 1, attention: "flash")
            let device = WorkerDevice(uuid: "device \(number)", memoryBytes: 1 << (30 + number), kind: kind)
            return .connected(
                id,
                WorkerDescription(
                    node: "node", process: Int(number), encoder: "x264", device: device, isSimulated: number == 5), [])
        }
        guard !worker.offers.isEmpty else {
            return .offered(id, [ModelOffer(name: "embedded", digest: RecordSampler.model)])
        }
        switch sampler.number(0...6) {
        case 0: return .disconnected(id)
        case 1: return .left(id, isCrash: sampler.isTrue())
        case 2: return .drained(id, sampler.number(0...3) == 0)
        case 3: return .probed(id, number: machine.probes[worker.description.device.uuid]?.running?.number ?? 0, nil)
        default: return .connected(id, worker.description, held(by: worker))
        }
    }

    private func held(by worker: WorkerRecord) -> [Held] {
        ([worker.denoising].compactMap { $0 } + worker.delivering).compactMap { segment in
            guard let (attempt, phase) = attempt(at: segment) else { return nil }
            return Held(attempt: attempt, phase: phase, activity: .stepping, step: 1, activityTime: .seconds(1))
        }
    }

    private func attempt(at id: SegmentID) -> (AttemptID, LeasePhase)? {
        guard let record = machine.segment(id), let holding = record.holding else { return nil }
        return (AttemptID(segment: id, lease: holding.lease, generation: record.generation), holding.phase)
    }

    private mutating func byAWorker() -> FarmEvent? {
        let workers = machine.workers.values.sorted { $0.id.low < $1.id.low }
            .filter { $0.denoising != nil || !$0.delivering.isEmpty }
        guard !workers.isEmpty else { return byANode() }
        let worker = sampler.choice(of: workers)
        let id = sampler.choice(of: worker.delivering + [worker.denoising].compactMap { $0 })
        guard let (attempt, phase) = attempt(at: id), let terms = machine.stories[id.story]?.terms else { return nil }
        let failure = Failure(
            cause: sampler.choice(of: FailureClass.allCases), step: sampler.number(0...1), detail: "it broke")
        switch (phase, sampler.number(0...19)) {
        case (_, 0): return .failed(worker.id, attempt, phase, failure)
        case (_, 1):
            return .released(worker.id, attempt, phase, sampler.choice(of: ReleaseReason.allCases), step: 1)
        case (_, 2): return .heartbeat(worker.id, held(by: worker))
        case (_, 3): return .conflicted(attempt.stream, step: sampler.number(0...8))
        case (.delivering, _): return .delivered(worker.id, attempt, sampler.artifact())
        case (.denoising, 4..<8):
            return .reached(attempt.stream, head: sampler.number(0...(terms.steps + 1)))
        case (.denoising, 8..<12):
            let step = sampler.number(1...7)
            return .checkpointed(worker.id, attempt, step: step, sampler.artifact(), consumed(id, terms, before: step))
        case (.denoising, 12): return .stepped(worker.id, attempt, step: sampler.number(1...8), .seconds(3))
        case (.denoising, _):
            let head = machine.segment(id)?.head ?? 0
            guard head >= terms.recordCount else { return .reached(attempt.stream, head: terms.recordCount) }
            return .denoised(
                worker.id, attempt, sampler.artifact(), consumed(id, terms, before: terms.steps),
                matches: sampler.number(0...9) > 0)
        }
    }

    private mutating func consumed(_ id: SegmentID, _ terms: StoryTerms, before step: Int) -> Consumed {
        let before = SegmentID(story: id.story, number: id.number - 1)
        let spans = machine.segment(before)?.spans(of: terms.read(before: step)) ?? []
        return Consumed(spans: spans, digest: sampler.digest())
    }
}

extension RecordSampler {
    fileprivate static let model = Digest((0..<32).map { UInt8($0) })!
}
