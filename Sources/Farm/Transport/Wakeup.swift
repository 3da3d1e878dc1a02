import CZeroMQ
import Glibc
import Synchronization

/// An eventfd that brings a thread back from `zmq_poll`; any thread may signal it.
final class Wakeup: Sendable {
    let descriptor: Int32
    /// True from the first signal until the owner clears it: further signals then need no system call.
    private let isSignalled = Atomic(false)

    init() throws(SocketError) {
        descriptor = czmq_eventfd()
        guard descriptor >= 0 else { throw SocketError(.wake, code: errno) }
    }

    deinit { Glibc.close(descriptor) }

    func signal() {
        guard !isSignalled.exchange(true, ordering: .sequentiallyConsistent) else { return }
        var one: UInt64 = 1
        // It can only fail when the counter is at its maximum, and then the thread is awake.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Called by the owner after `zmq_poll` reported the descriptor and before it looks at its queues.
    ///
    /// Read first, store then: a signal in between finds its work seen by the round that now begins, and one whose
    /// write comes late only costs another round.
    func clear() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        isSignalled.store(false, ordering: .sequentiallyConsistent)
    }
}
