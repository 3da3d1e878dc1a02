import Farm
import Glibc
import Storage
import StorageSamples
import Testing

/// Goal: the log keeps what it is given, once, and hands back nothing else. Method: a disk in memory.
@Suite struct BoundaryLogTests {
    private let disk = SimulatedDisk()
    private let root = DiskPath.root / "boundaries"
    private let log: BoundaryLog
    private var file: DiskPath { root / "12" / "3.log" }

    init() throws { log = try BoundaryLog(on: disk, at: root) }

    private func reopened() throws -> BoundaryLog { try BoundaryLog(on: disk, at: root) }

    @Test func whatIsAppendedIsReadAtOnceAndByTheNextProcess() throws {
        for step in UInt32(0)..<3 { #expect(try log.append(content(Int(step)), step: step).isStored) }
        for log in [log, try reopened()] {
            let entries = try log.entries(of: segment)
            #expect(entries.map(\.step) == [0, 1, 2])
            #expect(entries.map(\.generation.rawValue) == [0, 0, 0])
            #expect(entries.map(\.checksum) == (0..<3).map { checksum(content($0)) })
            #expect(try log.payloads() == (0..<3).map { content($0) })
        }
        #expect(try reopened().entries(of: segment) == log.entries(of: segment))
    }

    @Test func theOutcomeSaysWhereTheRecordStands() throws {
        let outcome = try log.append(content(1), step: 0)
        #expect(try log.entries(of: segment).map { .stored($0) } == [outcome])
    }

    @Test func theFirstWriteOfAStepWins() throws {
        let first = try log.append(content(1), step: 0)
        guard case .stored(let entry) = first else {
            Issue.record("\(first)")
            return
        }
        let length = try log.byteCount(of: story)
        for log in [log, try reopened()] {
            #expect(try log.append(content(1), step: 0) == .alreadyThere(entry))
            #expect(try log.append(content(2), step: 0) == .conflict(entry))
            #expect(try log.append(content(1, byteCount: 99), step: 0) == .conflict(entry))
            #expect(try log.payloads() == [content(1)])
        }
        #expect(try log.byteCount(of: story) == length)
    }

    @Test func generationsStandSideBySide() throws {
        for generation in UInt32(0)..<3 {
            #expect(try log.append(content(Int(generation)), step: 7, to: stream(generation)).isStored)
        }
        let entries = try reopened().entries(of: segment)
        #expect(entries.map(\.generation.rawValue) == [0, 1, 2])
        #expect(Set(entries.map(\.step)) == [7])
        #expect(try reopened().payloads() == (0..<3).map { content($0) })
    }

    @Test func segmentsHaveFilesOfTheirOwn() throws {
        let other = SegmentID(story: StoryID(rawValue: .max), number: .max)
        try log.append(content(1), step: 0)
        try log.append(content(2), step: 0, to: stream(of: other))
        #expect(disk.filePaths == ["boundaries/12/3.log", "boundaries/18446744073709551615/4294967295.log"])
        #expect(try log.payloads(of: other) == [content(2)])
        #expect(try log.stories() == [story, other.story])
    }

    @Test func aSegmentWithoutAFileHasNoRecords() throws {
        #expect(try log.entries(of: segment) == [])
        #expect(try log.byteCount(of: story) == 0)
        #expect(disk.filePaths == [])
        #expect(throws: StorageError(file: "\(file)", reason: .missing)) { try log.synchronize(segment) }
    }

    @Test func bytesThatAreNotTheChecksumsAreRefused() throws {
        let bytes = content(1)
        #expect(
            throws: StorageError(
                file: "\(file)", reason: .wrongChecksum(found: checksum(bytes), expected: 5))
        ) {
            try bytes.withUnsafeBytes { _ = try log.append($0, checksum: 5, step: 0, to: stream()) }
        }
        #expect(disk.filePaths == [])
    }

    @Test(arguments: [1, 31, 32, 33, 4096, 305_280, 2 << 20]) func payloadsOfAnyLengthAreKept(byteCount: Int) throws {
        try log.append(content(1, byteCount: byteCount), step: 0)
        try log.append(content(2, byteCount: byteCount), step: 1000)
        #expect(try reopened().payloads() == [content(1, byteCount: byteCount), content(2, byteCount: byteCount)])
    }

