import Farm
import Foundation
import GRDB
import Testing

@testable import Ledger

/// Goal: a batch is there wholly or not at all, after an error and after a crash. Method: real files, copied as a crash
/// would leave them.
@Suite struct CommitTests {
    private let folder: TemporaryFolder
    private let ledger: Ledger

    init() throws {
        folder = try TemporaryFolder()
        ledger = try Ledger(path: folder.file("farm.ledger"))
    }

    /// The stories in a copy of the ledger's files as they are now.
    private func storiesAfterCrash() throws -> [StoryRecord] {
        try folder.copyLedger("farm.ledger", to: "copy")
        let copy = try Ledger(path: folder.file("copy"))
        defer { try? copy.close() }
        return try copy.restore().stories
    }

    private var badChanges: [FarmChange] {
        var sampler = RecordSampler(seed: 9)
        let story = sampler.story(2, .queued)
        let tooLarge = StoryRecord(id: StoryID(rawValue: .max), terms: story.terms, priority: 0)
        return [
            .segment(SegmentID(story: StoryID(rawValue: 99), number: 1), .untouched),
            .segment(SegmentID(story: StoryID(rawValue: 1), number: 0), .untouched),
            .segment(SegmentID(story: StoryID(rawValue: 1), number: 1), SegmentRecord(generations: [])),
            .story(tooLarge),
        ]
    }

