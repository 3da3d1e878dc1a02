import Farm
import Glibc
import Storage
import StorageSamples
import Testing

/// Goal: only whole, verified files get a name; what is given up leaves nothing.
@Suite struct ArtifactUploadTests {
    private let disk = SimulatedDisk()
    private let store: ArtifactStore
    private let bytes = content(1)

    init() throws { store = try ArtifactStore(on: disk, at: .root) }

    private func reason(_ body: () throws -> Void) -> StorageError.Reason? {
        #expect(throws: StorageError.self) { try body() }?.reason
    }

    @Test func chunksComeInOrderWithoutGapOrOverlap() throws {
        let upload = try store.begin(.video(segment), byteCount: 100)
        try upload.append(Array(bytes[..<40]), at: 0)
        #expect(reason { try upload.append(Array(bytes[50...]), at: 50) } == .misplaced(offset: 50, expected: 40))
        #expect(reason { try upload.append(Array(bytes[30...]), at: 30) } == .misplaced(offset: 30, expected: 40))
        #expect(reason { try upload.append(bytes, at: 40) } == .beyondEnd(end: 140, total: 100))
        #expect(upload.received == 40, "a chunk that is refused changes nothing")
        try upload.append([], at: 40)
        try upload.append(Array(bytes[40...]), at: 40)
        #expect(reason { try upload.append([1], at: 100) } == .beyondEnd(end: 101, total: 100))
        #expect(try store.bytes(try upload.finish(expecting: try sha256(bytes))) == bytes)
    }

