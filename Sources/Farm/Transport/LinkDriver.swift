import Glibc
import Synchronization

/// The owning thread's side of a link: the socket, its monitor, and what only this thread knows.
///
/// Unchecked because it is made on one thread and handed over once, through a mutex, to the thread that then owns it.
final class LinkDriver: @unchecked Sendable {
    /// How many messages one link may move before the others get their turn.
    private static let turn = 64
    private static let monitorNumber = Atomic(0)

    let core: LinkCore
    private let kind: Link.Kind
    private let context: Context
    private let options: SocketOptions
    private let limits: ReceiveLimits
    private var socket: Socket
    /// Always there: beside its events, it is what wakes the thread when the context is terminated during a stall.
    private var monitor: Socket
    private var connections = ConnectionTable()
    /// The oldest waiting message found no room.
    private var isBlocked = false
    /// Where a connecting link connects to; nil for one that listens.
    private var target: String?
    private var renewal: Renewal
    /// Peers whose connections are closed once their last message has had its time.
    private var lingering: [(peer: PeerID, end: ContinuousClock.Instant)] = []
    /// Whose connections are closed as soon as they are known.
    private var shunned: Set<String> = []
    /// Set while closing: until then it tries to send what was accepted.
    private var closing: ContinuousClock.Instant?

    init(_ kind: Link.Kind, in context: Context, _ options: SocketOptions, core: LinkCore) throws(SocketError) {
        self.core = core
        self.kind = kind
        self.context = context
        self.options = options
        limits = ReceiveLimits(frames: options.maxFrames, bytes: options.maxMessageBytes)
        renewal = Renewal(after: options.reconnectMaximum)
        let socket = try Socket(kind == .router ? .router : .dealer, in: context)
        monitor = try Self.prepare(socket, options, in: context)
        self.socket = consume socket
    }

    /// Applies the options and returns the receiving end of the socket's monitor.
    private static func prepare(
        _ socket: borrowing Socket, _ options: SocketOptions, in context: Context
    ) throws(SocketError) -> Socket {
        try socket.apply(options)
        let number = monitorNumber.wrappingAdd(1, ordering: .relaxed).newValue
        let place = "inproc://connection-monitor-\(number)"
        try socket.monitor(ConnectionEvent.subscription, at: place)
        let monitor = try Socket(.pair, in: context)
        try monitor.discardUnsentWhenClosed()
        try monitor.connect(to: place)
        return monitor
    }

    func bind(to endpoint: String) throws(SocketError) -> String { try socket.bind(to: endpoint) }

    func connect(to endpoint: String) throws(SocketError) {
        try socket.connect(to: endpoint)
        target = endpoint
    }

    /// When it wants its turn even if nothing arrives.
    var deadline: ContinuousClock.Instant? {
        // A renewal that waits for room in the inbox is woken by its consumer.
        let renewal = core.messages.isStalled ? nil : renewal.deadline
        return closing ?? ([renewal].compactMap { $0 } + lingering.map(\.end)).min()
    }

    /// Opens a new socket in place of one that libzmq gave up on.
    private func renew() throws(SocketError) {
        guard let target else { return }
        let fresh = try Socket(socket.kind, in: context)
        let monitor = try Self.prepare(fresh, options, in: context)
        try fresh.connect(to: target)
        self.monitor = consume monitor
        socket = consume fresh
        connections = ConnectionTable()
        renewal.done()
    }

    private func renewIfDue() throws(SocketError) {
        guard target != nil, renewal.deadline != nil, renewal.isDue(at: .now) else { return }
        // What the old socket received goes with it: first into the inbox, however long that has no room.
        if try receive() || core.messages.isStalled { return }
        do {
            try renew()
        } catch {
            // Out of descriptors, usually: the next deadline tries again.
            if error.isTermination { throw error }
        }
    }

    /// Adds what it waits for: a stalled inbox or an empty outbox wait for a wake-up instead of the socket.
    func register(with poller: inout Poller) throws(SocketError) {
        try poller.add(monitor, readable: true, writable: false)
        let hasRoom = closing == nil && core.messages.hasRoom()
        if hasRoom || isBlocked { try poller.add(socket, readable: hasRoom, writable: isBlocked) }
    }

    /// What a turn came to.
    enum Turn {
        case idle
        /// It stopped to let the others have theirs.
        case hasMore
        /// The link was asked to close and has sent what it could; the driver is of no more use.
        case ended
    }

    /// Moves what can be moved. Throws when the socket is of no more use.
    func takeTurn() throws(SocketError) -> Turn {
        try readMonitor()
        let (isClosing, shunned) = core.requests.withLock { ($0.isClosing, $0.shunned) }
        if isClosing { return try takeLastTurns() }
        if shunned != self.shunned {
            self.shunned = shunned
            for connection in connections.connections(of: shunned) { cut(connection) }
        }
        try renewIfDue()
        let moreToSend = try send()
        let moreToReceive = try receive()
        performDisconnections()
        return moreToSend || moreToReceive ? .hasMore : .idle
    }

    /// Sends what was accepted, for the linger time at most.
    private func takeLastTurns() throws(SocketError) -> Turn {
        if try send() { return .hasMore }
        if core.requests.withLock({ $0.outbox.isEmpty }) { return .ended }
        let deadline = closing ?? .now + options.linger
        closing = deadline
        return .now >= deadline ? .ended : .idle
    }