    @Test func oneBadChangeRollsBackItsWholeBatch() throws {
        var sampler = RecordSampler(seed: 1)
        let story = sampler.story(1, .rendering)
        try ledger.commit(changes(of: story) + [.device("gpu", DeviceRecord())], at: 1)
        for bad in badChanges {
            let batch = changes(of: sampler.story(1, .rendering)) + changes(of: sampler.story(2, .queued))
            let error = #expect(throws: LedgerError.self) {
                // Last, so that no later change of its row takes its place.
                try ledger.commit(batch + [.device("gpu", nil)] + batch + [bad], at: 2)
            }
            #expect(error?.name == "refused" && error?.isRetriable == false)
            #expect(try ledger.restore().stories == [story])
            #expect(try ledger.restore().devices == ["gpu": DeviceRecord()])
        }
        #expect(try ledger.nextStoryID().rawValue == 2)
        try ledger.commit(changes(of: sampler.story(2, .queued)), at: 3)
        #expect(try ledger.restore().stories.count == 2, "it goes on")
    }

    @Test func aRowThatChangesTwiceInABatchIsWrittenOnce() throws {
        var sampler = RecordSampler(seed: 4)
        func rowsEver() throws -> (all: Int, kinds: Int) {
            try ledger.queue.inDatabase { database in
                (database.totalChangesCount, try Int.fetchOne(database, sql: "SELECT count(*) FROM deviceKind")!)
            }
        }
        let before = try rowsEver()
        let (first, last) = (sampler.story(1, .rendering), sampler.story(1, .rendering))
        let rows = 1 + max(first.touched.count, last.touched.count)
        try ledger.commit(changes(of: first) + changes(of: last), at: 1)
        let after = try rowsEver()
        #expect(after.all - after.kinds - (before.all - before.kinds) == rows)
        #expect(try ledger.restore().stories.first?.touched.prefix(last.touched.count) == last.touched[...])
    }

    @Test func aStoryThatEndsTwiceInABatchEndedTheSecondTime() throws {
        var sampler = RecordSampler(seed: 5)
        let (ended, going) = (sampler.story(1, .failed), sampler.story(1, .rendering))
        try ledger.commit(changes(of: ended), at: 1)
        try ledger.commit([.story(going), .story(ended)], at: 2)
        #expect(try ledger.summaries(limit: 1).first?.ended == 2)
    }

    @Test func whatIsRemovedTakesNothingAlongThatFollows() throws {
        var sampler = RecordSampler(seed: 6)
        let (first, second) = (sampler.story(1, .rendering), sampler.story(1, .rendering))
        try ledger.commit(changes(of: first) + [.removed(first.id)] + changes(of: second), at: 1)
        #expect(try ledger.restore().stories == [second])
    }

    @Test func aFullDiskKeepsWhatWasThereAndMayBeTriedAgain() throws {
        var sampler = RecordSampler(seed: 3)
        let before = (1...5).map { sampler.story($0, .rendering) }
        try ledger.commit(before.flatMap(changes), at: 1)
        // SQLite reports the same whether the file system or this limit says no.
        try ledger.queue.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 40") }
        let more = (6...60).map { sampler.story($0, .rendering) }
        let error = #expect(throws: LedgerError.self) { try ledger.commit(more.flatMap(changes), at: 2) }
        #expect(error == .full(path: folder.file("farm.ledger")) && error?.isRetriable == true)
        #expect(try ledger.restore().stories == before)
        #expect(try storiesAfterCrash() == before)
        try ledger.queue.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
        try ledger.commit(more.flatMap(changes), at: 3)
        #expect(try ledger.restore().stories == before + more)
    }

    @Test func errorsOfTheDiskSayWhetherToTryAgain() {
        func error(_ code: ResultCode) -> LedgerError { LedgerError(DatabaseError(resultCode: code), path: "p") }
        #expect(error(.SQLITE_FULL) == .full(path: "p"))
        for code in [ResultCode.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_WRITE, .SQLITE_IOERR_READ, .SQLITE_NOMEM] {
            #expect(error(code).name == "inputOutput" && !error(code).isRetriable)
        }
        #expect(error(.SQLITE_CORRUPT_VTAB).name == "damaged")
        #expect(error(.SQLITE_READONLY).name == "inaccessible")
    }

    /// With a WAL that is moved into the database every few pages, so that copies have every mixture of the two.
    @Test(arguments: UInt64(1)...4) func whatWasCommittedIsThereAfterACrash(seed: UInt64) throws {
        try ledger.queue.inDatabase { try $0.execute(sql: "PRAGMA wal_autocheckpoint = 16") }
        var sampler = RecordSampler(seed: seed)
        var stories: [UInt64: StoryRecord] = [:]
        for _ in 0..<40 {
            let story = sampler.story(UInt64(sampler.number(1...8)), sampler.choice(of: StoryState.allCases))
            if stories[story.id.rawValue] != nil, sampler.number(0...4) == 0 {
                try ledger.commit([.removed(story.id)], at: 1)
                stories[story.id.rawValue] = nil
            } else {
                // A story keeps the segments that it has.
                try ledger.commit([.removed(story.id)] + changes(of: story), at: 1)
                stories[story.id.rawValue] = story
            }
            if sampler.number(0...2) == 0 {
                #expect(try storiesAfterCrash() == stories.values.sorted { $0.id < $1.id })
            }
        }
    }

    /// What the last commit wrote may be there in part when the power goes: then it is not there at all.
    @Test(arguments: UInt64(1)...4) func aTornCommitIsNone(seed: UInt64) throws {
        var sampler = RecordSampler(seed: seed)
        let first = sampler.story(1, .rendering)
        try ledger.commit(changes(of: first), at: 1)
        let before = try folder.bytes("farm.ledger-wal").count
        let second = sampler.story(2, .rendering)
        try ledger.commit(changes(of: second), at: 1)
        try folder.copyLedger("farm.ledger", to: "whole")
        let (database, wal) = (try folder.bytes("whole"), try folder.bytes("whole-wal"))
        #expect(wal.count > before)
        for index in 0..<20 {
            let name = "torn \(index)"
            try folder.write(database, to: name)
            try folder.write(wal.prefix(sampler.number(before...(wal.count - 1))), to: name + "-wal")
            #expect(try Ledger(path: folder.file(name)).restore().stories == [first])
        }
        #expect(try Ledger(path: folder.file("whole")).restore().stories == [first, second])
    }
}