    @Test func anUploadThatIsNotWholeIsNotFinished() throws {
        let upload = try store.begin(.video(segment), byteCount: 100)
        try upload.append(Array(bytes[..<99]), at: 0)
        #expect(
            reason { _ = try upload.finish(expecting: try sha256(bytes)) } == .incomplete(received: 99, total: 100))
        try upload.append([bytes[99]], at: 99)
        _ = try upload.finish(expecting: try sha256(bytes))
    }

    @Test func otherBytesThanAnnouncedAreRefusedAndLeaveNothing() throws {
        let upload = try store.begin(.video(segment), byteCount: 100)
        try upload.append(content(2), at: 0)
        let (found, expected) = (try sha256(content(2)), try sha256(bytes))
        #expect(
            reason { _ = try upload.finish(expecting: expected) } == .wrongDigest(found: found, expected: expected))
        #expect(disk.filePaths == [])
        #expect(store.usage[.video] == 0)
    }

    @Test func whatIsOverStaysOver() throws {
        let upload = try store.begin(.video(segment), byteCount: 100)
        try upload.append(bytes, at: 0)
        let artifact = try upload.finish(expecting: try sha256(bytes))
        #expect(reason { try upload.append([1], at: 100) } == .ended)
        #expect(reason { _ = try upload.finish(expecting: try sha256(bytes)) } == .ended)
        upload.abandon()
        #expect(try store.bytes(artifact) == bytes)
    }

    @Test func anAbandonedOrReleasedUploadLeavesNothing() throws {
        let upload = try store.begin(.video(segment), byteCount: 100)
        try upload.append([1, 2], at: 0)
        #expect(disk.usedBytes == 2)
        upload.abandon()
        #expect(disk.filePaths == [])
        #expect(reason { try upload.append([3], at: 2) } == .ended)
        do {
            let released = try store.begin(.video(segment), byteCount: 100)
            try released.append([1, 2], at: 0)
        }
        #expect(disk.filePaths == [])
    }

    @Test func uploadsOfTheSameFileDoNotMeet() throws {
        let uploads = try (0..<2).map { _ in try store.begin(.video(segment), byteCount: 100) }
        for offset in stride(from: 0, to: 100, by: 20) {
            for upload in uploads { try upload.append(Array(bytes[offset..<(offset + 20)]), at: offset) }
        }
        let artifacts = try uploads.map { try $0.finish(expecting: try sha256(bytes)) }
        #expect(artifacts[0] == artifacts[1])
        #expect(store.usage[.video] == 100 && disk.filePaths.count == 1)
    }

    // MARK: Crashes

    @Test func whatFinishedOutlivesACrashAndWhatDidNotLeavesNothing() throws {
        let artifact = try store.store(bytes, as: .video(segment))
        let upload = try store.begin(.video(segment), byteCount: 100)
        try upload.append(Array(bytes[..<50]), at: 0)
        try disk.synchronizeDirectory(.root / "uploads")
        disk.crash()
        #expect(disk.filePaths.contains { $0.hasSuffix(".partial") })
        let reopened = try ArtifactStore(on: disk, at: .root)
        #expect(disk.filePaths.count == 1)
        #expect(try reopened.bytes(artifact) == bytes)
        #expect(reopened.usage[.video] == 100)
    }

    /// Such a file is a duplicate at worst; its owner no longer knows it and removes it again.
    @Test func aRemovedFileMayComeBackWholeAndCounted() throws {
        let artifact = try store.store(bytes, as: .video(segment))
        try store.remove(artifact.id)
        disk.crash()
        let reopened = try ArtifactStore(on: disk, at: .root)
        #expect(reopened.usage[.video] == 100)
        #expect(try reopened.bytes(artifact) == bytes)
    }

    @Test(arguments: [SimulatedDisk.Operation.synchronize, .makeDirectory, .rename, .synchronizeDirectory])
    func anUploadThatCannotBeMadeDurableLeavesWhatWasThere(operation: SimulatedDisk.Operation) throws {
        disk.failNext(operation)
        #expect(reason { try store.store(bytes, as: .video(segment)) } == .system(code: EIO))
        #expect(disk.filePaths == [] && store.artifacts(of: story) == [] && store.usage[.video] == 0)
        let artifact = try store.store(bytes, as: .video(segment))
        disk.failNext(operation)
        #expect(reason { try store.store(bytes, as: .video(segment)) } == .system(code: EIO))
        #expect(disk.filePaths.count == 1 && store.usage[.video] == 100)
        #expect(try store.bytes(artifact) == bytes)
    }

    @Test func anyCallMayFail() throws {
        var number = 0
        repeat {
            number += 1
            let disk = SimulatedDisk()
            disk.fail(call: number)
            try exercise(disk, "call \(number)")
            if disk.callCount < number { return }
        } while number < 1000
        Issue.record("the exercise has no end")
    }

    @Test func theDiskMayBeFullAtAnyByte() throws {
        for capacity in 0...400 {
            let disk = SimulatedDisk()
            disk.capacity = capacity
            try exercise(disk, "capacity \(capacity)")
        }
    }

    /// Works through whatever fails, then expects every file whole or absent, and the count right.
    private func exercise(_ disk: SimulatedDisk, _ what: Comment) throws {
        var finished: [StoredArtifact: [UInt8]] = [:]
        if let store = try? ArtifactStore(on: disk, at: .root) {
            for (number, subject) in [ArtifactSubject.checkpoint(segment), .story(story)].enumerated() {
                let bytes = content(number, byteCount: 150)
                for _ in 0..<2 {
                    if let artifact = try? store.store(bytes, as: subject) { finished[artifact] = bytes }
                }
            }
            #expect(Set(store.artifacts(of: story)) == Set(finished.keys), what)
            #expect(store.usage.values.reduce(0, +) == 150 * finished.count, what)
            #expect(disk.usedBytes >= 150 * finished.count, what)
        }
        disk.crash()
        disk.heal()
        let store = try ArtifactStore(on: disk, at: .root)
        for (artifact, bytes) in finished { #expect(try store.bytes(artifact) == bytes, what) }
        #expect(disk.usedBytes == store.usage.values.reduce(0, +), what)
        #expect(!disk.filePaths.contains { $0.hasSuffix(".partial") }, what)
        for artifact in store.artifacts(of: story) { #expect(try sha256(store.bytes(artifact)) == artifact.id.digest) }
    }
}
