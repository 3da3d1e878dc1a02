import Farm
import Glibc
import Storage
import StorageSamples
import Testing
import WireSamples

/// Goal: a crash takes the end of what was not synced, never more, and a failing disk never makes the log lie.
/// Method: a disk that forgets, fails at every single call, or is full at every single byte.
@Suite struct BoundaryLogCrashTests {
    private let disk = SimulatedDisk()

    private func log() throws -> BoundaryLog { try BoundaryLog(on: disk, at: .root / "boundaries") }

    @Test func withoutASyncAPrefixRemainsAndWithOneEverything() throws {
        var log = try log()
        for step in UInt32(0)..<3 { try log.append(content(Int(step)), step: step) }
        try log.synchronize(segment)
        for step in UInt32(3)..<6 { try log.append(content(Int(step)), step: step) }
        disk.crash()
        log = try self.log()
        #expect(try log.payloads() == (0..<3).map { content($0) })
        for step in UInt32(3)..<6 { #expect(try log.append(content(Int(step)), step: step).isStored) }
        try log.synchronize(segment)
        disk.crash()
        #expect(try self.log().payloads() == (0..<6).map { content($0) })
    }

    @Test func aSegmentThatWasNeverSyncedMayBeGoneWhole() throws {
        try log().append(content(0), step: 0)
        disk.crash()
        #expect(try log().entries(of: segment) == [])
    }

    /// A process that is killed leaves its bytes in the machine's memory only; the next one answers for them.
    @Test func aSyncCoversWhatAnEarlierProcessAppended() throws {
        try log().append(content(0), step: 0)
        try log().synchronize(segment)
        disk.crash()
        #expect(try log().payloads() == [content(0)])
    }

    @Test func aSecondSyncOfTheSameRecordsCostsNothing() throws {
        let log = try log()
        try log.append(content(0), step: 0)
        try log.synchronize(segment)
        let count = disk.callCount
        try log.synchronize(segment)
        #expect(disk.callCount == count)
        try log.append(content(1), step: 1)
        let names = disk.calls[.synchronizeDirectory]
        try log.synchronize(segment)
        #expect(disk.calls[.synchronizeDirectory] == names, "the name is durable already")
        disk.crash()
        #expect(try self.log().payloads() == [content(0), content(1)])
    }

    @Test func whatIsAppendedWhileADiskSyncsWaitsForTheNextSync() throws {
        let log = try log()
        try log.append(content(0), step: 0)
        let sync = try #require(try log.beginSynchronizing(segment))
        let outcome = sync.perform()
        try log.append(content(1), step: 1)
        try log.endSynchronizing(sync, outcome)
        try log.synchronize(segment)
        disk.crash()
        #expect(try self.log().payloads() == [content(0), content(1)])
    }

    @Test func aSyncThatFailsBesideAnAppendLeavesTheSegmentUnpromised() throws {
        let log = try log()
        try log.append(content(0), step: 0)
        let sync = try #require(try log.beginSynchronizing(segment))
        disk.failNext(.synchronize)
        let outcome = sync.perform()
        try log.append(content(1), step: 1)
        #expect(throws: StorageError.self) { try log.endSynchronizing(sync, outcome) }
        #expect(throws: StorageError.self) { try log.append(content(2), step: 2) }
    }

    @Test(arguments: [SimulatedDisk.Operation.synchronize, .synchronizeDirectory])
    func afterAFailedSyncTheSegmentIsNoLongerPromised(operation: SimulatedDisk.Operation) throws {
        let log = try log()
        let other = SegmentID(story: story, number: 4)
        for segment in [segment, other] { try log.append(content(0), step: 0, to: stream(of: segment)) }
        disk.failNext(operation)
        #expect(throws: StorageError.self) { try log.synchronize(segment) }
        for _ in 0..<2 {
            let error = #expect(throws: StorageError.self) { try log.synchronize(segment) }
            #expect(error?.reason == .unreliable)
        }
        #expect(throws: StorageError.self) { try log.append(content(1), step: 1) }
        #expect(try log.payloads() == [content(0)])
        try log.synchronize(other)
        try log.remove(segment)
        try log.append(content(0), step: 0)
        try log.synchronize(segment)
        disk.crash()
        #expect(try self.log().payloads() == [content(0)])
        #expect(try self.log().payloads(of: other) == [content(0)])
    }

    @Test func anAppendThatFailsHalfwayLeavesNothing() throws {
        let log = try log()
        try log.append(content(0), step: 0)
        let length = try log.byteCount(of: story)
        disk.failNext(.append)
        #expect(throws: StorageError(file: "boundaries/12/3.log", reason: .system(code: EIO))) {
            try log.append(content(1), step: 1)
        }
        #expect(try log.byteCount(of: story) == length)
        #expect(try log.append(content(1), step: 1).isStored)
        #expect(try self.log().payloads() == [content(0), content(1)])
    }

