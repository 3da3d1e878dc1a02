import Farm
import Glibc
import Storage
import StorageSamples
import Testing

/// Goal: finished files are found, read, counted and removed by what they are. Method: a disk in memory.
@Suite struct ArtifactStoreTests {
    private let disk = SimulatedDisk()
    private let store: ArtifactStore
    private let subjects: [ArtifactSubject] = [
        .checkpoint(segment), .latents(segment), .video(segment), .story(story),
    ]

    init() throws { store = try ArtifactStore(on: disk, at: .root / "artifacts") }

    private func reopened() throws -> ArtifactStore { try ArtifactStore(on: disk, at: .root / "artifacts") }

    @Test func whatIsFinishedIsFoundAlsoByTheNextProcess() throws {
        for (number, subject) in subjects.enumerated() {
            let artifact = try store.store(content(number, byteCount: 200), as: subject)
            #expect(artifact.byteCount == 200)
            #expect(artifact.id == ArtifactID(subject, digest: try sha256(content(number, byteCount: 200))))
            for store in [store, try reopened()] {
                #expect(store.artifact(artifact.id) == artifact)
                #expect(try store.bytes(artifact) == content(number, byteCount: 200))
            }
        }
    }

    @Test func filesStandUnderTheirNames() throws {
        for subject in subjects { try store.store(content(0), as: subject) }
        let digest = try sha256(content(0))
        #expect(
            disk.filePaths == [
                "artifacts/checkpoint/12/3-\(digest).safetensors", "artifacts/latents/12/3-\(digest).safetensors",
                "artifacts/story/12/\(digest).mp4", "artifacts/video/12/3-\(digest).mp4",
            ])
        let id = ArtifactID(.video(segment), digest: digest)
        #expect(store.location(of: id) == "artifacts/video/12/3-\(digest).mp4")
    }

    @Test func aSubjectMayHaveSeveralFiles() throws {
        let artifacts = try (0..<3).map { try store.store(content($0), as: .checkpoint(segment)) }
        #expect(Set(store.artifacts(of: story)) == Set(artifacts))
        #expect(try artifacts.map { try store.bytes($0) } == (0..<3).map { content($0) })
        #expect(store.artifacts(of: StoryID(rawValue: 1)) == [])
        #expect(store.stories == [story])
    }

    @Test func theSameBytesAreStoredOnce() throws {
        let first = try store.store(content(0), as: .video(segment))
        #expect(try store.store(content(0), as: .video(segment)) == first)
        #expect(store.usage[.video] == 100)
        #expect(disk.filePaths.count == 1 && disk.usedBytes == 100)
        #expect(try store.bytes(first) == content(0))
    }

    @Test func storingTheSameBytesAgainMendsThem() throws {
        let artifact = try store.store(content(0), as: .video(segment))
        disk[try path(of: artifact)] = [1]
        #expect(throws: StorageError.self) { try store.bytes(artifact) }
        try store.store(content(0), as: .video(segment))
        #expect(try store.bytes(artifact) == content(0))
    }

    private func path(of artifact: StoredArtifact) throws -> DiskPath {
        DiskPath(store.location(of: artifact.id).split(separator: "/").map(String.init))
    }

    // MARK: Reading

    @Test func anyRangeIsRead() throws {
        let artifact = try store.store(content(0), as: .video(segment))
        for (offset, count) in [(0, 0), (0, 1), (10, 20), (99, 1), (100, 0), (0, 100)] {
            #expect(
                try store.bytes(artifact.id, at: offset, count: count) == Array(content(0)[offset..<(offset + count)]))
        }
    }

    @Test func aRangeBeyondTheEndIsRefused() throws {
        let artifact = try store.store(content(0), as: .video(segment))
        for (offset, count) in [(0, 101), (100, 1), (1000, 1)] {
            let error = #expect(throws: StorageError.self) {
                try store.bytes(artifact.id, at: offset, count: count)
            }
            #expect(error?.reason == .beyondEnd(end: offset + count, total: 100))
        }
    }

    @Test func aFileThatIsNotThereIsMissing() throws {
        let id = ArtifactID(.video(segment), digest: try sha256(content(0)))
        #expect(store.artifact(id) == nil)
        #expect(#expect(throws: StorageError.self) { try store.bytes(id, at: 0, count: 1) }?.reason == .missing)
        try store.store(content(0), as: .latents(segment))
        #expect(store.artifact(id) == nil, "the kind counts")
    }

    @Test func aFileThatWasCutIsDamagedFromThereOn() throws {
        let artifact = try store.store(content(0), as: .video(segment))
        disk[try path(of: artifact)] = Array(content(0)[..<60])
        #expect(try store.bytes(artifact.id, at: 0, count: 60) == Array(content(0)[..<60]))
        let error = #expect(throws: StorageError.self) { try store.bytes(artifact.id, at: 50, count: 20) }
        #expect(error?.reason == .damaged(.length, offset: 60))
    }

    // MARK: Counting and removing

    @Test func usageFollowsEveryChangeWithoutLookingAtTheDisk() throws {
        #expect(store.usage == [.checkpoint: 0, .latents: 0, .video: 0, .story: 0])
        let first = try store.store(content(0), as: .checkpoint(segment))
        try store.store(content(1, byteCount: 50), as: .checkpoint(segment))
        try store.store(content(1, byteCount: 7), as: .story(story))
        #expect(store.usage == [.checkpoint: 150, .latents: 0, .video: 0, .story: 7])
        #expect(try reopened().usage == store.usage)
        let lists = disk.calls[.list]
        try store.remove(first.id)
        try store.store(content(2, byteCount: 9), as: .video(segment))
        #expect(store.usage == [.checkpoint: 50, .latents: 0, .video: 9, .story: 7])
        #expect(disk.calls[.list] == lists)
        #expect(try reopened().usage == store.usage)
    }

    @Test func aRemovedFileIsGoneAndTheOthersStay() throws {
        let artifacts = try (0..<2).map { try store.store(content($0), as: .checkpoint(segment)) }
        try store.remove(artifacts[0].id)
        try store.remove(artifacts[0].id)
        #expect(store.artifact(artifacts[0].id) == nil)
        #expect(try store.bytes(artifacts[1]) == content(1))
        #expect(disk.filePaths.count == 1)
    }

    @Test func aRemovedStoryTakesEveryKindAndNoOtherStory() throws {
        let other = try store.store(content(0), as: .story(StoryID(rawValue: 13)))
        for subject in subjects { try store.store(content(0), as: subject) }
        try store.remove(story)
        #expect(store.stories == [StoryID(rawValue: 13)])
        #expect(store.usage == [.checkpoint: 0, .latents: 0, .video: 0, .story: 100])
        #expect(disk.usedBytes == 100)
        #expect(try reopened().bytes(other) == content(0))
        try store.remove(story)
    }

    @Test func aRemovalThatTheDiskRefusesChangesNothing() throws {
        let artifact = try store.store(content(0), as: .video(segment))
        disk.failNext(.removeFile)
        #expect(throws: StorageError.self) { try store.remove(artifact.id) }
        #expect(store.usage[.video] == 100)
        #expect(try store.bytes(artifact) == content(0))
    }

    @Test func freeBytesAreTheDisks() throws {
        disk.capacity = 1000
        try store.store(content(0), as: .video(segment))
        #expect(try store.freeBytes() == 900)
    }

    @Test func foreignFilesAreNeitherFoundNorCounted() throws {
        let digest = try sha256(content(0))
        let folder = DiskPath.root / "artifacts" / "checkpoint" / "12"
        try disk.makeDirectory(folder)
        try disk.makeDirectory(.root / "artifacts" / "checkpoint" / "012")
        for name in [
            "README", ".hidden", "-.mp4", "3-\(digest)", "3-\(digest).mp4", "03-\(digest).safetensors",
            "3-\(digest.description.uppercased()).safetensors", "\(digest).safetensors",
            "4294967296-\(digest).safetensors",
        ] {
            let file = try disk.openFile(folder / name, for: .creating)
            try content(0).withUnsafeBytes { try file.append($0) }
        }
        #expect(try reopened().usage[.checkpoint] == 0)
        #expect(disk.filePaths.count == 9)
    }

    @Test func itWorksOnTheRealDisk() throws {
        let directory = try TemporaryDirectory()
        let disk = try HostDisk(root: directory.path)
        let bytes = content(1, byteCount: 3 << 20)
        for _ in 0..<2 {
            let store = try ArtifactStore(on: disk, at: .root / "artifacts")
            let artifact = try store.store(bytes, as: .latents(segment))
            #expect(try store.bytes(artifact) == bytes)
            #expect(store.location(of: artifact.id).hasPrefix(directory.path + "/artifacts/latents/12/3-"))
            #expect(store.usage[.latents] == bytes.count)
        }
        try ArtifactStore(on: disk, at: .root / "artifacts").remove(story)
        #expect(try disk.list(.root / "artifacts" / "latents") == [])
    }
}
