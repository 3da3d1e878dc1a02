import CZeroMQ
import Glibc

/// Starts threads outside the cooperative pool, for code that blocks in C.
enum OwningThread {
    /// Runs `body` on a new thread; its last statement should `set` a `Signal` that the owner awaits instead of
    /// joining.
    ///
    /// The thread is detached because a join would block a thread of the cooperative pool.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(SocketError) {
        let start = Unmanaged.passRetained(ThreadBody(name: name, run: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
                // Cut to 15 bytes; only debuggers and profilers read it.
                czmq_name_thread(body.name)
                body.run()
                return nil
            }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw SocketError(.startThread, code: code)
        }
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

/// Happens once; any number of tasks may wait for it.
final class Signal: Sendable {
    private enum State {
        case pending([CheckedContinuation<Void, Never>])
        case happened
    }

    private let state = Lock(State.pending([]))

    /// Returns false when it had happened before.
    @discardableResult
    func set() -> Bool {
        let waiters: [CheckedContinuation<Void, Never>]? = state.withLock { state in
            guard case .pending(let waiters) = state else { return nil }
            state = .happened
            return waiters
        }
        for waiter in waiters ?? [] { waiter.resume() }
        return waiters != nil
    }

    /// Not cancellable: what it waits for is bounded by linger times.
    func wait() async {
        await withCheckedContinuation { continuation in
            let happened = state.withLock { state in
                guard case .pending(let waiters) = state else { return true }
                state = .pending(waiters + [continuation])
                return false
            }
            if happened { continuation.resume() }
        }
    }
}