    @Test func theLargestNumbersAreKept() throws {
        try log.append(content(1), step: .max, to: stream(.max))
        let entry = try #require(try reopened().entries(of: segment).first)
        #expect(entry.step == .max && entry.generation.rawValue == .max)
    }

    // MARK: Removing

    @Test func aRemovedSegmentIsGoneForGood() throws {
        try log.append(content(1), step: 0)
        try log.synchronize(segment)
        let entry = try #require(try log.entries(of: segment).first)
        try log.remove(segment)
        #expect(try log.entries(of: segment) == [])
        #expect(throws: StorageError(file: "\(file)", reason: .missing)) { try log.payload(entry) }
        disk.crash()
        #expect(try reopened().entries(of: segment) == [])
        try reopened().remove(segment)
    }

    @Test func aRemovedSegmentCanBeginAgain() throws {
        try log.append(content(1), step: 0)
        let old = try #require(try log.entries(of: segment).first)
        try log.remove(segment)
        #expect(try log.append(content(2), step: 0).isStored)
        #expect(try log.payloads() == [content(2)])
        // The old entry's place holds other bytes now.
        #expect(
            throws: StorageError(file: "\(file)", reason: .damaged(.payload, offset: old.offset))
        ) { try log.payload(old) }
    }

    @Test func aRemovedStoryTakesAllItsSegmentsAndNoOther() throws {
        let other = SegmentID(story: StoryID(rawValue: 13), number: 1)
        let segments = [segment, SegmentID(story: story, number: 4), other]
        for segment in segments { try log.append(content(1), step: 0, to: stream(of: segment)) }
        for segment in segments { try log.synchronize(segment) }
        try log.remove(story)
        disk.crash()
        let log = try reopened()
        #expect(try segments.map { try log.entries(of: $0).count } == [0, 0, 1])
        #expect(try log.stories() == [other.story])
        try log.remove(story)
    }

    @Test func aRemovalThatStoppedHalfwayIsRepeated() throws {
        try log.append(content(1), step: 0)
        try log.synchronize(segment)
        for _ in 0..<2 {
            disk.failNext(.synchronizeDirectory)
            #expect(throws: StorageError.self) { try log.remove(segment) }
        }
        try log.remove(segment)
        disk.crash()
        #expect(try reopened().entries(of: segment) == [])
    }

    // MARK: Foreign things

    @Test func foreignNamesAreLeftAlone() throws {
        try log.append(content(1), step: 0)
        for name in ["007", "-1", "12.old", "99999999999999999999"] { try disk.makeDirectory(root / name) }
        #expect(try reopened().stories() == [story])
    }

    @Test func everyErrorIsASentenceWithItsFile() {
        let reasons: [StorageError.Reason] = [
            .system(code: EIO), .missing, .foreign, .formatVersion(2), .damaged(.recordHeader, offset: 40),
            .wrongChecksum(found: 1, expected: 2), .unreliable, .misplaced(offset: 1, expected: 2),
            .beyondEnd(end: 3, total: 2), .incomplete(received: 1, total: 2), .ended,
        ]
        let texts = reasons.map { "\(StorageError(file: "a/b", reason: $0))" }
        #expect(texts.allSatisfy { $0.hasPrefix("a/b: ") } && Set(texts).count == texts.count)
        #expect(texts[4] == "a/b: damaged record header at byte 40")
        #expect(StorageError(file: "a", reason: .system(code: ENOSPC)).isDiskFull)
        #expect(!StorageError(file: "a", reason: .system(code: EIO)).isDiskFull)
    }

    @Test func itWorksOnTheRealDisk() throws {
        let directory = try TemporaryDirectory()
        let disk = try HostDisk(root: directory.path)
        for process in 0..<2 {
            let log = try BoundaryLog(on: disk, at: .root / "boundaries", openFilesMax: 1)
            for step in UInt32(0)..<5 {
                for number in UInt32(1)...2 {
                    let stream = stream(of: SegmentID(story: story, number: number))
                    #expect(try log.append(content(Int(step)), step: step, to: stream).isStored == (process == 0))
                }
            }
            try log.synchronize(SegmentID(story: story, number: 1))
            #expect(try log.payloads(of: SegmentID(story: story, number: 2)) == (0..<5).map { content($0) })
        }
        try BoundaryLog(on: disk, at: .root / "boundaries").remove(story)
        #expect(try disk.list(.root / "boundaries") == [])
    }
}
