/// Which of a router's peers speaks through which connection, so that a closed connection can be told as a lost peer.
///
/// A descriptor is used again as soon as it is closed. libzmq reports the closing before it closes, so whoever reads
/// the monitor before noting a message never takes the old connection for the new one.
struct ConnectionTable: Equatable, Sendable {
    private var open: [Int32: PeerID?] = [:]
    private var connections: [PeerID: Int32] = [:]
    /// The names under which an authenticator admitted whoever speaks through a connection.
    private var users: [Int32: String] = [:]

    mutating func opened(_ connection: Int32) {
        _ = closed(connection)
        open[connection] = .some(nil)
    }

    /// Whether the table already says so; then the monitor need not be read first.
    func knows(_ peer: PeerID, through connection: Int32) -> Bool { connections[peer] == connection }

    /// Returns false when the connection has been closed already: the peer's last words.
    mutating func received(from peer: PeerID, through connection: Int32, as user: String? = nil) -> Bool {
        guard open[connection] != nil else { return false }
        users[connection] = user
        if let other = open[connection] ?? nil, other != peer { connections[other] = nil }
        open[connection] = peer
        connections[peer] = connection
        return true
    }

    /// Forgets the connection; returns its peer if a message of it was received.
    mutating func closed(_ connection: Int32) -> PeerID? {
        users[connection] = nil
        guard let peer = open.removeValue(forKey: connection) ?? nil else { return nil }
        connections[peer] = nil
        return peer
    }

    func connection(of peer: PeerID) -> Int32? { connections[peer] }

    /// Of those through which a message was received.
    func connections(of names: Set<String>) -> [Int32] { users.filter { names.contains($0.value) }.map(\.key) }
}
