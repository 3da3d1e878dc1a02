import Farm
import Storage

/// A rule of the farm was broken; the seed replays it.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(seed: UInt64, _ what: String) { description = "STORYFARM_SEED=\(seed): \(what)" }
}

/// Knows nothing of how the farm works, only what it must never do.
struct Oracle {
    /// An attempt whose result became part of a story.
    struct Acceptance {
        let revision: Int
        let lease: Lease
    }

    private(set) var stories: [StoryID: StoryTerms] = [:]
    private(set) var violation: String?
    /// The highest lease that ever left for a segment.
    private var leases: [SegmentID: Lease] = [:]
    /// Of finished latents, as they became durable.
    private var acceptances: [SegmentID: Acceptance] = [:]
    /// Of videos, as their workers were told.
    private var promises: [SegmentID: Acceptance] = [:]
    private var revisions: [StoryID: Int] = [:]
    /// What was reported under each lease.
    private var reports: [AttemptID: Set<FarmReport>] = [:]
    private(set) var reportedFiles: Set<Artifact> = []
    private var records: [StreamID: [Int: UInt64]] = [:]
    private var lastBlend: [AttemptID: Int] = [:]
    /// Segments that each submitter has had, of those that always had more to do.
    private var served: [Submitter: Int] = [:]
    private var idle: Set<Submitter> = []

    mutating func fail(_ what: String) { violation = violation ?? what }

    // MARK: Stories

    mutating func submitted(_ id: StoryID, _ terms: StoryTerms) { stories[id] = terms }

    /// A story is handed to the farm that did not have it.
    mutating func took(_ id: StoryID, diskIsFull: Bool) {
        if diskIsFull { fail("story \(id.rawValue) was taken though the disk is full") }
    }

    // MARK: Leases and results

    mutating func granted(_ grant: Grant) {
        let segment = grant.attempt.segment
        if let last = leases[segment], grant.attempt.lease <= last { fail("a lease of \(segment) did not grow") }
        leases[segment] = grant.attempt.lease
    }

    mutating func reported(_ report: WorkerReport) {
        reports[report.attempt, default: []].insert(report.kind)
        if let file = report.file { reportedFiles.insert(file) }
    }

    /// Nobody has heard of it yet, though another attempt may have made the same.
    mutating func uploaded(_ file: Artifact) { reportedFiles.remove(file) }

    mutating func accepted(_ attempt: AttemptID, _ kind: FarmReport, of record: SegmentRecord?) {
        if kind == .denoised, let latents = record?.latents, record?.holding == nil, latents.lease != attempt.lease {
            fail("latents of \(attempt) were accepted, of another lease are kept")
        }
        if reports[attempt]?.contains(kind) != true { fail("\(kind) was accepted under \(attempt), which said none") }
        guard kind == .delivered, let video = record?.video, video.lease == attempt.lease else { return }
        let revision = revisions[attempt.segment.story] ?? 1
        promises[attempt.segment] = Acceptance(revision: revision, lease: attempt.lease)
    }

    /// What has become durable: of each revision, one attempt at a segment is accepted for ever.
    mutating func committed(_ changes: [FarmChange]) {
        for change in changes {
            switch change {
            case .story(let story): revisions[story.id] = story.revision
            case .removed(let id): stories[id] = nil
            case .device, .node: break
            case .segment(let id, let record):
                guard record.isDenoised, let lease = record.latents?.lease else { continue }
                let revision = revisions[id.story] ?? 1
                if let old = acceptances[id], old.revision == revision, old.lease != lease {
                    fail("two attempts at \(id) were accepted")
                }
                acceptances[id] = Acceptance(revision: revision, lease: lease)
            }
        }
    }

    // MARK: Boundaries

    mutating func written(_ stream: StreamID, _ step: Int, _ checksum: UInt64) {
        if let old = records[stream]?[step], old != checksum { fail("record \(step) of \(stream) was overwritten") }
        records[stream, default: [:]][step] = checksum
    }

    /// A step of an attempt begins that is blended with a record.
    mutating func blended(_ attempt: AttemptID, _ step: Int) {
        if let last = lastBlend[attempt], step <= last { fail("\(attempt) was blended twice at step \(step)") }
        lastBlend[attempt] = step
    }

    // MARK: Restarts

    /// What was accepted is there, with every file that it names; what the log has is what was written.
    mutating func restarted(_ restored: [StoryRecord], _ head: HeadNode) {
        let restored = Dictionary(uniqueKeysWithValues: restored.map { ($0.id, $0) })
        for id in stories.keys.sorted() where restored[id] == nil { fail("story \(id.rawValue) is lost") }
        for story in restored.values.sorted(by: { $0.id < $1.id }) {
            for (index, record) in story.touched.enumerated() {
                let id = SegmentID(story: story.id, number: UInt32(index + 1))
                check(id, record, head)
                if let promise = promises[id], promise.revision == story.revision, record.video?.lease != promise.lease
                {
                    fail("the video of \(id) was accepted and is not in the ledger")
                }
                compareRecords(of: id, head)
            }
        }
    }

    private mutating func check(_ id: SegmentID, _ record: SegmentRecord, _ head: HeadNode) {
        for checkpoint in record.checkpoints where !head.holds(checkpoint.file, as: .checkpoint(id)) {
            fail("the checkpoint of \(id) at \(checkpoint.step) is gone")
        }
        if let file = record.latents?.file, !head.holds(file, as: .latents(id)) {
            fail("the latents of \(id) are gone")
        }
        if let file = record.video?.file, !head.holds(file, as: .video(id)) { fail("the video of \(id) is gone") }
    }

    private mutating func compareRecords(of id: SegmentID, _ head: HeadNode) {
        let entries = (try? head.log.entries(of: id)) ?? []
        for stream in records.keys where stream.segment == id { records[stream] = [:] }
        for entry in entries {
            let stream = StreamID(segment: id, generation: entry.generation)
            records[stream, default: [:]][Int(entry.step)] = entry.checksum
        }
    }

    // MARK: Shares

    /// Of submitters that always have more to do, none gets ahead by more than one segment per worker.
    mutating func decided(_ outcome: FarmOutcome, _ farm: FarmMachine, _ setting: World.Setting) {
        guard setting.isSteady else { return }
        func submitter(_ story: StoryID) -> Submitter { setting.stories[Int(story.rawValue) - 1].submitter }
        for case .grant(_, let grant) in outcome.actions where grant.phase == .denoising {
            served[submitter(grant.attempt.segment.story), default: 0] += 1
        }
        guard !served.isEmpty else { return }
        var busy: Set<Submitter> = []
        for story in farm.stories.values where story.touched.contains(where: { $0.state == .ready }) {
            busy.insert(submitter(story.id))
        }
        idle.formUnion(Set(setting.stories.map(\.submitter)).subtracting(busy))
        let shares = busy.subtracting(idle).map { served[$0, default: 0] }
        guard let most = shares.max(), let least = shares.min(), most - least > setting.workers else { return }
        fail("one submitter has had \(most) segments and another \(least) with \(setting.workers) workers")
    }
}
