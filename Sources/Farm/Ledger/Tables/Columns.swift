import CSQLite
import Farm
import GRDB

/// A row's values, from left to right; one of another type than is asked for is a `Damage`.
struct Columns {
    /// Owned by GRDB's statement; what it lends is valid until its next step.
    private let statement: OpaquePointer
    private var index: Int32 = 0

    init(_ statement: Statement) { self.statement = statement.sqliteStatement }

    /// False for NULL.
    private mutating func next(_ type: Int32) throws -> Bool {
        defer { index += 1 }
        let found = sqlite3_column_type(statement, index)
        guard found == type || found == SQLITE_NULL else { throw Damage("column \(index) is of another type") }
        return found != SQLITE_NULL
    }

    private func needed<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Damage("column \(index - 1) is missing") }
        return value
    }

    // MARK: Optional

    mutating func optionalInteger() throws -> Int64? {
        try next(SQLITE_INTEGER) ? sqlite3_column_int64(statement, index - 1) : nil
    }

    mutating func optionalReal() throws -> Double? {
        try next(SQLITE_FLOAT) ? sqlite3_column_double(statement, index - 1) : nil
    }

    mutating func optionalText() throws -> String? {
        guard try next(SQLITE_TEXT) else { return nil }
        return try needed(String(validating: memory(sqlite3_column_blob(statement, index - 1)), as: UTF8.self))
    }

    mutating func optionalName<Name: StoredName>() throws -> Name? { try optionalText().map(Name.init(storedName:)) }

    mutating func optionalBytes<Result>(_ body: (inout PackedReader) throws -> Result) throws -> Result? {
        guard try next(SQLITE_BLOB) else { return nil }
        var reader = PackedReader(memory(sqlite3_column_blob(statement, index - 1)))
        let result = try body(&reader)
        guard reader.isAtEnd else { throw Damage("bytes are left over") }
        return result
    }

    /// - Parameter start: nil where there are no bytes.
    private func memory(_ start: UnsafeRawPointer?) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(statement, index - 1)))
    }

    mutating func skip(_ count: Int32) { index += count }

    // MARK: Needed

    mutating func integer() throws -> Int { Int(try needed(try optionalInteger())) }

    mutating func flag() throws -> Bool { try integer() != 0 }

    mutating func unsigned() throws -> UInt64 { try needed(UInt64(exactly: try integer())) }

    mutating func text() throws -> String { try needed(try optionalText()) }

    mutating func name<Name: StoredName>() throws -> Name { try Name(storedName: try text()) }

    mutating func bytes<Result>(_ body: (inout PackedReader) throws -> Result) throws -> Result {
        try needed(try optionalBytes(body))
    }
}
