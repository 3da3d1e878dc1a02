import Farm
import GRDB

/// The makes of machines by the numbers that stand for them: six texts would be a third of every segment.
///
/// Read anew in every transaction that needs it (there are few), so that a transaction that is undone leaves nothing
/// behind here.
struct KindCatalog {
    private var numbers: [DeviceKind: Int64]?
    private var kinds: [Int64: DeviceKind] = [:]

    mutating func number(of kind: DeviceKind, in database: Database) throws -> Int64 {
        if let number = try load(from: database)[kind] { return number }
        try database.run(
            "INSERT INTO deviceKind (accelerator, cpuLevel, libtorch, precision, threads, attention) "
                + "VALUES (?, ?, ?, ?, ?, ?)"
        ) { row in
            for text in [kind.accelerator, kind.cpuLevel, kind.libtorch, kind.precision] { row.append(text) }
            row.append(kind.threads)
            row.append(kind.attention)
        }
        numbers![kind] = database.lastInsertedRowID
        kinds[database.lastInsertedRowID] = kind
        return database.lastInsertedRowID
    }

    mutating func kind(_ number: Int64, in database: Database) throws -> DeviceKind {
        _ = try load(from: database)
        guard let kind = kinds[number] else { throw Damage("there is no kind of device with the number \(number)") }
        return kind
    }

    private mutating func load(from database: Database) throws -> [DeviceKind: Int64] {
        if let numbers { return numbers }
        var found: [DeviceKind: Int64] = [:]
        try database.forEachRow(
            of: "SELECT id, accelerator, cpuLevel, libtorch, precision, threads, attention FROM deviceKind"
        ) { columns in
            let number = Int64(try columns.integer())
            let kind = DeviceKind(
                accelerator: try columns.text(), cpuLevel: try columns.text(), libtorch: try columns.text(),
                precision: try columns.text(), threads: try columns.integer(), attention: try columns.text())
            found[kind] = number
            kinds[number] = kind
        }
        numbers = found
        return found
    }
}
