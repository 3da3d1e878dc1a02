import CZeroMQ
import Glibc

/// A ZeroMQ context: the I/O threads and the `inproc` name space that its sockets share. Safe to use from any thread.
///
/// Shutting down never hangs. `zmq_ctx_term` blocks while a socket is open or lingers, so it runs on a thread of its
/// own: after `terminate()`, or once the last reference is gone. Every socket retains its context, and every thread
/// that owns sockets answers the termination by closing them.
public final class Context: Sendable {
    private let lifetime: ContextLifetime

    /// Makes a context.
    ///
    /// - Parameters:
    ///   - ioThreads: one per gigabyte and second of traffic; a single socket is drained by one of them.
    ///   - maxSockets: every link counts three, for its connection events; also bounded by the descriptor limit.
    public init(ioThreads: Int = 2, maxSockets: Int = 4096) throws(SocketError) {
        guard let handle = zmq_ctx_new() else { throw .last(during: .createContext) }
        guard zmq_ctx_set(handle, ZMQ_IO_THREADS, Int32(clamping: ioThreads)) == 0,
            zmq_ctx_set(handle, ZMQ_MAX_SOCKETS, Int32(clamping: maxSockets)) == 0
        else {
            let error = SocketError.last(during: .createContext)
            zmq_ctx_term(handle)  // Without sockets it returns at once.
            throw error
        }
        lifetime = ContextLifetime(handle)
    }

    deinit { lifetime.end() }

    /// Ends every socket of the context and returns once all are closed and have sent what their linger time allows.
    ///
    /// Links fail their pending sends with `SendError.closed` and end their message sequences. Opening fails from now
    /// on.
    public func terminate() async {
        lifetime.end()
        await lifetime.ended.wait()
    }

    /// Lets the process keep the memory of freed messages for the next ones, up to 64 MiB in each of malloc's arenas.
    ///
    /// By default glibc returns the pages of freed large messages to the system and has each cleared again for the next
    /// message, which costs a stream of latents a seventh of its rate. It concerns the whole process, so it is for a
    /// program to call, once, at its start.
    public static func retainFreedMemory() { czmq_retain_freed_memory() }

    func makeSocket(_ kind: Int32) throws(SocketError) -> UnsafeMutableRawPointer { try lifetime.makeSocket(kind) }
}

/// The handle, and the order that nothing is opened once `zmq_ctx_term` was called: it frees what the handle points to.
///
/// Unchecked because of the handle: libzmq's contexts are thread-safe, and only the thread that ends it frees it.
private final class ContextLifetime: @unchecked Sendable {
    let ended = Signal()
    private let handle: UnsafeMutableRawPointer
    private let isEnding = Lock(false)

    init(_ handle: UnsafeMutableRawPointer) {
        self.handle = handle
    }

    func makeSocket(_ kind: Int32) throws(SocketError) -> UnsafeMutableRawPointer {
        let result: Result<UnsafeMutableRawPointer, SocketError> = isEnding.withLock { isEnding in
            if isEnding { return .failure(.terminated(.open)) }
            // The error is read under the lock as well: `errno` belongs to the call just made.
            return zmq_socket(handle, kind).map { .success($0) } ?? .failure(.last(during: .open))
        }
        return try result.get()
    }

    /// Only the first call has an effect.
    func end() {
        let wasEnding = isEnding.withLock { isEnding in
            defer { isEnding = true }
            return isEnding
        }
        if wasEnding { return }
        do {
            try OwningThread.start(name: "zmq-term") { [self] in
                while zmq_ctx_term(handle) == -1, zmq_errno() == EINTR {}
                ended.set()
            }
        } catch {
            // Without a thread to block, the sockets at least end; the rest is left to the end of the process.
            zmq_ctx_shutdown(handle)
            ended.set()
        }
    }
}