    // MARK: Sending

    private func send() throws(SocketError) -> Bool {
        isBlocked = false
        for _ in 0..<Self.turn {
            guard let entry = core.requests.withLock({ $0.outbox.take() }) else { return false }
            do {
                try socket.send(frames(of: entry.message))
                entry.complete?(.success(()))
            } catch {
                if error.code == EAGAIN, kind == .dealer {
                    putBack(entry)
                    return false
                }
                entry.complete?(.failure(failure(for: error)))
                if error.isTermination { throw error }
            }
        }
        return true
    }

    private func frames(of message: Multipart) -> [Frame] {
        guard kind == .router else { return message.frames }
        // Without an address a router finds no route, which is then what the sender is told.
        return [Frame(message.peer?.bytes ?? [])] + message.frames
    }

    private func putBack(_ entry: Outbox.Entry) {
        let refusal = core.requests.withLock { $0.outbox.putBack(entry) }
        if let refusal { entry.complete?(.failure(refusal)) }
        isBlocked = true
    }

    private func failure(for error: SocketError) -> SendError {
        switch error.code {
        case EHOSTUNREACH: .unroutable
        case EAGAIN: .peerFull
        default: error.isTermination ? .closed : .failed(error)
        }
    }

    // MARK: Receiving

    private func receive() throws(SocketError) -> Bool {
        for _ in 0..<Self.turn {
            guard core.messages.hasRoom() else { return false }
            switch try socket.receive(within: addressed(limits)) {
            case .nothing: return false
            case .message(let frames): try deliver(frames)
            case .violation(let violation, let frames): try report(violation, by: frames)
            }
        }
        return true
    }

    /// A router's messages begin with the address, of at most 255 bytes, which is not the sender's doing.
    private func addressed(_ limits: ReceiveLimits) -> ReceiveLimits {
        kind == .router ? ReceiveLimits(frames: limits.frames + 1, bytes: limits.bytes + 255) : limits
    }

    private func deliver(_ frames: [Frame]) throws(SocketError) {
        guard kind == .router else {
            let message = Multipart(received: frames, from: nil, userID: frames[0].userID)
            core.messages.put(message, bytes: message.byteCount)
            return
        }
        guard frames.count > 1 else { return try report(.empty, by: frames) }
        let peer = PeerID(bytes: frames[0].bytes)
        let user = frames[1].userID
        let message = Multipart(received: Array(frames.dropFirst()), from: peer, userID: user)
        let isConnected = try note(peer, through: frames[1].connection, as: user)
        if let user, shunned.contains(user) { return isConnected ? cut(frames[1].connection) : () }
        core.messages.put(message, bytes: message.byteCount)
        if !isConnected { core.events.putReplacingOldest(ConnectionEvent(.disconnected, at: "", peer: peer)) }
    }

    private func note(
        _ peer: PeerID, through connection: Int32?, as user: String?
    ) throws(SocketError) -> Bool {
        guard let connection, !connections.knows(peer, through: connection) else { return true }
        try readMonitor()
        return connections.received(from: peer, through: connection, as: user)
    }

    private func report(_ violation: Violation, by frames: [Frame]) throws(SocketError) {
        let peer = kind == .router ? frames.first.map { PeerID(bytes: $0.bytes) } : nil
        let connection = frames.last?.connection
        if let peer { _ = try note(peer, through: connection, as: frames.last?.userID) }
        core.events.putReplacingOldest(ConnectionEvent(.violation(violation), at: "", peer: peer))
        if let peer { cut(connections.connection(of: peer)) } else { cut(connection) }
    }

    // MARK: Connections

    private func readMonitor() throws(SocketError) {
        while case .message(let frames) = try monitor.receive(within: ReceiveLimits(frames: 2, bytes: 1 << 12)) {
            guard var event = ConnectionEvent(monitorFrames: frames) else { continue }
            if let connection = event.connection {
                if event.kind == .disconnected {
                    event.peer = connections.closed(connection)
                } else {
                    connections.opened(connection)
                }
            }
            if target != nil { renewal.noted(event.kind, at: .now) }
            core.events.putReplacingOldest(event)
        }
    }

    private func performDisconnections() {
        let wanted = core.requests.withLock { requests in
            defer { requests.disconnections.removeAll() }
            return requests.disconnections
        }
        for disconnection in wanted {
            if disconnection.lingers {
                lingering.append((disconnection.peer, .now + options.linger))
            } else {
                cut(connections.connection(of: disconnection.peer))
            }
        }
        guard !lingering.isEmpty else { return }
        let now = ContinuousClock.now
        for (peer, _) in lingering.prefix(while: { $0.end <= now }) { cut(connections.connection(of: peer)) }
        lingering.removeFirst(lingering.prefix { $0.end <= now }.count)
    }

    /// libzmq has no call for this (#2877), so the connection is ended under it, which it takes as the peer's doing.
    ///
    /// If the peer's connection closed this very moment and its descriptor was given to another, that one is cut and
    /// has to connect again.
    private func cut(_ connection: Int32?) {
        if let connection { shutdown(connection, Int32(SHUT_RDWR)) }
    }
}
