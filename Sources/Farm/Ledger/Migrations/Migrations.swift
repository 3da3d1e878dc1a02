import GRDB

/// How a ledger of any earlier version becomes one of this version.
///
/// A migration that was released is never changed: the next one is a file of its own, with the next number. What the
/// file names of migrations it has had is what later opens it, see ``LedgerError/newer(path:migrations:)``.
enum Migrations {
    static let all: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 farm", foreignKeyChecks: .immediate) { try $0.execute(sql: Migration1.sql) }
        // Foreign keys are looked at in the end: a table that others name is away for a moment.
        migrator.registerMigration("2 checks", foreignKeyChecks: .deferred) { try $0.execute(sql: Migration2.sql) }
        migrator.registerMigration("3 nodes", foreignKeyChecks: .immediate) { try $0.execute(sql: Migration3.sql) }
        return migrator
    }()
}
