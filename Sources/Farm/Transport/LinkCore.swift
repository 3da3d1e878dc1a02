import Synchronization

/// What a link's users and its owning thread share: queues under locks, never the socket.
final class LinkCore: Sendable {
    struct Requests {
        var outbox: Outbox
        var disconnections: [Disconnection] = []
        /// Users whose connections are closed.
        var shunned: Set<String> = []
        var isClosing = false
    }

    struct Disconnection {
        let peer: PeerID
        /// What libzmq has taken for it is given the linger time to leave first.
        let lingers: Bool
    }

    let requests: Lock<Requests>
    let messages: Delivery<Multipart>
    let events: Delivery<ConnectionEvent>
    /// Set when the socket is closed and every sender answered.
    let closed = Signal()
    private let limits: (frames: Int, frameBytes: Int, messageBytes: Int)
    private let wakeup: Wakeup
    private let lastID = Atomic<UInt64>(0)

    /// Connection events are small and must not be held back, or libzmq's I/O thread would block on its monitor.
    private static let eventCapacity = 4096

    init(_ kind: Link.Kind, _ options: SocketOptions, wakeup: Wakeup) {
        limits = (options.maxFrames, options.maxFrameBytes, options.maxMessageBytes)
        // A router's senders wait for the outcome, which only its socket knows.
        let window = kind == .router ? 0 : options.sendWindow
        requests = Lock(
            Requests(
                outbox: Outbox(
                    capacity: options.outboxCapacity, byteCapacity: options.outboxBytes, window: window)))
        messages = Delivery(
            Inbox(capacity: options.inboxCapacity, byteCapacity: options.inboxBytes), wakeup: wakeup)
        events = Delivery(Inbox(capacity: Self.eventCapacity), wakeup: wakeup)
        self.wakeup = wakeup
    }

    /// Names a message before it is queued, so that its sender can withdraw it at any time.
    func makeID() -> UInt64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Queues a message; `complete` is called exactly once, at once if the message is refused or accepted early.
    func submit(
        _ message: Multipart, as id: UInt64, acceptsEarly: Bool,
        _ complete: @escaping @Sendable (Outbox.Outcome) -> Void
    ) {
        // Sent all the same it would cost the connection, again and again, and nobody here would learn why.
        guard isAllowed(message) else { return complete(.failure(.tooLarge)) }
        let entry = Outbox.Entry(id: id, message: message, acceptsEarly: acceptsEarly, complete: complete)
        let (answer, isAlone) = requests.withLock { ($0.outbox.add(entry), $0.outbox.count == 1) }
        // Otherwise the owning thread is on its way already, or waits for room and would only find that there is none.
        if isAlone { wakeup.signal() }
        switch answer {
        case .queued: break
        case .accepted: complete(.success(()))
        case .refused(let error): complete(.failure(error))
        }
    }

    private func isAllowed(_ message: Multipart) -> Bool {
        message.frames.count <= limits.frames && message.byteCount <= limits.messageBytes
            && message.frames.allSatisfy { $0.count <= limits.frameBytes }
    }

    func withdraw(_ id: UInt64) {
        requests.withLock { $0.outbox.withdraw(id) }?.complete?(.failure(.cancelled))
    }

    func disconnect(_ peer: PeerID, lingers: Bool) {
        requests.withLock { $0.disconnections.append(.init(peer: peer, lingers: lingers)) }
        wakeup.signal()
    }

    func shun(_ users: Set<String>) {
        requests.withLock { $0.shunned = users }
        wakeup.signal()
    }

    /// Refuses new messages and answers the senders that wait; the owning thread then sends what was accepted.
    func requestClose() {
        let abandoned = requests.withLock { requests in
            requests.isClosing = true
            return requests.outbox.close()
        }
        for entry in abandoned { entry.complete?(.failure(.closed)) }
        wakeup.signal()
    }

    /// Ends what tasks wait for; called by the owning thread, before it closes the socket.
    func finish() {
        requestClose()
        messages.finish()
        events.finish()
    }
}
