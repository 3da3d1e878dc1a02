/// How far a connecting link has got, as its connection events tell: what to say to a person when it gets no further.
public struct Approach: Equatable, Sendable {
    public enum Stage: Equatable, Sendable {
        /// Nobody listens there, or nothing comes back.
        case unreached
        /// Somebody accepted the connection, and may take long to answer.
        case connected
        /// Somebody accepted and then closed it at once, without a word: usually our key for the server is wrong.
        case closedEarly
        /// The server is the right one and does not admit our key.
        case notAdmitted
        /// Both sides know each other.
        case ready
    }

    /// What is worth a word to a person; said once.
    public enum Remark: Equatable, Sendable {
        case nobodyListens
        /// Several connections in a row were closed at once by somebody who was never heard: waiting mends nothing.
        case unwelcome
    }

    public private(set) var stage = Stage.unreached
    private var connected: ContinuousClock.Instant?
    /// In a row.
    private var earlyClosings = 0
    private var wasReady = false
    private var isWaitingAloud = false

    /// One may be a restart under way.
    private static let earlyClosingsMax = 3
    /// A server closes sooner than this where it can't read what it gets, and later where it was too busy to answer.
    private static let promptness = Duration.seconds(2)

    public init() {}

    @discardableResult
    public mutating func note(_ kind: ConnectionEvent.Kind, at now: ContinuousClock.Instant = .now) -> Remark? {
        switch (kind, stage) {
        case (.connected, .unreached), (.connected, .closedEarly), (.connected, .connected):
            (stage, connected) = (.connected, now)
        case (.ready, _):
            stage = .ready
            (earlyClosings, wasReady, isWaitingAloud) = (0, true, false)
        case (.notAdmitted, _): stage = .notAdmitted
        case (.disconnected, .connected), (.handshakeFailed, .connected): return noteClosing(at: now)
        case (.disconnected, .ready): stage = .unreached
        case (.retrying, .unreached) where !isWaitingAloud:
            isWaitingAloud = true
            return .nobodyListens
        default: break
        }
        return nil
    }

    private mutating func noteClosing(at now: ContinuousClock.Instant) -> Remark? {
        // Both events may be told of one connection.
        guard let since = connected else { return nil }
        connected = nil
        guard now - since < Self.promptness else { return nil }
        (stage, earlyClosings) = (.closedEarly, earlyClosings + 1)
        return !wasReady && earlyClosings == Self.earlyClosingsMax ? .unwelcome : nil
    }
}