    /// Not even taking it back worked; the next append does it first.
    @Test func anAppendThatCannotBeTakenBackIsTakenBackLater() throws {
        let log = try log()
        try log.append(content(0), step: 0)
        disk.failNext(.append)
        disk.failNext(.truncate)
        #expect(throws: StorageError.self) { try log.append(content(1), step: 1) }
        disk.failNext(.truncate)
        disk.failNext(.truncate)
        #expect(throws: StorageError.self) { try log.append(content(1), step: 1) }
        #expect(try log.payloads() == [content(0)])
        #expect(try log.append(content(1), step: 1).isStored)
        #expect(try self.log().payloads() == [content(0), content(1)])
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
        for capacity in 0...700 {
            let disk = SimulatedDisk()
            disk.capacity = capacity
            try exercise(disk, "capacity \(capacity)")
        }
    }

    /// Works through whatever fails, then expects that the log kept what it promised and can go on.
    private func exercise(_ disk: SimulatedDisk, _ what: Comment) throws {
        let segments = (UInt32(1)...2).map { SegmentID(story: story, number: $0) }
        var stored: [SegmentID: [UInt32]] = [:]
        var durable: [SegmentID: Int] = [:]
        if let log = try? BoundaryLog(on: disk, at: .root / "boundaries", openFilesMax: 1) {
            for step in UInt32(0)..<2 {
                for segment in segments {
                    if (try? log.append(content(Int(step)), step: step, to: stream(of: segment))) != nil {
                        stored[segment, default: []].append(step)
                    }
                    if (try? log.synchronize(segment)) != nil { durable[segment] = stored[segment]?.count }
                }
            }
            for segment in segments {
                if let entries = try? log.entries(of: segment) {
                    #expect(entries.map(\.step) == stored[segment] ?? [], what)
                }
            }
        }
        disk.crash()
        disk.heal()
        let log = try BoundaryLog(on: disk, at: .root / "boundaries")
        for segment in segments {
            let entries = try log.entries(of: segment)
            let expected = stored[segment] ?? []
            #expect(expected.starts(with: entries.map(\.step)), what)
            #expect(entries.count >= durable[segment] ?? 0, what)
            for entry in entries { #expect(try log.payload(entry) == content(Int(entry.step)), what) }
            #expect(try log.append(content(9), step: 9, to: stream(of: segment)).isStored, what)
        }
    }

    /// Random work and crashes against a list of what was promised.
    @Test(arguments: UInt64(0)..<60) func everyCrashKeepsWhatWasPromised(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let segments = (UInt32(1)...4).map { SegmentID(story: story, number: $0) }
        var written: [SegmentID: [Int]] = [:]
        var durable: [SegmentID: Int] = [:]
        var log = try BoundaryLog(on: disk, at: .root, openFilesMax: 2)
        for number in 0..<200 {
            let segment = segments[Int.random(in: 0..<4, using: &random)]
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                disk.crash(using: &random)
                log = try BoundaryLog(on: disk, at: .root, openFilesMax: 2)
                for segment in segments {
                    let payloads = try log.payloads(of: segment)
                    let all = written[segment, default: []]
                    #expect(payloads.count >= durable[segment, default: 0])
                    #expect(payloads == all.prefix(payloads.count).map { content($0) })
                    written[segment] = Array(all.prefix(payloads.count))
                    durable[segment] = min(durable[segment, default: 0], payloads.count)
                }
            case 1:
                log = try BoundaryLog(on: disk, at: .root, openFilesMax: 2)
            case 2...4 where written[segment] != nil && !written[segment, default: []].isEmpty:
                try log.synchronize(segment)
                durable[segment] = written[segment]?.count
            case 5 where number % 3 == 0:
                try log.remove(segment)
                written[segment] = nil
                durable[segment] = nil
            default:
                let step = UInt32(written[segment, default: []].count)
                #expect(try log.append(content(number), step: step, to: stream(of: segment)).isStored)
                written[segment, default: []].append(number)
            }
        }
    }
}
