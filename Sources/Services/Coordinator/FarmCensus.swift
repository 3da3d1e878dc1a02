import Farm

/// The farm counted at one moment.
struct FarmCensus: Sendable {
    enum StoryGroup: Hashable, Sendable, CaseIterable {
        case queued, rendering, assembling, finished, failed, cancelled, paused

        init(_ story: StoryRecord) {
            if story.isPaused {
                self = .paused
                return
            }
            switch story.state {
            case .queued: self = .queued
            case .rendering: self = .rendering
            case .assembling: self = .assembling
            case .finished: self = .finished
            case .failed: self = .failed
            case .cancelled: self = .cancelled
            }
        }
    }

    enum SegmentGroup: Hashable, Sendable, CaseIterable {
        case blocked, ready, denoising, denoised, delivering, finished, failed, cancelled
        /// It would wait, or begin, if its story were not paused.
        case paused

        init(_ state: SegmentState, isPaused: Bool) {
            switch state {
            case .blocked: self = isPaused ? .paused : .blocked
            case .ready: self = isPaused ? .paused : .ready
            case .denoising: self = .denoising
            case .denoised: self = .denoised
            case .delivering: self = .delivering
            case .finished: self = .finished
            case .failed: self = .failed
            case .cancelled: self = .cancelled
            }
        }
    }

    enum WorkerGroup: Hashable, Sendable, CaseIterable {
        case idle, denoising, draining, setAside, disconnected

        init(_ worker: WorkerRecord, isConnected: Bool) {
            if !isConnected {
                self = .disconnected
            } else if worker.isSetAside {
                self = .setAside
            } else if worker.isDraining {
                self = .draining
            } else {
                self = worker.denoising == nil ? .idle : .denoising
            }
        }
    }

    /// Of stories that have not ended.
    private(set) var segments: [SegmentGroup: Int] = [:]
    private(set) var stories: [StoryGroup: Int] = [:]
    private(set) var workers: [WorkerGroup: Int] = [:]
    /// Expected worker-time of everything that is not denoised yet, without stories that are paused.
    private(set) var backlog = Duration.zero
    /// How long the longest waiting ready segment has waited, without paused stories; nil where none waits.
    let oldestReady: Duration?
    let devicesSetAside: Int

    /// - Parameter steps: that a segment's worker has said it has finished; nil where none has.
    init(
        _ farm: FarmMachine, connected: (WorkerID) -> Bool, steps: (SegmentID) -> Int?, oldestReady: Duration?
    ) {
        self.oldestReady = oldestReady
        devicesSetAside = farm.devices.values.count { $0.isSetAside }
        let pace = Pace(farm.stories.values)
        for story in farm.stories.values {
            stories[StoryGroup(story), default: 0] += 1
            if !story.state.isTerminal { add(story, step: pace.step(of: story), steps) }
        }
        for worker in farm.workers.values {
            workers[WorkerGroup(worker, isConnected: connected(worker.id)), default: 0] += 1
        }
    }

    private mutating func add(_ story: StoryRecord, step: Duration, _ steps: (SegmentID) -> Int?) {
        var left = story.terms.segmentCount - story.touched.count
        if left > 0 { segments[SegmentGroup(.blocked, isPaused: story.isPaused), default: 0] += left }
        left *= story.terms.steps
        for (index, record) in story.touched.enumerated() {
            segments[SegmentGroup(record.state, isPaused: story.isPaused), default: 0] += 1
            guard !record.isDenoised else { continue }
            let done = steps(SegmentID(story: story.id, number: UInt32(index + 1))) ?? record.resumeStep
            left += max(0, story.terms.steps - done)
        }
        if !story.isPaused { backlog += step * left }
    }

    /// What steps take here: of stories whose steps were measured as measured, of others as much longer than was
    /// expected as those of the same model, or else as any.
    private struct Pace {
        private var ratios: [String?: (measured: Double, expected: Double)] = [:]

        init(_ stories: some Sequence<StoryRecord>) {
            for story in stories {
                guard let usual = story.usualStep else { continue }
                for name in [story.terms.model, nil] {
                    ratios[name, default: (0, 0)].measured += usual / .seconds(1)
                    ratios[name, default: (0, 0)].expected += Self.expected(story) / .seconds(1)
                }
            }
        }

        func step(of story: StoryRecord) -> Duration {
            if let usual = story.usualStep { return usual }
            guard let ratio = ratios[story.terms.model] ?? ratios[nil], ratio.expected > 0 else {
                return Self.expected(story)
            }
            return Self.expected(story) * (ratio.measured / ratio.expected)
        }

        private static func expected(_ story: StoryRecord) -> Duration {
            story.terms.segmentTime / max(1, story.terms.steps)
        }
    }
}

extension Dictionary where Value == Int {
    /// With its keys by their names, as in the forms for people.
    var named: [String: Int] { Dictionary<String, Int>(uniqueKeysWithValues: map { ("\($0.key)", $0.value) }) }
}
