/// Admits clients of a context's CURVE servers by an allow-list, on a thread of its own (the ZAP handler of RFC 27).
///
/// It must exist before a server binds: without one, every client is refused. Replacing the list acts on the next
/// handshake; connections of a revoked key live on until `Link.shun`, `Link.disconnect` or their end.
public final class Authenticator: Sendable {
    /// What has been decided so far.
    public struct Counts: Hashable, Sendable {
        /// Handshakes let through.
        public internal(set) var admitted = 0
        /// Handshakes of keys not on the list, or without CURVE.
        public internal(set) var refused = 0
        /// Requests that were no ZAP.
        public internal(set) var malformed = 0
    }

    private let core: AuthenticatorCore

    /// Starts answering; throws `isAddressInUse` if the context has an authenticator already.
    public init(in context: Context, allowing allowList: AllowList = AllowList()) throws(SocketError) {
        core = try AuthenticatorCore(context, allowList)
        try OwningThread.start(name: "zmq-zap") { [core] in core.run() }
    }

    deinit { core.stop() }

    /// Puts another list in force for every handshake from now on.
    public func replace(with allowList: AllowList) {
        core.state.withLock { $0.allowList = allowList }
    }

    /// What has been decided so far.
    public var counts: Counts { core.state.withLock { $0.counts } }

    /// Stops answering; later handshakes are refused. Returns when the thread has closed its socket.
    public func close() async {
        core.stop()
        await core.finished.wait()
    }
}

/// Unchecked because of the socket: it is made before the thread starts, which is a full fence, and then only used
/// there.
private final class AuthenticatorCore: @unchecked Sendable {
    struct State {
        var allowList: AllowList
        var counts = Authenticator.Counts()
        var isStopping = false
    }

    let state: Lock<State>
    let finished = Signal()
    private let wakeup: Wakeup
    private var socket: Socket?

    init(_ context: Context, _ allowList: AllowList) throws(SocketError) {
        state = Lock(State(allowList: allowList))
        wakeup = try Wakeup()
        let socket = try Socket(.reply, in: context)
        try socket.discardUnsentWhenClosed()
        _ = try socket.bind(to: "inproc://zeromq.zap.01")
        self.socket = consume socket
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    func run() {
        if let socket = socket.take() { serve(socket) }
        finished.set()
    }

    /// Ends, closing the socket, when asked to or when the context is terminated.
    private func serve(_ socket: consuming Socket) {
        var poller = Poller()
        while !state.withLock({ $0.isStopping }) {
            do {
                while let frames = try receive(socket) { try answer(frames, through: socket) }
                poller.removeAll()
                poller.add(wakeup.descriptor)
                try poller.add(socket, readable: true, writable: false)
                guard wakeup.fallAsleep() else { continue }
                try poller.wait(nil)
                wakeup.wakeUp(isReady: poller.isReady(at: 0))
            } catch {
                return
            }
        }
    }

    /// A reply socket must answer whatever it received, so a request over the limits is passed on, to be refused.
    private func receive(_ socket: borrowing Socket) throws(SocketError) -> [Frame]? {
        switch try socket.receive(within: ReceiveLimits(frames: 8, bytes: 4096)) {
        case .message(let frames): frames
        case .violation(_, let frames): Array(frames.prefix(2))
        case .nothing: nil
        }
    }

    private func answer(_ frames: [Frame], through socket: borrowing Socket) throws(SocketError) {
        let frames = frames.map(\.bytes)
        let request = ZAPRequest(frames)
        let reply = state.withLock { state in
            let reply = ZAPReply(to: request, by: state.allowList)
            switch reply {
            case .admitted: state.counts.admitted += 1
            case .refused: state.counts.refused += 1
            case .malformed: state.counts.malformed += 1
            }
            return reply
        }
        try socket.send(reply.frames(id: request?.id ?? []))
    }
}
