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

    /// Of stories that go on.
    private(set) var segments: [SegmentState: Int] = [:]
    private(set) var stories: [StoryGroup: Int] = [:]
    private(set) var workers: [WorkerGroup: Int] = [:]
    /// Expected worker-time of everything that is not denoised yet.
    private(set) var backlog = Duration.zero
    /// How long the longest waiting ready segment has waited; nil where none waits.
    let oldestReady: Duration?
    let devicesSetAside: Int

    init(_ farm: FarmMachine, connected: (WorkerID) -> Bool, oldestReady: Duration?) {
        self.oldestReady = oldestReady
        devicesSetAside = farm.devices.values.count { $0.isSetAside }
        for story in farm.stories.values {
            stories[StoryGroup(story), default: 0] += 1
            if !story.state.isTerminal { add(story) }
        }
        for worker in farm.workers.values {
            workers[WorkerGroup(worker, isConnected: connected(worker.id)), default: 0] += 1
        }
    }

    private mutating func add(_ story: StoryRecord) {
        var left = story.terms.segmentCount - story.touched.count
        if left > 0 { segments[.blocked, default: 0] += left }
        for record in story.touched {
            segments[record.state, default: 0] += 1
            if !record.isDenoised { left += 1 }
        }
        backlog += story.terms.segmentTime * left
    }
}

extension Dictionary where Value == Int {
    /// With its keys by their names, as in the forms for people.
    var named: [String: Int] { Dictionary<String, Int>(uniqueKeysWithValues: map { ("\($0.key)", $0.value) }) }
}
