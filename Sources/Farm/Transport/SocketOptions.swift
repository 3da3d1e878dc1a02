/// How a socket is set up; everything here is applied before it binds or connects.
///
/// There is no default for `security`: a listener without CURVE has to be asked for by writing `.plain`.
public struct SocketOptions: Sendable {
    /// Who may talk to whom.
    public enum Security: Sendable {
        /// Anyone, unencrypted: only for `inproc` and tests.
        case plain
        /// Listens: clients must know the pair's public key, and an `Authenticator` must admit theirs for the domain.
        case curveServer(CurveKeyPair, domain: String)
        /// Connects: shows the pair's public key and accepts only the server with this key.
        case curveClient(CurveKeyPair, server: CurvePublicKey)
    }

    /// Authentication and encryption of every connection.
    public var security: Security
    /// Messages (not bytes) libzmq holds per connection towards a slow peer; then a router reports `peerFull`.
    public var sendHighWater = 64
    /// Messages libzmq holds per connection towards us before it stops reading from the network.
    public var receiveHighWater = 64
    /// A peer that announces a larger frame is disconnected before anything is allocated.
    public var maxFrameBytes = 1 << 20
    /// A message with more frames is drained, reported, and costs its sender the connection.
    ///
    /// libzmq delivers messages whole and itself sets no limit to the frames of one that never ends; admit only known
    /// keys.
    public var maxFrames = 8
    /// The same for the sum of a message's frames.
    public var maxMessageBytes = 1 << 20
    /// Messages the link holds for its consumer; when it is full the link stops reading and the high-water marks act.
    public var inboxCapacity = 64
    /// Bytes the link holds for its consumer; one message may exceed it by its own size.
    public var inboxBytes = 4 << 20
    /// Messages that wait in the link to be sent; one more is refused with `queueFull`.
    public var outboxCapacity = 1024
    /// Bytes that wait in the link to be sent; a message that would exceed them is refused unless it is alone.
    public var outboxBytes = 64 << 20
    /// Messages that may wait in a dealer's link while their senders go on; 0 makes every `send` wait for libzmq.
    ///
    /// It saves two changes of thread for each message of a stream. Messages accepted early share the fate of those in
    /// libzmq's own queues: closing still sends them for the linger time, terminating the context does not.
    public var sendWindow = 0
    /// ZMTP heartbeats: every I/O thread pings idle connections. They prove the process, not its work; nil for none.
    ///
    /// libzmq reads no answer while a receiver's high-water mark stops its reading, and then takes a slow consumer for
    /// a dead one: the connection is cut and what was on its way is lost. So they are for links whose consumer never
    /// stalls. Dead hosts are found in any case, by TCP's keep-alive.
    public var heartbeatInterval: Duration? = .seconds(2)
    /// Without an answer to a heartbeat for so long the connection is closed.
    public var heartbeatTimeout = Duration.seconds(6)
    /// How long the peer may keep the connection without hearing from us; at most 6,553 s.
    public var heartbeatLifetime = Duration.seconds(10)
    /// A connection that has not finished its handshake by then is closed.
    public var handshakeTimeout = Duration.seconds(5)
    /// Pause before the first reconnection; libzmq adds jitter and doubles it up to `reconnectMaximum`.
    public var reconnectInterval = Duration.milliseconds(100)
    /// The longest pause between reconnections.
    public var reconnectMaximum = Duration.seconds(1)
    /// Sends only to finished connections, so nothing is queued for a peer that never comes.
    public var onlyToConnectedPeers = true
    /// How long closing keeps trying to send what libzmq already took; bounds every shutdown.
    public var linger = Duration.milliseconds(500)
    /// Connections the kernel may hold before they are accepted; a farm's workers all join at once after a restart.
    public var backlog = 4096
    /// Which of the context's I/O threads may serve its connections, a bit for each; 0 for all.
    ///
    /// libzmq gives a connection to the thread with the fewest. Where peers open two at once, a quiet one and a busy
    /// one, all busy ones would be one thread's.
    public var ioThreads: UInt64 = 0
    /// Accepts and makes IPv6 connections beside IPv4.
    public var ipv6 = false

    /// The `control` limits: many small messages.
    public init(security: Security) {
        self.security = security
    }

    /// Small messages that must not wait: frames and messages up to 1 MiB, 64 per peer.
    public static func control(_ security: Security) -> SocketOptions {
        SocketOptions(security: security)
    }

    /// Latents and video: frames up to 4 MiB, 32 messages towards a peer, 8 MiB for the consumer, a window of eight;
    /// no heartbeats, since a slow consumer is meant to hold its sender back.
    public static func bulk(_ security: Security) -> SocketOptions {
        var options = SocketOptions(security: security)
        // libzmq hears only of every 16th message that it has left, so that of 32 there is always room for a reader's
        // window of 16; of 16 there was none until the window before had left wholly, and some time after.
        options.sendHighWater = 32
        options.receiveHighWater = 8
        options.sendWindow = 8
        options.heartbeatInterval = nil
        options.maxFrameBytes = 4 << 20
        options.maxMessageBytes = 8 << 20
        options.inboxBytes = 8 << 20
        return options
    }
}
