/// Nodes: how many workers each shall run, and whose name is whose.
enum Migration3 {
    static let sql = """
        CREATE TABLE node (
            name TEXT PRIMARY KEY NOT NULL,
            agent BLOB NOT NULL CHECK (length(agent) = 16),  -- the hash of its secret
            wanted INTEGER NOT NULL CHECK (wanted >= 0),
            capacity INTEGER NOT NULL CHECK (capacity >= 0),
            revision INTEGER NOT NULL CHECK (revision >= 0)
        ) STRICT, WITHOUT ROWID;
        """
}
