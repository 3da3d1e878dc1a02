import Farm
import Storage
import StorageSamples
import Testing

/// Goal: stories that have ended lose what they would go on with when their time is over, or when the disk has no room,
/// and nobody loses anything before that.
/// Method: a policy by hand, then over logs and files on a disk in memory.
@Suite struct RetentionTests {
    private let day = 86_400.0
    private var policy = RetentionPolicy()

    init() { (policy.watermarkBytes, policy.reservedBytes) = (1000, 500) }

    private func candidate(_ story: UInt64, ended: Double, _ byteCount: Int = 100) -> RetentionPolicy.Candidate {
        .init(story: StoryID(rawValue: story), ended: ended, byteCount: byteCount)
    }

    private func pruned(_ candidates: [RetentionPolicy.Candidate], free: Int, now: Double) -> [UInt64] {
        policy.stories(toPrune: candidates, freeBytes: free, now: now).map(\.rawValue)
    }

    @Test func aStoryIsPrunedWhenItsTimeIsOver() {
        let candidates = [candidate(3, ended: 6.5 * day), candidate(1, ended: 0.9 * day), candidate(2, ended: 0)]
        #expect(pruned(candidates, free: 5000, now: 6.9 * day) == [])
        #expect(pruned(candidates, free: 5000, now: 7 * day) == [2])
        #expect(pruned(candidates, free: 5000, now: 8 * day) == [2, 1])
    }

    @Test func belowTheWatermarkTheOldestGoUntilThereIsRoom() {
        let candidates = [candidate(1, ended: 3, 300), candidate(2, ended: 1, 300), candidate(3, ended: 2, 300)]
        #expect(pruned(candidates, free: 1000, now: 4) == [])
        #expect(pruned(candidates, free: 999, now: 4) == [2])
        #expect(pruned(candidates, free: 500, now: 4) == [2, 3])
        #expect(pruned(candidates, free: 0, now: 4) == [2, 3, 1])
    }

    @Test func thoseWhoseTimeIsOverMakeRoomForTheOthers() {
        let candidates = [candidate(1, ended: 0, 600), candidate(2, ended: 7 * day, 600)]
        #expect(pruned(candidates, free: 500, now: 8 * day) == [1])
    }

    /// A farm's files of several stories on a disk of 4,096 bytes.
    private struct Farm {
        let disk = SimulatedDisk()
        let log: BoundaryLog
        let store: ArtifactStore

        init() throws {
            disk.capacity = 4096
            log = try BoundaryLog(on: disk, at: .root / "boundaries")
            store = try ArtifactStore(on: disk, at: .root / "artifacts")
        }

        func write(_ story: UInt64) throws {
            let segment = SegmentID(story: StoryID(rawValue: story), number: 1)
            for step in 0..<4 {
                try log.append(content(Int(step), byteCount: 64), step: UInt32(step), to: stream(of: segment))
            }
            try log.synchronize(segment)
            try store.store(content(Int(story), byteCount: 200), as: .latents(segment))
            try store.store(content(Int(story), byteCount: 300), as: .video(segment))
        }

        func candidates(_ stories: [UInt64]) throws -> [RetentionPolicy.Candidate] {
            try stories.map { number in
                let story = StoryID(rawValue: number)
                let files = store.artifacts(of: story).filter { $0.id.subject.kind == .latents }
                let bytes = try log.byteCount(of: story) + files.reduce(0) { $0 + $1.byteCount }
                return .init(story: story, ended: Double(number), byteCount: bytes)
            }.filter { $0.byteCount > 0 }
        }

        /// What the coordinator does for a pruned story.
        func prune(_ story: StoryID) throws {
            for file in store.artifacts(of: story) where file.id.subject.kind == .latents { try store.remove(file.id) }
            try log.remove(story)
        }

        func prune(_ policy: RetentionPolicy, _ stories: [UInt64]) throws {
            let freeBytes = try store.freeBytes()
            for story in policy.stories(toPrune: try candidates(stories), freeBytes: freeBytes, now: 10) {
                try prune(story)
            }
        }
    }

    @Test func aFullDiskHasRoomAgainAndKeepsVideosAndWhatIsRendered() throws {
        let farm = try Farm()
        // The fourth is still rendered.
        for story in 1...4 { try farm.write(UInt64(story)) }
        let before = try farm.store.freeBytes()
        #expect(before < policy.watermarkBytes)
        try farm.prune(policy, [1, 2, 3])
        #expect(try farm.store.freeBytes() >= policy.watermarkBytes)
        let logs = try farm.log.stories().map(\.rawValue)
        #expect(!logs.contains(1) && logs.contains(3) && logs.contains(4))
        for story in 1...4 {
            let kinds = farm.store.artifacts(of: StoryID(rawValue: UInt64(story))).map(\.id.subject.kind)
            #expect(kinds.contains(.video))
            #expect(kinds.contains(.latents) == logs.contains(UInt64(story)))
        }
        try farm.prune(policy, [1, 2, 3])
        #expect(try farm.log.stories().map(\.rawValue) == logs)
    }

    /// Method: the disk fails in the middle, then the machine goes down; the next time looks at what is there.
    @Test func whatADiskRefusedToRemoveIsRemovedTheNextTime() throws {
        let farm = try Farm()
        for story in 1...4 { try farm.write(UInt64(story)) }
        farm.disk.failNext(.removeTree)
        #expect(throws: StorageError.self) { try farm.prune(policy, [1, 2, 3]) }
        #expect(try farm.log.stories().map(\.rawValue).contains(1))
        try farm.prune(policy, [1, 2, 3])
        #expect(try farm.store.freeBytes() >= policy.watermarkBytes)
        // A removed file may come back, and is removed when the farm is opened; a log may not.
        farm.disk.crash()
        #expect(try !farm.log.stories().map(\.rawValue).contains(1))
    }
}
