import CZeroMQ
import Glibc
import Synchronization

/// An eventfd that brings a thread back from its wait; any thread may signal it.
///
/// A signal to a thread that is awake costs no system call: the thread looks once more before it falls asleep.
final class Wakeup: Sendable {
    private enum State: UInt8, AtomicRepresentable {
        case awake
        /// Awake, with something to look at.
        case called
        case asleep
    }

    let descriptor: Int32
    private let state = Atomic(State.awake)

    init() throws(SocketError) {
        descriptor = czmq_eventfd()
        guard descriptor >= 0 else { throw SocketError(.wake, code: errno) }
    }

    deinit { Glibc.close(descriptor) }

    func signal() {
        guard state.exchange(.called, ordering: .sequentiallyConsistent) == .asleep else { return }
        var one: UInt64 = 1
        // It can only fail when the counter is at its maximum, and then the thread is awake.
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    // MARK: The owner

    /// To be called before it waits for the descriptor; false if it was signalled since it woke up, and has to look at
    /// its queues again instead.
    func fallAsleep() -> Bool {
        let (isAsleep, _) = state.compareExchange(
            expected: .awake, desired: .asleep, ordering: .sequentiallyConsistent)
        if !isAsleep { state.store(.awake, ordering: .sequentiallyConsistent) }
        return isAsleep
    }

    /// To be called after the wait, before it looks at its queues: a signal from then on is seen by ``fallAsleep()``,
    /// and one whose write comes late only costs another round.
    ///
    /// - Parameter isReady: whether there is something to read.
    func wakeUp(isReady: Bool) {
        state.store(.awake, ordering: .sequentiallyConsistent)
        guard isReady else { return }
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
