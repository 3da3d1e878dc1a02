/// One ZeroMQ socket as tasks see it: any task may send, one task consumes what arrives. The socket itself is touched
/// only by the `SocketThread` that made the link.
///
/// Messages of one sender leave in the order they were given. A link that nobody refers to any more is closed.
public final class Link: Sendable {
    /// The patterns that the farm uses.
    public enum Kind: Hashable, Sendable {
        /// Many peers, each addressed by its `PeerID`; a message that cannot be delivered is refused, never dropped.
        case router
        /// One peer; a message waits until the peer has room.
        case dealer
    }

    /// Where the link listens, with the port the system chose; or where it connects to.
    public let endpoint: String
    let core: LinkCore
    /// Retained because a thread without references stops.
    private let thread: SocketThread

    init(_ core: LinkCore, endpoint: String, on thread: SocketThread) {
        self.core = core
        self.endpoint = endpoint
        self.thread = thread
    }

    deinit { core.requestClose() }

    /// Sends a message and returns when libzmq has taken it.
    ///
    /// A dealer waits for room, and a router answers at once. With a `SocketOptions.sendWindow` a dealer returns
    /// earlier, when the message is one of so few that wait in the link. If the task is cancelled while it waits here,
    /// the message is withdrawn and `cancelled` thrown.
    public func send(
        _ message: Multipart, isolation: isolated (any Actor)? = #isolation
    ) async throws(SendError) {
        let id = core.makeID()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                core.submit(message, as: id, acceptsEarly: true) { continuation.resume(returning: $0) }
                // A cancellation before that found nothing to withdraw.
                if Task.isCancelled { core.withdraw(id) }
            }
        } onCancel: {
            core.withdraw(id)
        }
        try outcome.get()
    }

    /// Queues a message without waiting, for a driver that performs many actions at once.
    ///
    /// - Parameter then: called exactly once with the outcome, on the owning thread, or on the caller's if the message
    ///   is refused at once. It must not block.
    public func post(_ message: Multipart, then: @escaping @Sendable (Result<Void, SendError>) -> Void) {
        core.submit(message, as: core.makeID(), acceptsEarly: false, then)
    }

    /// What arrives, in order per peer. While it is not consumed, the link stops reading at its inbox limits.
    public var messages: Messages { Messages(link: self) }

    /// What happens to the connections; the oldest of 4,096 unconsumed events make room for new ones.
    public var connectionEvents: ConnectionEvents { ConnectionEvents(link: self) }

    /// How many connection events were given up because nobody consumed them.
    public var lostConnectionEvents: UInt64 { core.events.lost }

    /// Closes the connection of a router's peer, for instance after malformed input or when its key was revoked.
    ///
    /// The peer may connect again and is then another `PeerID`. Without an effect if the peer is gone, or on `inproc`.
    ///
    /// - Parameter lingers: true lets what was sent to the peer before have the linger time to arrive; else it is most
    ///   likely lost.
    public func disconnect(_ peer: PeerID, lingers: Bool = false) {
        core.disconnect(peer, lingers: lingers)
    }

    /// Closes the connections of clients that an authenticator admitted under these names, and drops what they sent;
    /// also of one that has said nothing yet, as soon as it does. Replaces the names given before.
    ///
    /// Together with `Authenticator.replace(with:)`, before it, that is how a revoked key is out at once.
    public func shun(_ users: Set<String>) { core.shun(users) }

    /// Begins what ``close()`` waits for, from where nothing can wait.
    public func beginClosing() { core.requestClose() }

    /// Closes the socket: waiting sends fail with `closed`, `messages` ends after what has already arrived.
    ///
    /// What was accepted early is still handed to libzmq, and what libzmq had taken is still sent in the background,
    /// each for the linger time at most.
    public func close() async {
        core.requestClose()
        await core.closed.wait()
    }
}

extension Link {
    /// A link's messages; only one task may consume them, and the sequence ends when the link closes.
    public struct Messages: AsyncSequence, Sendable {
        let link: Link

        /// Continues where an earlier iterator stopped.
        public func makeAsyncIterator() -> Iterator { Iterator(link: link) }

        /// Retains the link, so that a loop over it keeps it open.
        public struct Iterator: AsyncIteratorProtocol {
            let link: Link

            /// Nil when the link is closed, or when the task is cancelled; cancelling loses no message.
            public mutating func next() async -> Multipart? { await next(isolation: nil) }

            /// The same, without leaving the consumer's actor.
            public mutating func next(isolation actor: isolated (any Actor)?) async -> Multipart? {
                await link.core.messages.next(isolation: actor)
            }
        }
    }

    /// A link's connection events; only one task may consume them, and the sequence ends when the link closes.
    public struct ConnectionEvents: AsyncSequence, Sendable {
        let link: Link

        /// Continues where an earlier iterator stopped.
        public func makeAsyncIterator() -> Iterator { Iterator(link: link) }

        /// Retains the link, so that a loop over it keeps it open.
        public struct Iterator: AsyncIteratorProtocol {
            let link: Link

            /// Nil when the link is closed, or when the task is cancelled; cancelling loses no event.
            public mutating func next() async -> ConnectionEvent? { await next(isolation: nil) }

            /// The same, without leaving the consumer's actor.
            public mutating func next(isolation actor: isolated (any Actor)?) async -> ConnectionEvent? {
                await link.core.events.next(isolation: actor)
            }
        }
    }
}
