import CZeroMQ
import Glibc

/// A libzmq or system call that failed: which one, why, and at which endpoint.
public struct SocketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done; the first word of the description.
    public enum Operation: Hashable, Sendable {
        case createContext, open, setOption(String), bind, connect, send, receive, poll, monitor, wake, startThread
        case generateKeys, deriveKey
    }

    /// The call that failed.
    public let operation: Operation
    /// `errno` as libzmq reported it; includes libzmq's own codes above 156,384,712.
    public let code: Int32
    /// The endpoint concerned, where there is one.
    public let endpoint: String?

    init(_ operation: Operation, code: Int32, endpoint: String? = nil) {
        self.operation = operation
        self.code = code
        self.endpoint = endpoint
    }

    /// Reads the calling thread's error, so it must be made before any other libzmq call.
    static func last(during operation: Operation, at endpoint: String? = nil) -> SocketError {
        SocketError(operation, code: zmq_errno(), endpoint: endpoint)
    }

    /// What libzmq would say of a context that ended.
    static func terminated(_ operation: Operation, at endpoint: String? = nil) -> SocketError {
        SocketError(operation, code: ETERM, endpoint: endpoint)
    }

    /// The context was shut down under the socket.
    public var isTermination: Bool { code == ETERM }

    /// Another socket already listens at the endpoint.
    public var isAddressInUse: Bool { code == EADDRINUSE }

    /// For example `bind tcp://127.0.0.1:7070: address already in use`.
    public var description: String {
        let place = endpoint.map { " \($0)" } ?? ""
        return "\(operation.words)\(place): \(reason)"
    }

    private var reason: String {
        if operation == .generateKeys, code == ENOTSUP {
            return "this libzmq was built without CURVE; install a libzmq that is linked with libsodium"
        }
        // libzmq's own table covers its private codes; unlike strerror's, its strings are constants.
        let text = zmq_strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

extension SocketError.Operation {
    fileprivate var words: String {
        switch self {
        case .createContext: "create the ZeroMQ context"
        case .open: "open a socket"
        case .setOption(let name): "set \(name)"
        case .bind: "bind"
        case .connect: "connect"
        case .send: "send"
        case .receive: "receive"
        case .poll: "poll"
        case .monitor: "monitor"
        case .wake: "make a wake-up descriptor"
        case .startThread: "start a thread"
        case .generateKeys: "generate CURVE keys"
        case .deriveKey: "derive a CURVE public key"
        }
    }
}

/// Why a message was not handed to libzmq.
///
/// A message that was handed over may still be lost with its connection: only an answer from the peer proves delivery.
public enum SendError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A router knows no connection with this identity: the peer is gone.
    case unroutable
    /// The peer's connection has its high-water mark of messages waiting; nothing was sent to it.
    case peerFull
    /// The link's own outgoing queue is at its limit; nothing was queued.
    case queueFull
    /// A frame, the frames together or their number exceed the link's own limits, at which a peer would hang up.
    case tooLarge
    /// The link was closed before the message could be handed over.
    case closed
    /// The sending task was cancelled and the message withdrawn before it was handed over.
    case cancelled
    /// libzmq refused the message for another reason.
    case failed(SocketError)

    /// One clause without a full stop, fit for a log line.
    public var description: String {
        switch self {
        case .unroutable: "the peer has no connection"
        case .peerFull: "the peer takes no more messages for now"
        case .queueFull: "the outgoing queue is full"
        case .tooLarge: "the message is larger than the link allows"
        case .closed: "the link is closed"
        case .cancelled: "the sender was cancelled"
        case .failed(let error): error.description
        }
    }
}
