/// When a connecting link needs a new socket, because libzmq gave up on the old one.
///
/// After a refused key, an oversized frame or any other breach of protocol, libzmq ends the session of a connecting
/// socket for good (session_base.cpp, `engine_error`), and the socket stays open without ever connecting again. All
/// that shows it is that no retry follows the disconnection.
struct Renewal: Equatable, Sendable {
    let delay: Duration
    /// When to open a new socket, unless libzmq goes on by itself.
    private(set) var deadline: ContinuousClock.Instant?

    init(after delay: Duration) {
        self.delay = delay
    }

    mutating func noted(_ kind: ConnectionEvent.Kind, at now: ContinuousClock.Instant) {
        switch kind {
        case .disconnected: deadline = now + delay
        case .connected, .ready, .retrying: deadline = nil
        case .accepted, .notAdmitted, .handshakeFailed, .acceptFailed, .violation: break
        }
    }

    /// Returns true once per deadline, and sets the next in case the new socket cannot be opened.
    mutating func isDue(at now: ContinuousClock.Instant) -> Bool {
        guard let deadline, now >= deadline else { return false }
        self.deadline = now + delay
        return true
    }

    /// A new socket is in place.
    mutating func done() {
        deadline = nil
    }
}
