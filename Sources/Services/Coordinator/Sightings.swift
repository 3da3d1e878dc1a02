import Farm
import Wire

/// What people want to know and no rule depends on: how far segments are, what workers do, since when something waits.
struct Sightings {
    struct Segment {
        var worker: WorkerID
        var step: Int
        var activity: String
        /// Of the last step, waits not counted.
        var stepTime: Duration?
        var since: Moment
    }

    struct Worker {
        var freeBytes = 0
        var usedBytes = 0
        var steps: UInt64 = 0
        var heard: Moment
    }

    /// What people are told of a segment whenever it is another.
    private struct Standing: Equatable {
        let state: SegmentState
        let worker: WorkerID?
    }

    private(set) var segments: [SegmentID: Segment] = [:]
    private(set) var workers: [WorkerID: Worker] = [:]
    private(set) var readySince: [SegmentID: Moment] = [:]
    /// Workers that are about to leave, since they or a person said so.
    private var leaving: Set<WorkerID> = []
    private var standings: [SegmentID: Standing] = [:]
    private var stages: [StoryID: Stage] = [:]
    /// Of stories that may be deleted: how many segments and revisions they have files of.
    private(set) var extents: [StoryID: (segments: Int, revisions: Int)] = [:]

    /// Of a story.
    private struct Stage: Equatable {
        let state: StoryState
        let isPaused: Bool
    }

    mutating func begin(_ id: SegmentID, on worker: WorkerID, step: Int, at now: Moment) {
        segments[id] = Segment(worker: worker, step: step, activity: "loading", since: now)
    }

    mutating func note(_ heartbeat: Message.Heartbeat, of worker: WorkerID, at now: Moment) {
        workers[worker] = Worker(
            freeBytes: heartbeat.freeBytes, usedBytes: heartbeat.usedBytes, steps: heartbeat.steps, heard: now)
        for held in heartbeat.held {
            let id = held.attempt.segment
            // After a restart this is the first that is heard of it.
            if segments[id] == nil { begin(id, on: worker, step: held.step, at: now) }
            guard segments[id]?.worker == worker else { continue }
            segments[id]!.activity = "\(held.activity)"
            if held.phase == .denoising { segments[id]!.step = held.step }
        }
    }

    mutating func note(_ progress: Message.Progress, of worker: WorkerID) {
        guard segments[progress.attempt.segment]?.worker == worker else { return }
        segments[progress.attempt.segment]!.step = progress.step
        segments[progress.attempt.segment]!.stepTime = progress.stepTime
        segments[progress.attempt.segment]!.activity = "stepping"
    }

    /// - Returns: whether the state is another one than before, or somebody else's: a segment that is lost may be
    ///   leased again at once.
    mutating func note(_ id: SegmentID, _ segment: SegmentRecord, at now: Moment) -> Bool {
        let (state, standing) = (segment.state, Standing(state: segment.state, worker: segment.holding?.worker))
        let isNew = standings.updateValue(standing, forKey: id) != standing
        if state == .ready {
            if readySince[id] == nil { readySince[id] = now }
        } else {
            readySince[id] = nil
        }
        switch state {
        case .denoising, .denoised, .delivering: break
        case .blocked, .ready, .finished, .failed, .cancelled: segments[id] = nil
        }
        return isNew
    }

    /// - Returns: whether the state is another one than before.
    mutating func note(_ story: StoryRecord, at now: Moment) -> Bool {
        extents[story.id] = (story.terms.segmentCount, story.revision)
        let stage = Stage(state: story.state, isPaused: story.isPaused)
        let last = stages.updateValue(stage, forKey: story.id)
        if last?.isPaused == true, !story.isPaused {
            // Until now they waited for a person, and not for a worker.
            for id in readySince.keys where id.story == story.id { readySince[id] = now }
        }
        return last != stage
    }

    mutating func note(_ worker: WorkerID, isLeaving: Bool) {
        if isLeaving { leaving.insert(worker) } else { leaving.remove(worker) }
    }

    /// - Returns: whether it was about to leave.
    mutating func forget(_ worker: WorkerID) -> Bool {
        workers[worker] = nil
        return leaving.remove(worker) != nil
    }

    mutating func forget(_ story: StoryID) {
        segments = segments.filter { $0.key.story != story }
        standings = standings.filter { $0.key.story != story }
        readySince = readySince.filter { $0.key.story != story }
        (stages[story], extents[story]) = (nil, nil)
    }
}
