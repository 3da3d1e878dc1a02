import CZeroMQ
import Glibc

/// A ZeroMQ socket: one owner, closed exactly once.
///
/// libzmq sockets must not be shared between threads (zmq_socket.adoc), so `Socket` is neither copyable nor `Sendable`;
/// handing one over to another thread needs a full fence, which starting the thread or a mutex gives. Nothing here
/// blocks.
struct Socket: ~Copyable {
    enum Kind: Int32 {
        case pair, reply, dealer, router

        var code: Int32 {
            switch self {
            case .pair: ZMQ_PAIR
            case .reply: ZMQ_REP
            case .dealer: ZMQ_DEALER
            case .router: ZMQ_ROUTER
            }
        }
    }

    enum Received: ~Copyable {
        case message([Frame])
        /// Over one of the limits: read to its end, nothing kept but its first frames.
        case violation(Violation, [Frame])
        case nothing
    }

    /// For `Socket` and its extensions only.
    let handle: UnsafeMutableRawPointer
    let kind: Kind
    /// Readable when libzmq's I/O threads have news for the socket: the edge-triggered `ZMQ_FD`.
    let descriptor: Int32
    /// Retained because `zmq_ctx_term` blocks while one of its sockets is open.
    private let context: Context

    init(_ kind: Kind, in context: Context) throws(SocketError) {
        let handle = try context.makeSocket(kind.code)
        var descriptor: Int32 = -1
        var length = MemoryLayout<Int32>.size
        guard zmq_getsockopt(handle, ZMQ_FD, &descriptor, &length) == 0 else {
            let error = SocketError.last(during: .open)
            zmq_close(handle)
            throw error
        }
        self.handle = handle
        self.kind = kind
        self.descriptor = descriptor
        self.context = context
    }

    deinit { zmq_close(handle) }

    /// Returns the endpoint as resolved, with the port the system chose.
    borrowing func bind(to endpoint: String) throws(SocketError) -> String {
        guard zmq_bind(handle, endpoint) == 0 else { throw .last(during: .bind, at: endpoint) }
        var name = [CChar](repeating: 0, count: 1024)
        var length = name.count
        guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &name, &length) == 0 else {
            throw .last(during: .bind, at: endpoint)
        }
        // The length counts the terminating zero.
        return String(decoding: name.prefix(max(0, length - 1)).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    borrowing func connect(to endpoint: String) throws(SocketError) {
        guard zmq_connect(handle, endpoint) == 0 else { throw .last(during: .connect, at: endpoint) }
    }

    /// Publishes what happens to this socket's connections to a `pair` socket that connects to `endpoint`.
    borrowing func monitor(_ events: Int32, at endpoint: String) throws(SocketError) {
        guard zmq_socket_monitor(handle, endpoint, events) == 0 else { throw .last(during: .monitor, at: endpoint) }
    }

    /// Whether a message can be received, or sent, now; takes in all news, so that the descriptor tells of the next.
    borrowing func isReady(readable: Bool, writable: Bool) throws(SocketError) -> Bool {
        var events: Int32 = 0
        var length = MemoryLayout<Int32>.size
        while zmq_getsockopt(handle, ZMQ_EVENTS, &events, &length) == -1 {
            guard zmq_errno() == EINTR else { throw .last(during: .poll) }
        }
        return readable && events & ZMQ_POLLIN != 0 || writable && events & ZMQ_POLLOUT != 0
    }

    /// Hands over a whole message, or nothing of it.
    ///
    /// Only the first frame can be refused: libzmq counts whole messages against its high-water marks (pipe.cpp).
    borrowing func send(_ frames: [Frame]) throws(SocketError) {
        for (index, frame) in frames.enumerated() {
            let flags = ZMQ_DONTWAIT | (index < frames.count - 1 ? ZMQ_SNDMORE : 0)
            var code: Int32 = 0
            try frame.withMessage { message in
                while zmq_msg_send(message, handle, flags) == -1 {
                    code = zmq_errno()
                    if code != EINTR { return false }
                }
                code = 0
                return true
            }
            guard code == 0 else { throw SocketError(.send, code: code) }
        }
    }

    /// Takes the next message if one is waiting.
    ///
    /// libzmq itself holds all frames of an unfinished message, uncounted; the limits here bound what we keep of it.
    borrowing func receive(within limits: ReceiveLimits) throws(SocketError) -> Received {
        var message = zmq_msg_t()
        zmq_msg_init(&message)
        defer { zmq_msg_close(&message) }
        var frames: [Frame] = []
        var budget = limits.begin()
        var violation: Violation?
        while true {
            guard zmq_msg_recv(&message, handle, ZMQ_DONTWAIT) >= 0 else {
                let code = zmq_errno()
                if code == EINTR { continue }
                // Between frames EAGAIN cannot happen: libzmq delivers messages whole.
                if code == EAGAIN, frames.isEmpty { return .nothing }
                throw SocketError(.receive, code: code)
            }
            let hasMore = zmq_msg_more(&message) != 0
            if violation == nil {
                violation = budget.take(bytes: zmq_msg_size(&message))
                // The first frames are kept even then: they say who it was.
                if violation == nil || frames.count < 2 { frames.append(Frame(taking: &message)) }
            }
            guard hasMore else { break }
        }
        return violation.map { .violation($0, frames) } ?? .message(frames)
    }
}

/// How a message broke the limits of its receiver.
public enum Violation: Hashable, Sendable {
    /// It had more frames than `SocketOptions.maxFrames`.
    case tooManyFrames
    /// Its frames were larger in total than `SocketOptions.maxMessageBytes`.
    case tooLarge
    /// It had no frame but the address.
    case empty
}

/// The frames and bytes that one message may have.
struct ReceiveLimits: Equatable {
    let frames: Int
    let bytes: Int

    struct Budget: Equatable {
        var frames: Int
        var bytes: Int

        mutating func take(bytes size: Int) -> Violation? {
            frames -= 1
            bytes -= size
            if frames < 0 { return .tooManyFrames }
            return bytes < 0 ? .tooLarge : nil
        }
    }

    func begin() -> Budget { Budget(frames: frames, bytes: bytes) }
}
