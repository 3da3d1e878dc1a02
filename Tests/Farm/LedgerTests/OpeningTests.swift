import Farm
import Foundation
import GRDB
import Glibc
import Testing

@testable import Ledger

/// Goal: what is no whole ledger of this version is refused with a reason, and keeps every byte. Method: real files.
@Suite struct OpeningTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("farm.ledger") }

    init() throws { folder = try TemporaryFolder() }

    private func makeLedger(stories: UInt64 = 8) throws {
        var sampler = RecordSampler(seed: 1)
        let ledger = try Ledger(path: path)
        for number in 1...stories {
            try ledger.commit(
                changes(of: sampler.story(number, .rendering)), submissions: [sampler.submission(of: number)], at: 1)
        }
        try ledger.close()
    }

    /// The error with which opening ends; the folder is as before.
    private func refusal(_ comment: Comment? = nil) throws -> LedgerError? {
        let before = try folder.contents()
        let error = #expect(throws: LedgerError.self, comment) { _ = try Ledger(path: path) }
        #expect(try folder.contents() == before, comment)
        if let error { #expect(error.description.hasPrefix(path) && error.description.hasSuffix(error.remedy)) }
        return error
    }

    @Test func aNewLedgerIsEmptyAndOneFileOnceItIsClosed() throws {
        let ledger = try Ledger(path: path)
        #expect(try ledger.restore().stories == [] && ledger.restore().devices == [:])
        try ledger.close()
        #expect(try folder.contents().keys.sorted() == ["farm.ledger"])
    }

    @Test func everyCommitIsSyncedAndForeignKeysHold() throws {
        let ledger = try Ledger(path: path)
        func pragma(_ name: String) throws -> String? {
            try ledger.queue.inDatabase { try String.fetchOne($0, sql: "PRAGMA \(name)") }
        }
        #expect(try pragma("journal_mode") == "wal" && pragma("synchronous") == "2")
        #expect(try pragma("foreign_keys") == "1" && pragma("locking_mode") == "exclusive")
        #expect(try pragma("cache_size") == "-\(LedgerLimits.cacheKiB)")
        #expect(try pragma("wal_autocheckpoint") == "\(LedgerLimits.checkpointPages)")
    }

    @Test(arguments: ["x", "a text file, and no ledger\n", String(repeating: "All work and no play. ", count: 1000)])
    func aTextFileIsRefused(text: String) throws {
        try folder.write(Data(text.utf8), to: "farm.ledger")
        #expect(try refusal()?.name == "notALedger")
    }

    @Test func anEmptyFileIsRefused() throws {
        try folder.write(Data(), to: "farm.ledger")
        #expect(try refusal() == .notALedger(path: path, reason: "it is empty"))
    }

    @Test func anotherProgramsDatabaseIsRefused() throws {
        try DatabaseQueue(path: path).close()
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase { try $0.execute(sql: "CREATE TABLE bookmark (url TEXT)") }
        try queue.close()
        #expect(try refusal() == .notALedger(path: path, reason: "it is another program's database"))
    }

    @Test func aFolderAndAMissingFolderAreRefused() throws {
        #expect(throws: LedgerError.notALedger(path: folder.path, reason: "it is a folder")) {
            _ = try Ledger(path: folder.path)
        }
        let error = #expect(throws: LedgerError.self) { _ = try Ledger(path: folder.file("none/farm.ledger")) }
        #expect(error?.name == "inaccessible")
    }

    @Test func aWALWithoutItsDatabaseIsKept() throws {
        let ledger = try Ledger(path: path)
        try ledger.commit([.device("gpu", DeviceRecord())], at: 1)
        try folder.copyLedger("farm.ledger", to: "copy")
        try ledger.close()
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: folder.file("copy-wal"), toPath: path + "-wal")
        #expect(try refusal()?.name == "damaged")
    }

    @Test func aLedgerOfANewerVersionIsRefusedByNameOfItsMigration() throws {
        try makeLedger()
        let queue = try DatabaseQueue(path: path)
        try queue.inDatabase { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999 dreams')") }
        try queue.close()
        #expect(try refusal() == .newer(path: path, migrations: ["9999 dreams"]))
    }

    @Test func aTruncatedFileIsRefusedWhereverItWasCut() throws {
        try makeLedger()
        let whole = try folder.bytes("farm.ledger")
        for length in [1, 99, 100, 512, 4095, 4096, 4097, whole.count / 2, whole.count - 4096, whole.count - 1] {
            try folder.write(whole.prefix(length), to: "farm.ledger")
            let error = try refusal("\(length) bytes")
            #expect(["damaged", "notALedger"].contains(error?.name), "\(length) bytes")
        }
    }

    /// A database page begins with its kind; the first one with the file's kind before it.
    @Test func aPageOfAnotherKindIsRefused() throws {
        try makeLedger(stories: 40)
        let whole = try folder.bytes("farm.ledger")
        #expect(whole.count > 40 * 4096)
        for page in 0..<(whole.count / 4096) {
            var bytes = whole
            bytes[page * 4096] ^= 0x40
            try folder.write(bytes, to: "farm.ledger")
            // Of overflow pages, which hold only the rest of a long text, the first bytes name the next one.
            let error = try refusal("page \(page)")
            #expect(["damaged", "notALedger"].contains(error?.name), "page \(page)")
        }
    }

    /// SQLite has no checksum over what a page holds, so a flip inside a value may go unseen; it must not end in a trap
    /// or in a stranger error.
    @Test(arguments: UInt64(1)...4) func aFlippedByteIsAnErrorOrAnotherValueButNeverATrap(seed: UInt64) throws {
        try makeLedger(stories: 4)
        let whole = try folder.bytes("farm.ledger")
        var sampler = RecordSampler(seed: seed)
        for _ in 0..<250 {
            var bytes = whole
            bytes[sampler.number(0...(whole.count - 1))] ^= UInt8(sampler.number(1...255))
            try folder.write(bytes, to: "farm.ledger")
            do {
                let ledger = try Ledger(path: path)
                _ = try ledger.restore()
                _ = try ledger.summaries()
            } catch {
                #expect(["damaged", "notALedger", "newer", "inaccessible"].contains(error.name), "\(error)")
            }
        }
    }

    @Test func oneLedgerIsOpenOnce() throws {
        var ledger: Ledger? = try Ledger(path: path)
        #expect(try ledger?.raiseEpoch() == 1)
        #expect(throws: LedgerError.held(path: path)) { _ = try Ledger(path: path) }
        #expect(LedgerError.held(path: path).isRetriable)
        #expect(try ledger?.raiseEpoch() == 2, "the first one is not disturbed")
        ledger = nil
        #expect(try Ledger(path: path).raiseEpoch() == 3)
    }

    @Test func aLinkStandsForWhatItPointsTo() throws {
        let ledger = try Ledger(path: path)
        let link = folder.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(throws: LedgerError.self) { _ = try Ledger(path: link) }
        try ledger.commit([.device("gpu", DeviceRecord())], at: 1)
        try folder.copyLedger("farm.ledger", to: "copy")
        try ledger.close()
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.file("copy"))
        #expect(try Ledger(path: link).restore().devices == ["gpu": DeviceRecord()])
        try FileManager.default.removeItem(atPath: folder.file("copy"))
        let error = #expect(throws: LedgerError.self) { _ = try Ledger(path: link) }
        #expect(error?.name == "inaccessible" && !FileManager.default.fileExists(atPath: folder.file("copy")))
    }

    /// Locks of an open file are held against this process's own SQLite as another process's would be.
    @Test func aLedgerThatAnotherProcessHoldsIsRefused() throws {
        try makeLedger()
        let file = open(path, O_RDWR)
        defer { Glibc.close(file) }
        let setLock: Int32 = 37  // F_OFD_SETLK, a macro that Swift does not see; fcntl(2).
        // SQLite's lock bytes, all of them: https://sqlite.org/src/file/src/os.h
        var lock = flock(
            l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0x4000_0000, l_len: 512, l_pid: 0)
        #expect(fcntl(file, setLock, &lock) == 0)
        #expect(throws: LedgerError.held(path: path)) { _ = try Ledger(path: path) }
        lock.l_type = Int16(F_UNLCK)
        #expect(fcntl(file, setLock, &lock) == 0)
        let ledger = try Ledger(path: path)
        // And the other way round.
        lock.l_type = Int16(F_RDLCK)
        #expect(fcntl(file, setLock, &lock) == -1)
        try ledger.close()
        #expect(fcntl(file, setLock, &lock) == 0)
    }
}
