/// Who may send a message and on which kind of connection; everything else is out of order.
public struct Route: Equatable, Sendable {
    /// Who sends it.
    public let senders: Parties
    /// Where it travels.
    public let channel: Channel

    /// The ends of a connection; one for a peer, several for those who may send a message.
    public struct Parties: OptionSet, Sendable {
        /// One bit per party.
        public let rawValue: UInt8

        /// Parties by their bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Also a relay, on data connections.
        public static let coordinator = Parties(rawValue: 1)
        /// One process, one GPU.
        public static let worker = Parties(rawValue: 2)
        /// A node's agent.
        public static let node = Parties(rawValue: 4)
    }

    /// The kinds of connection, on sockets and threads of their own, so that bulk never delays a heartbeat.
    public enum Channel: Hashable, Sendable, CaseIterable {
        /// Small messages only.
        case control
        /// Messages with raw frames, and those that must not overtake them.
        case data
        /// The answers that begin, end or judge what either kind carries.
        case either
    }

    /// Whether `party` may send such a message on a connection of `channel`; of several, whether one of them may.
    public func allows(_ party: Parties, on channel: Channel) -> Bool {
        !senders.isDisjoint(with: party) && (self.channel == channel || self.channel == .either)
    }
}

extension Message {
    /// Who may send this message where.
    public var route: Route {
        switch self {
        case .hello, .heartbeat, .offer, .release, .probed, .failed: Route(senders: [.worker], channel: .control)
        case .leaseGrant, .recall, .probe, .want: Route(senders: [.coordinator], channel: .control)
        case .heartbeatAnswer: Route(senders: [.coordinator], channel: .control)
        case .drain: Route(senders: [.coordinator, .worker, .node], channel: .control)
        case .nodeHello, .nodeReport: Route(senders: [.node], channel: .control)
        case .progress(let progress): Route(senders: [.worker], channel: progress.preview == nil ? .control : .data)
        case .attach, .boundaryAppend, .boundaryRead, .fetch, .deposit: Route(senders: [.worker], channel: .data)
        case .checkpoint, .denoised, .delivered: Route(senders: [.worker], channel: .data)
        case .boundaryStored, .boundaryRecord, .boundarySuperseded, .boundaryWanted:
            Route(senders: [.coordinator], channel: .data)
        case .chunk, .credit, .transferAborted: Route(senders: [.coordinator, .worker], channel: .data)
        case .welcome, .refused, .verdict: Route(senders: [.coordinator], channel: .either)
        case .bye: Route(senders: [.coordinator, .worker, .node], channel: .either)
        }
    }
}
