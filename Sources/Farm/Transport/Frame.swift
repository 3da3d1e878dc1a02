import CZeroMQ
import Glibc

/// One part of a message: bytes that never change and never move, and that are handed to libzmq without copying when
/// large.
///
/// A received frame is libzmq's own buffer: it is read in place, may be kept as long as wanted, and may be sent on.
///
/// Unchecked because of the pointers: the bytes are written before `init` returns, only read afterwards, and freed by
/// whichever of tasks, link and I/O thread releases the frame last; the calls on `zmq_msg_t` here only read it.
public final class Frame: @unchecked Sendable {
    /// What keeps the bytes in place.
    private enum Backing {
        case message(UnsafeMutablePointer<zmq_msg_t>)
        case allocation(UnsafeMutableRawPointer)
        case owner(any AnyObject & Sendable)
    }

    private let base: UnsafeRawPointer?
    private let backing: Backing

    /// Its size in bytes.
    public let count: Int

    /// Makes a frame of `count` bytes that `fill` writes in place, for instance an encoder.
    ///
    /// - Precondition: `fill` writes every byte; the memory holds anything before.
    public init<Failure>(
        count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
        do {
            try fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
        } catch {
            memory.deallocate()
            throw error
        }
        base = UnsafeRawPointer(memory)
        backing = .allocation(memory)
        self.count = count
    }

    /// Copies `bytes`.
    public convenience init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Copies `bytes`, for instance an encoded header.
    public convenience init(_ bytes: some Sequence<UInt8>) {
        let array = Array(bytes)
        self.init(count: array.count) { $0.copyBytes(from: array) }
    }

    /// Borrows `bytes` without copying and retains `owner`, which must keep them in place and unchanged until released.
    ///
    /// The owner may be released by one of libzmq's I/O threads.
    public init(unsafelyBorrowing bytes: UnsafeRawBufferPointer, from owner: any AnyObject & Sendable) {
        base = bytes.baseAddress
        count = bytes.count
        backing = .owner(owner)
    }

    /// Takes over a message that was received; `message` is left empty.
    init(taking message: inout zmq_msg_t) {
        let own = UnsafeMutablePointer<zmq_msg_t>.allocate(capacity: 1)
        zmq_msg_init(own)
        zmq_msg_move(own, &message)
        base = zmq_msg_data(own).map { UnsafeRawPointer($0) }
        count = zmq_msg_size(own)
        backing = .message(own)
    }

    deinit {
        switch backing {
        case .message(let message):
            zmq_msg_close(message)
            message.deallocate()
        case .allocation(let memory): memory.deallocate()
        case .owner: break
        }
    }

    /// Lends the bytes; the pointer must not outlive `body`.
    public func withUnsafeBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// Lends the bytes, bounds-checked.
    public func withSpan<Result, Failure>(_ body: (RawSpan) throws(Failure) -> Result) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count).bytes)
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// What libzmq knows about the connection that a frame came through.
extension Frame {
    /// The name that the allow-list gives to the sender's CURVE key; nil without CURVE, and for frames not received.
    var userID: String? {
        guard case .message(let message) = backing, let name = zmq_msg_gets(message, "User-Id") else { return nil }
        return String(cString: name)
    }

    /// The descriptor of the connection, as `zmq_socket_monitor` names it; nil for `inproc` and frames not received.
    var connection: Int32? {
        guard case .message(let message) = backing else { return nil }
        let descriptor = zmq_msg_get(message, ZMQ_SRCFD)
        return descriptor >= 0 ? descriptor : nil
    }
}

/// The way into libzmq.
extension Frame {
    /// From here on a hand-over is cheaper than a copy; below, its free function is not worth the trouble (zguide, ch.
    /// 2).
    static let zeroCopyThreshold = 64 << 10

    /// Calls `send` with a `zmq_msg_t` of these bytes: a copy if small, else themselves, and retained until libzmq is
    /// done.
    ///
    /// - Parameter send: returns true when libzmq has taken the message; else it is closed here.
    func withMessage(_ send: (UnsafeMutablePointer<zmq_msg_t>) -> Bool) throws(SocketError) {
        var message = zmq_msg_t()
        if count < Self.zeroCopyThreshold {
            guard zmq_msg_init_size(&message, count) == 0 else { throw .last(during: .send) }
            if let base, let target = zmq_msg_data(&message) { memcpy(target, base, count) }
        } else {
            // Released by the free function, which libzmq calls exactly once, on any thread: also from zmq_msg_close.
            let retained = Unmanaged.passRetained(self)
            let status = zmq_msg_init_data(
                &message, UnsafeMutableRawPointer(mutating: base), count,
                { _, frame in
                    if let frame { Unmanaged<Frame>.fromOpaque(frame).release() }
                }, retained.toOpaque())
            guard status == 0 else {
                let error = SocketError.last(during: .send)
                retained.release()
                throw error
            }
        }
        if !send(&message) { zmq_msg_close(&message) }
    }
}
