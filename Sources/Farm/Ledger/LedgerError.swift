import GRDB

/// Why the ledger could not be opened, read or written; its description is one line for a person, with the remedy.
public enum LedgerError: Error, Hashable, Sendable {
    /// The file is something else, which is left as it is.
    case notALedger(path: String, reason: String)
    /// The file was a ledger.
    case damaged(path: String, detail: String)
    /// A later version of this program wrote it, with migrations that this one does not know.
    case newer(path: String, migrations: [String])
    /// Another process, or another handle of this one, has it open.
    case held(path: String)
    /// The operating system does not let this process at it.
    case inaccessible(path: String, detail: String)
    /// The disk is full; nothing of the batch was kept.
    case full(path: String)
    /// The disk failed; nothing of the batch was kept.
    case inputOutput(path: String, detail: String)
    /// What was to be written contradicts what is there; nothing of the batch was kept.
    case refused(path: String, detail: String)

    /// Whether the same call may succeed later without this process or the file being changed.
    ///
    /// Not after a failed write or fsync: what the kernel still holds of the file is uncertain then, and the file must
    /// be opened anew.
    public var isRetriable: Bool {
        switch self {
        case .held, .full: true
        case .notALedger, .damaged, .newer, .inaccessible, .inputOutput, .refused: false
        }
    }

    /// What a person can do about it.
    public var remedy: String {
        switch self {
        case .notALedger: "name another file, or move this one away to begin a new ledger"
        case .damaged: "put a backup in its place, or keep its bytes for recovery with SQLite's .recover"
        case .newer: "run the version that wrote it, or a later one"
        case .held: "stop the other coordinator, or give this one another ledger"
        case .inaccessible: "check that the folder exists and that this user may write to it"
        case .full: "free space on its disk; then it goes on"
        case .inputOutput: "check the disk, then start again"
        case .refused: "this is an error of the program: please report it"
        }
    }
}

extension LedgerError: CustomStringConvertible {
    /// The file, what is wrong with it, and the remedy.
    public var description: String {
        switch self {
        case .notALedger(let path, let reason): "\(path) is no ledger: \(reason); \(remedy)"
        case .damaged(let path, let detail): "\(path) is damaged: \(detail); \(remedy)"
        case .newer(let path, let migrations):
            "\(path) is of a newer version (\(migrations.joined(separator: ", "))); \(remedy)"
        case .held(let path): "\(path) is in use by another process; \(remedy)"
        case .inaccessible(let path, let detail): "\(path) can't be opened: \(detail); \(remedy)"
        case .full(let path): "\(path): the disk is full; \(remedy)"
        case .inputOutput(let path, let detail): "\(path): the disk failed: \(detail); \(remedy)"
        case .refused(let path, let detail): "\(path) does not take this: \(detail); \(remedy)"
        }
    }
}

/// A stored value that can't have been written by this program.
struct Damage: Error {
    let detail: String

    init(_ detail: String) { self.detail = detail }
}

/// A value that has no place in the ledger.
struct Unstorable: Error {
    let detail: String

    init(_ detail: String) { self.detail = detail }
}

extension LedgerError {
    /// What happened, in the ledger's words.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as LedgerError: self = error
        case let error as Damage: self = .damaged(path: path, detail: error.detail)
        case let error as RowDecodingError: self = .damaged(path: path, detail: "\(error)")
        case let error as Unstorable: self = .refused(path: path, detail: error.detail)
        case let error as DatabaseError: self.init(error, path: path)
        default: self = .inputOutput(path: path, detail: "\(error)")
        }
    }

    private init(_ error: DatabaseError, path: String) {
        let detail = "\(error.message ?? "no message") (SQLite \(error.extendedResultCode.rawValue))"
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_NOTADB: self = .notALedger(path: path, reason: "it is no SQLite database")
        // The statements are ours and never change: where one is wrong, the tables are.
        case .SQLITE_CORRUPT, .SQLITE_FORMAT, .SQLITE_ERROR, .SQLITE_SCHEMA:
            self = .damaged(path: path, detail: detail)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .held(path: path)
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            self = .inaccessible(path: path, detail: detail)
        case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_RANGE, .SQLITE_MISUSE:
            self = .refused(path: path, detail: detail)
        default: self = .inputOutput(path: path, detail: detail)
        }
    }
}
