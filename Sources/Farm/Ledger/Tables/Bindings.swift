import CSQLite
import Farm
import GRDB

/// Values for a statement's question marks, from left to right.
///
/// Bound here, not by GRDB, which takes a text to end at its first NUL: the tokens "a\0b" and "a" would be the same.
struct Bindings {
    /// Owned by GRDB's statement, which outlives this.
    private let statement: OpaquePointer
    private var index: Int32 = 0
    private var code = SQLITE_OK
    private var unstorable: Unstorable?

    init(_ statement: Statement) {
        // Clears what was bound before, and tells GRDB that what is bound now is right.
        statement.setUncheckedArguments(StatementArguments())
        self.statement = statement.sqliteStatement
    }

    /// SQLite copies what it is given before the call returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private mutating func bind(_ body: (OpaquePointer, Int32) -> Int32) {
        index += 1
        let result = body(statement, index)
        if code == SQLITE_OK { code = result }
    }

    mutating func append(_ number: Int64?) {
        bind { if let number { sqlite3_bind_int64($0, $1, number) } else { sqlite3_bind_null($0, $1) } }
    }

    mutating func append(_ number: Int?) { append(number.map { Int64($0) }) }

    mutating func append(_ flag: Bool?) { append(flag.map { $0 ? 1 : 0 } as Int64?) }

    /// SQLite's integers have a sign: what is above half the range has no place.
    mutating func append(_ number: UInt64?) {
        if let number, number > UInt64(Int64.max) { unstorable = Unstorable("the number \(number) is too large") }
        append(number.map { Int64(clamping: $0) })
    }

    mutating func append(_ number: Double?) {
        bind { if let number { sqlite3_bind_double($0, $1, number) } else { sqlite3_bind_null($0, $1) } }
    }

    mutating func append(_ text: String?) {
        guard var text else { return append(nil as Int64?) }
        bind { statement, index in
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) {
                    // An empty text has no address, which would stand for NULL.
                    guard let start = $0.baseAddress else { return sqlite3_bind_text(statement, index, "", 0, nil) }
                    return sqlite3_bind_text64(
                        statement, index, start, UInt64($0.count), Self.transient, UInt8(SQLITE_UTF8))
                }
            }
        }
    }

    mutating func append(_ name: (some StoredName)?) { append(name?.storedName) }

    mutating func append(_ bytes: [UInt8]?) {
        guard let bytes else { return append(nil as Int64?) }
        bind { statement, index in
            bytes.withUnsafeBytes {
                guard let start = $0.baseAddress, !$0.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
                return sqlite3_bind_blob64(statement, index, start, UInt64($0.count), Self.transient)
            }
        }
    }

    mutating func append(_ body: (inout PackedWriter) throws -> Void) rethrows {
        var writer = PackedWriter()
        try body(&writer)
        append(writer.bytes)
    }

    /// Whether all of it could be bound.
    func check() throws {
        if let unstorable { throw unstorable }
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }
}

extension Database {
    /// Executes a statement, which is prepared once per connection.
    func run(_ sql: String, _ bind: (inout Bindings) throws -> Void = { _ in }) throws {
        try bound(sql, bind).execute()
    }

    /// Lends each row of a statement, which is prepared once per connection.
    func forEachRow(
        of sql: String, _ bind: (inout Bindings) throws -> Void = { _ in }, _ body: (inout Columns) throws -> Void
    ) throws {
        let statement = try bound(sql, bind)
        let cursor = try Row.fetchCursor(statement)
        while try cursor.next() != nil {
            var columns = Columns(statement)
            try body(&columns)
        }
    }

    /// The first row of a statement as `body` reads it; nil without one.
    func firstRow<Result>(
        of sql: String, _ bind: (inout Bindings) throws -> Void = { _ in }, _ body: (inout Columns) throws -> Result
    ) throws -> Result? {
        var result: Result?
        // To the end: a statement that changes something is done only when it has no more rows.
        try forEachRow(of: sql, bind) { if result == nil { result = try body(&$0) } }
        return result
    }

    private func bound(_ sql: String, _ bind: (inout Bindings) throws -> Void) throws -> Statement {
        let statement = try cachedStatement(sql: sql)
        var bindings = Bindings(statement)
        try bind(&bindings)
        try bindings.check()
        return statement
    }
}

/// An INSERT that becomes an UPDATE where the row is there.
func upsert(into table: String, key: [String], columns: [String], except fixed: [String] = []) -> String {
    let changes = columns.filter { !key.contains($0) && !fixed.contains($0) }.map { "\($0) = excluded.\($0)" }
    return """
        INSERT INTO \(table) (\(columns.joined(separator: ", ")))
        VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
        ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \(changes.joined(separator: ", "))
        """
}
