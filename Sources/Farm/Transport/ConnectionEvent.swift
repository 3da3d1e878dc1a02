import CZeroMQ

/// Something that happened to one of a link's connections.
public struct ConnectionEvent: Hashable, Sendable {
    /// What happened.
    public enum Kind: Hashable, Sendable {
        /// TCP connected; the handshake follows. Without it, nobody listens.
        case connected
        /// Accepted; the handshake follows.
        case accepted
        /// The handshake succeeded: messages flow.
        case ready
        /// The server's authenticator did not admit the client's key. Both sides see it, and the client tries again.
        case notAdmitted
        /// The other side does not hold the key expected of it, or speaks no CURVE or no ZeroMQ.
        case handshakeFailed(HandshakeFailure)
        /// Closed after it had been connected or accepted, also when the other side gave up during the handshake.
        case disconnected
        /// A connection was refused or lost; the next attempt follows after the interval.
        case retrying(after: Duration)
        /// The system had no room for another connection; the code is `errno`, usually out of descriptors.
        case acceptFailed(code: Int32)
        /// The peer broke a limit; the message was dropped and its connection is being closed.
        case violation(Violation)
    }

    /// Why a handshake failed, as seen from here.
    public enum HandshakeFailure: Hashable, Sendable {
        /// Decryption failed: the client used another server key than ours, or the bytes were damaged.
        case wrongKey
        /// One side uses CURVE and the other does not.
        case otherSecurity
        /// No reason was given: the other side closed, usually because our key for it is wrong; or, on a server, the
        /// authenticator is missing.
        case closed
        /// Another violation of the protocol; the code is one of libzmq's `ZMQ_PROTOCOL_ERROR` values.
        case malformed(code: UInt32)
    }

    /// What happened.
    public let kind: Kind
    /// The endpoint as it was given to `bind` or `connect`, resolved; never the remote address of an accepted
    /// connection. Empty for a violation, and for a peer whose first message was read after its connection had closed.
    public let endpoint: String
    /// On a router, the peer whose connection it was, once a message of it has been received.
    public internal(set) var peer: PeerID?
    /// The connection's file descriptor; libzmq names it for `connected`, `accepted` and `disconnected`.
    let connection: Int32?

    init(_ kind: Kind, at endpoint: String, peer: PeerID? = nil, connection: Int32? = nil) {
        self.kind = kind
        self.endpoint = endpoint
        self.peer = peer
        self.connection = connection
    }

    static let subscription: Int32 =
        ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_ACCEPT_FAILED
        | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
        | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH

    /// Parses a monitor's message (zmq_socket_monitor.adoc): 16 bits of event and 32 of value, then the endpoint.
    ///
    /// Nil for events outside the subscription.
    init?(monitorFrames frames: [Frame]) {
        guard frames.count == 2, frames[0].count == 6 else { return nil }
        let (event, value) = frames[0].withUnsafeBytes {
            (Int32($0.loadUnaligned(as: UInt16.self)), $0.loadUnaligned(fromByteOffset: 2, as: UInt32.self))
        }
        guard let kind = Kind(event: event, value: value) else { return nil }
        let namesConnection = kind == .connected || kind == .accepted || kind == .disconnected
        self.init(
            kind, at: String(decoding: frames[1].bytes, as: UTF8.self),
            connection: namesConnection ? Int32(bitPattern: value) : nil)
    }
}

extension ConnectionEvent.Kind {
    init?(event: Int32, value: UInt32) {
        switch event {
        case ZMQ_EVENT_CONNECTED: self = .connected
        case ZMQ_EVENT_ACCEPTED: self = .accepted
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .ready
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: self = .notAdmitted
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: self = .handshakeFailed(.init(protocolError: value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: self = .handshakeFailed(.closed)
        case ZMQ_EVENT_DISCONNECTED: self = .disconnected
        case ZMQ_EVENT_CONNECT_RETRIED: self = .retrying(after: .milliseconds(value))
        case ZMQ_EVENT_ACCEPT_FAILED: self = .acceptFailed(code: Int32(bitPattern: value))
        default: return nil
        }
    }
}

extension ConnectionEvent.HandshakeFailure {
    fileprivate init(protocolError code: UInt32) {
        switch Int32(bitPattern: code) {
        case ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC, ZMQ_PROTOCOL_ERROR_ZMTP_KEY_EXCHANGE: self = .wrongKey
        case ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH: self = .otherSecurity
        default: self = .malformed(code: code)
        }
    }
}
