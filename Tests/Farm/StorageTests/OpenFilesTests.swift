import Farm
import Storage
import StorageSamples
import Testing

/// Goal: more segments than descriptors cost time and nothing else. Method: count the disk's calls.
@Suite struct OpenFilesTests {
    private let disk = SimulatedDisk()
    private let log: BoundaryLog
    private let segments = (UInt32(1)...4).map { SegmentID(story: story, number: $0) }

    init() throws { log = try BoundaryLog(on: disk, at: .root, openFilesMax: 2) }

    private func opened(_ body: () throws -> Void) rethrows -> Int {
        let before = disk.calls[.open, default: 0]
        try body()
        return disk.calls[.open, default: 0] - before
    }

    @Test func theLeastRecentlyUsedGivesWay() throws {
        for segment in segments[..<2] { try log.append(content(1), step: 0, to: stream(of: segment)) }
        #expect(try opened { try log.append(content(2), step: 1, to: stream(of: segments[0])) } == 0)
        _ = try log.append(content(1), step: 0, to: stream(of: segments[2]))
        #expect(try opened { _ = try log.entries(of: segments[0]) } == 0)
        #expect(try opened { _ = try log.entries(of: segments[2]) } == 0)
        #expect(try opened { _ = try log.entries(of: segments[1]) } == 1)
    }

    @Test func whatGaveWayIsFoundAgain() throws {
        for step in UInt32(0)..<10 {
            for segment in segments {
                #expect(try log.append(content(Int(step)), step: step, to: stream(of: segment)).isStored)
            }
        }
        for segment in segments { #expect(try log.payloads(of: segment) == (0..<10).map { content($0) }) }
    }

    /// Its descriptor is the one that would hear of a write error.
    @Test func whatGivesWayIsSyncedFirst() throws {
        for segment in segments[..<2] { try log.append(content(1), step: 0, to: stream(of: segment)) }
        #expect(disk.calls[.synchronize] == nil)
        _ = try log.append(content(1), step: 0, to: stream(of: segments[2]))
        #expect(disk.calls[.synchronize] == 1)
        try log.synchronize(segments[1])
        #expect(disk.calls[.synchronize] == 2)
        _ = try log.append(content(1), step: 0, to: stream(of: segments[3]))
        _ = try log.entries(of: segments[0])
        #expect(disk.calls[.synchronize] == 3, "the one that was synced needs no other")
    }

    @Test func whatNeedsNoSyncGivesWayFirst() throws {
        for segment in segments[..<2] { try log.append(content(1), step: 0, to: stream(of: segment)) }
        try log.synchronize(segments[1])
        _ = try log.append(content(1), step: 0, to: stream(of: segments[2]))
        #expect(disk.calls[.synchronize] == 1)
        #expect(try opened { _ = try log.entries(of: segments[0]) } == 0)
    }

    @Test func aSyncThatFailsWhileGivingWayIsToldToTheSegmentsOwnCalls() throws {
        for segment in segments[..<2] { try log.append(content(1), step: 0, to: stream(of: segment)) }
        disk.failNext(.synchronize)
        #expect(try log.append(content(1), step: 0, to: stream(of: segments[2])).isStored)
        let unreliable = StorageError(file: "12/1.log", reason: .unreliable)
        #expect(throws: unreliable) { try log.synchronize(segments[0]) }
        #expect(throws: unreliable) { try log.append(content(2), step: 1, to: stream(of: segments[0])) }
        #expect(try log.payloads(of: segments[0]) == [content(1)], "reading does no harm")
        try log.synchronize(segments[1])
        try log.remove(segments[0])
        #expect(try log.append(content(2), step: 1, to: stream(of: segments[0])).isStored)
    }
}
