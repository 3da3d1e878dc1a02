import Farm

/// What a coordinator leaves behind when it is killed: what was committed, what was written and synced, and files.
struct Disk {
    var stories: [StoryID: StoryRecord] = [:]
    var segments: [SegmentID: SegmentRecord] = [:]
    var devices: [String: DeviceRecord] = [:]
    var epoch: UInt64 = 0
    /// The boundary log: in order of writing.
    var log: [SegmentID: [Entry]] = [:]
    /// How many of a segment's entries a power loss leaves.
    var synced: [SegmentID: Int] = [:]
    var files: [Artifact: Latents] = [:]

    struct Entry: Hashable {
        let generation: Generation
        let step: Int
        let checksum: UInt64
    }

    mutating func commit(_ changes: [FarmChange], forgettingLeases: Bool) {
        for change in changes {
            switch change {
            case .story(let record): stories[record.id] = record
            case .segment(let id, let record):
                segments[id] = forgettingLeases ? record.withoutLease : record
            case .device(let uuid, let record): devices[uuid] = record
            case .removed(let id):
                stories[id] = nil
                for key in segments.keys where key.story == id { segments[key] = nil }
            }
        }
    }

    /// - Returns: what is gone.
    mutating func loseWhatIsNotSynced() -> [SegmentID: [Entry]] {
        var lost: [SegmentID: [Entry]] = [:]
        for (segment, entries) in log {
            let kept = synced[segment, default: 0]
            log[segment] = Array(entries.prefix(kept))
            lost[segment] = Array(entries.dropFirst(kept))
        }
        return lost
    }

    /// The stories with their segments, as a restarted coordinator reads them.
    func restored() -> [StoryRecord] {
        stories.values.map { story in
            let last = segments.keys.filter { $0.story == story.id }.map(\.number).max() ?? 0
            let touched = (0..<last).map {
                segments[SegmentID(story: story.id, number: $0 + 1)] ?? .untouched
            }
            return StoryRecord(
                id: story.id, terms: story.terms, priority: story.priority, state: story.state,
                isPaused: story.isPaused, pin: story.pin, revision: story.revision, touched: touched,
                assembled: story.assembled, note: story.note)
        }
    }

    /// The records that a segment's stream holds under its generations.
    func records(of id: SegmentID) -> [BoundaryExchange.Record] {
        let generations = segments[id]?.generations ?? SegmentRecord.untouched.generations
        var records: [BoundaryExchange.Record] = []
        while true {
            let step = records.count
            guard let owner = generations.last(where: { $0.fromStep <= step })?.generation,
                let entry = log[id]?.first(where: { $0.generation == owner && $0.step == step })
            else { return records }
            records.append(.init(generation: owner, checksum: entry.checksum))
        }
    }
}

extension SegmentRecord {
    fileprivate var withoutLease: SegmentRecord {
        SegmentRecord(
            state: state, generations: generations, checkpoints: checkpoints, latents: latents, video: video,
            failures: failures, losses: losses, failedOn: failedOn, notFinite: notFinite, memoryFloor: memoryFloor,
            writer: writer, note: note)
    }
}
