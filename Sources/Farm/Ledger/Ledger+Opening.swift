import CSQLite
import Farm
import Foundation
import GRDB

extension Ledger {
    /// "SFLG": how a ledger is told from every other program's database.
    private static let applicationID: Int32 = 0x5346_4C47

    /// Opens a ledger, or begins a new one where there is no file.
    ///
    /// The file is read once from end to end to see that it is whole. Nothing is repaired, and what is refused keeps
    /// its bytes.
    ///
    /// - Throws: ``LedgerError`` with the path and what to do.
    public convenience init(path: String) throws(LedgerError) {
        do {
            self.init(path: path, queue: try Self.open(path))
        } catch {
            throw LedgerError(error, path: path)
        }
    }

    /// A ledger that ends with its owner, for simulations.
    public static func inMemory() throws(LedgerError) -> Ledger {
        do {
            let queue = try DatabaseQueue(configuration: configuration(isFile: false))
            try Migrations.all.migrate(queue)
            return Ledger(path: ":memory:", queue: queue)
        } catch {
            throw LedgerError(error, path: ":memory:")
        }
    }

    private static func open(_ name: String) throws -> DatabaseQueue {
        // As SQLite does: a link's WAL lies beside what the link points to.
        let path = URL(fileURLWithPath: name).resolvingSymlinksInPath().path
        let isNew = try !exists(path)
        let bytes = size(path + "-wal") ?? 0
        let queue = try DatabaseQueue(path: path, configuration: configuration(isFile: true, keepsWAL: bytes > 0))
        try queue.inDatabase { database in
            if isNew {
                // Of the file's first transaction, so that what a crash leaves from here on is recognised.
                try database.execute(sql: "PRAGMA page_size = 4096; PRAGMA application_id = \(applicationID)")
            } else {
                try check(database, path: path, hasWAL: bytes > 0)
            }
            guard try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL") == "wal" else {
                throw LedgerError.inaccessible(path: path, detail: "its file system has no place for a WAL")
            }
            // A promise that SQLite was asked for, and that it could have been built without.
            guard try Int.fetchOne(database, sql: "PRAGMA synchronous") == 2,
                try Bool.fetchOne(database, sql: "PRAGMA foreign_keys") == true
            else { throw LedgerError.inaccessible(path: path, detail: "this SQLite takes no orders") }
        }
        try Migrations.all.migrate(queue)
        try queue.inDatabase { try setCheckpointOnClose($0, true) }
        return queue
    }

    /// Looks at the file's name only: to open and close a file would release the locks that this process has on it.
    private static func exists(_ path: String) throws -> Bool {
        guard let size = size(path) else {
            // SQLite would take it for left over and remove it.
            guard self.size(path + "-wal") == nil else {
                throw LedgerError.damaged(path: path, detail: "it is missing, while \(path)-wal is there")
            }
            return false
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw LedgerError.inaccessible(path: path, detail: "it is a link to nothing")
        }
        guard !isFolder.boolValue else { throw LedgerError.notALedger(path: path, reason: "it is a folder") }
        guard size > 0 else {
            // SQLite would begin a new database in it, and the farm would begin again with its first epoch.
            throw LedgerError.notALedger(path: path, reason: "it is empty")
        }
        return true
    }

    /// In bytes; nil where there is no such file.
    private static func size(_ path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }

    /// - Parameter keepsWAL: until the file was found in order: what is refused keeps its WAL, which closing would move
    ///   into the database.
    private static func configuration(isFile: Bool, keepsWAL: Bool = false) -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.label = "Ledger"
        configuration.prepareDatabase { database in
            guard isFile else { return }
            try setCheckpointOnClose(database, !keepsWAL)
            // Exclusive before the first access: the lock is held until the end, and the WAL needs no shared memory, so
            // that it also works on network file systems. https://sqlite.org/wal.html#noshm
            try database.execute(
                sql: """
                    PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA cell_size_check = ON;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA synchronous = FULL;
                    PRAGMA cache_size = -\(LedgerLimits.cacheKiB);
                    PRAGMA wal_autocheckpoint = \(LedgerLimits.checkpointPages);
                    PRAGMA journal_size_limit = \(LedgerLimits.journalBytes);
                    """)
        }
        return configuration
    }

    private static func setCheckpointOnClose(_ database: Database, _ isOn: Bool) throws {
        guard csqlite_set_checkpoint_on_close(database.sqliteConnection, isOn ? 1 : 0) == SQLITE_OK else {
            throw LedgerError.inaccessible(path: database.description, detail: "this SQLite takes no orders")
        }
    }

    private static func check(_ database: Database, path: String, hasWAL: Bool) throws {
        let application = try Int32.fetchOne(database, sql: "PRAGMA application_id")
        guard application == applicationID else {
            throw LedgerError.notALedger(path: path, reason: "it is another program's database")
        }
        let applied = try Migrations.all.appliedIdentifiers(database)
        let unknown = applied.subtracting(Migrations.all.migrations)
        guard unknown.isEmpty else { throw LedgerError.newer(path: path, migrations: unknown.sorted()) }
        // SQLite reads zeros where the last page is cut. With a WAL that may be a crash: the WAL has the page whole.
        let pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        guard hasWAL || (size(path) ?? 0).isMultiple(of: max(1, pageBytes)) else {
            throw LedgerError.damaged(path: path, detail: "its last page is cut off")
        }
        // Also types, missing values and CHECKs; not that indices have what the tables have, which takes far longer.
        let complaints = try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
        guard complaints == ["ok"] else {
            throw LedgerError.damaged(path: path, detail: complaints.joined(separator: "; "))
        }
    }
}
