import Farm

/// A rule of the farm was broken; the seed replays it.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(seed: UInt64, _ what: String) { description = "SEED=\(seed): \(what)" }
}

/// Knows nothing of how the farm works, only what it must never do.
struct Oracle {
    private(set) var stories: [StoryID: StoryTerms] = [:]
    private(set) var violation: String?
    /// The highest lease that ever left for a segment.
    private var leases: [SegmentID: Lease] = [:]
    /// Of each story's revision, under which lease a segment's latents became part of it.
    private var acceptances: [SegmentID: (revision: Int, lease: Lease)] = [:]
    /// What was reported under each lease.
    private var reports: [AttemptID: Set<FarmReport>] = [:]
    private var records: [StreamID: [Int: UInt64]] = [:]

    mutating func fail(_ what: String) { violation = violation ?? what }

    mutating func submitted(_ id: StoryID, _ terms: StoryTerms) { stories[id] = terms }

    mutating func granted(_ grant: Grant) {
        let segment = grant.attempt.segment
        if let last = leases[segment], grant.attempt.lease <= last { fail("a lease of \(segment) did not grow") }
        leases[segment] = grant.attempt.lease
    }

    mutating func reported(_ report: WorkerReport) { reports[report.attempt, default: []].insert(report.kind) }

    mutating func accepted(_ attempt: AttemptID, _ kind: FarmReport, of record: SegmentRecord?) {
        if kind == .denoised, let latents = record?.latents, latents.lease != attempt.lease {
            fail("latents of \(attempt) were accepted, of another lease are kept")
        }
        if reports[attempt]?.contains(kind) != true { fail("\(kind) was accepted under \(attempt), which said none") }
    }

    /// What has become durable: of each revision, one attempt at a segment is accepted for ever.
    mutating func committed(_ changes: [FarmChange], _ stories: [StoryID: StoryRecord]) {
        for case .segment(let id, let record) in changes {
            guard record.isDenoised, let lease = record.latents?.lease, let story = stories[id.story] else { continue }
            if let old = acceptances[id], old.revision == story.revision, old.lease != lease {
                fail("two attempts at \(id) were accepted")
            }
            acceptances[id] = (story.revision, lease)
        }
    }

    mutating func written(_ attempt: AttemptID, _ step: Int, _ checksum: UInt64) {
        if let old = records[attempt.stream]?[step], old != checksum { fail("a record was written twice") }
        records[attempt.stream, default: [:]][step] = checksum
    }

    mutating func lost(_ entries: [SegmentID: [Disk.Entry]]) {
        for (segment, entries) in entries {
            for entry in entries {
                records[StreamID(segment: segment, generation: entry.generation)]?[entry.step] = nil
            }
        }
    }

    /// What must hold after every event.
    func check(_ farm: FarmMachine, _ workers: [WorkerID: WorkerNode], seed: UInt64) throws {
        for worker in farm.workers.values {
            guard worker.delivering.count <= FarmLimits.deliveriesPerWorker else {
                throw Violation(seed: seed, "\(worker.id) delivers \(worker.delivering.count) segments")
            }
            for segment in [worker.denoising].compactMap({ $0 }) + worker.delivering {
                guard farm.segment(segment)?.holding?.worker == worker.id else {
                    throw Violation(seed: seed, "\(worker.id) holds \(segment), which says otherwise")
                }
            }
        }
        for story in farm.stories.values {
            var isDenoised = true
            for (index, record) in story.touched.enumerated() {
                let id = SegmentID(story: story.id, number: UInt32(index + 1))
                if story.terms.handoff != .none, !story.state.isTerminal {
                    if record.isDenoised, !isDenoised { throw Violation(seed: seed, "\(id) was accepted out of order") }
                    isDenoised = isDenoised && record.isDenoised
                }
                if record.checkpoints.count > FarmLimits.checkpointsKept {
                    throw Violation(seed: seed, "\(id) keeps \(record.checkpoints.count) checkpoints")
                }
                if story.state.isTerminal, record.holding?.phase == .denoising {
                    throw Violation(seed: seed, "\(id) is denoised for a story that has ended")
                }
            }
        }
    }

    /// What must hold when everything is over: nothing lost, every segment made of its predecessor's own boundaries.
    func checkEnd(_ farm: FarmMachine, _ disk: Disk, seed: UInt64) throws {
        for (id, terms) in stories.sorted(by: { $0.key < $1.key }) {
            guard let story = farm.stories[id] else { throw Violation(seed: seed, "story \(id.rawValue) is lost") }
            guard story.state == .finished else { continue }
            for number in 1...terms.segmentCount {
                let segment = SegmentID(story: id, number: UInt32(number))
                guard let file = story.segment(number).latents?.file, let latents = disk.files[file] else {
                    throw Violation(seed: seed, "the latents of \(segment) are gone")
                }
                guard number > 1, terms.handoff != .none else { continue }
                let before = SegmentID(story: id, number: UInt32(number - 1))
                let records = disk.records(of: before)
                let expected = terms.read(before: terms.steps).map { records[$0].checksum }
                if latents.read != expected {
                    throw Violation(seed: seed, "\(segment) is not made of the boundaries of \(before)")
                }
            }
        }
    }
}
