/// How far a connecting link has got, as its connection events tell: what to say to a person when it gets no further.
public struct Approach: Equatable, Sendable {
    public enum Stage: Equatable, Sendable {
        /// Nobody listens there, or nothing comes back.
        case unreached
        /// Somebody accepted the connection.
        case connected
        /// Somebody accepted and then closed it without a word: usually our key for the server is wrong.
        case closedEarly
        /// The server is the right one and does not admit our key.
        case notAdmitted
        /// Both sides know each other.
        case ready
    }

    public private(set) var stage = Stage.unreached
    /// In a row, since the start or since it was ready.
    public private(set) var earlyClosings = 0

    public init() {}

    public mutating func note(_ kind: ConnectionEvent.Kind) {
        switch (kind, stage) {
        case (.connected, .unreached), (.connected, .closedEarly): stage = .connected
        case (.ready, _): (stage, earlyClosings) = (.ready, 0)
        case (.notAdmitted, _): stage = .notAdmitted
        case (.disconnected, .connected), (.handshakeFailed, .connected):
            (stage, earlyClosings) = (.closedEarly, earlyClosings + 1)
        case (.disconnected, .ready): stage = .unreached
        default: break
        }
    }
}
