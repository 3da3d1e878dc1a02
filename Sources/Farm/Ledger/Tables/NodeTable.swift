import Farm
import GRDB

/// Nodes by name.
enum NodeTable {
    private static let columns = ["name", "agent", "wanted", "capacity", "revision"]
    private static let insertion = upsert(into: "node", key: ["name"], columns: columns)

    /// - Parameter node: nil to forget it.
    static func write(_ node: NodeRecord?, named name: String, in database: Database) throws {
        guard let node else { return try database.run("DELETE FROM node WHERE name = ?") { $0.append(name) } }
        try database.run(insertion) { row in
            row.append(name)
            row.append { $0.write(node.agent) }
            row.append(node.wanted)
            row.append(node.capacity)
            row.append(node.revision)
        }
    }

    static func readAll(in database: Database) throws -> [String: NodeRecord] {
        var nodes: [String: NodeRecord] = [:]
        try database.forEachRow(of: "SELECT \(columns.joined(separator: ", ")) FROM node") { row in
            let name = try row.text()
            nodes[name] = NodeRecord(
                agent: try row.bytes { try $0.worker() }, wanted: try row.integer(), capacity: try row.integer(),
                revision: try row.unsigned())
        }
        return nodes
    }
}
