/// An inbox between the owning thread and the one task that consumes it.
final class Delivery<Element: Sendable>: Sendable {
    private struct State {
        var inbox: Inbox<Element>
        /// Set only while the inbox is empty.
        var waiter: CheckedContinuation<Element?, Never>?
    }

    private let state: Lock<State>
    /// Brings the owning thread back after a stall.
    private let wakeup: Wakeup

    init(_ inbox: Inbox<Element>, wakeup: Wakeup) {
        state = Lock(State(inbox: inbox))
        self.wakeup = wakeup
    }

    // MARK: The owning thread

    /// Whether `hasRoom` was false and the consumer has not yet made enough.
    var isStalled: Bool { state.withLock { $0.inbox.isStalled } }

    func hasRoom() -> Bool { state.withLock { $0.inbox.hasRoom() } }

    func put(_ element: Element, bytes: Int) {
        deliver(element) { $0.put($1, bytes: bytes) }
    }

    func putReplacingOldest(_ element: Element) {
        deliver(element) { $0.putReplacingOldest($1) }
    }

    func finish() {
        let waiter = state.withLock { state in
            state.inbox.finish()
            return state.waiter.take()
        }
        waiter?.resume(returning: nil)
    }

    private func deliver(_ element: Element, _ put: (inout Inbox<Element>, Element) -> Void) {
        let waiter = state.withLock { state in
            if state.waiter == nil { put(&state.inbox, element) }
            return state.waiter.take()
        }
        waiter?.resume(returning: element)
    }

    // MARK: The consumer

    /// Waits for the next element; nil once finished and empty, or when the task is cancelled, which loses nothing.
    ///
    /// - Parameter isolation: the consumer's, which it never leaves: two changes of thread less for each element.
    func next(isolation: isolated (any Actor)? = #isolation) async -> Element? {
        if Task.isCancelled { return nil }
        switch take(orRegister: nil) {
        case .element(let element, _): return element
        case .finished: return nil
        case .empty: break
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                switch take(orRegister: continuation) {
                case .element(let element, _): continuation.resume(returning: element)
                case .finished: continuation.resume(returning: nil)
                // A cancellation before the registration found no waiter, so look again.
                case .empty: if Task.isCancelled { cancelWaiter() }
                }
            }
        } onCancel: {
            cancelWaiter()
        }
    }

    var lost: UInt64 { state.withLock { $0.inbox.lost } }

    /// For tests: the elements not yet consumed.
    var backlog: Int { state.withLock { $0.inbox.count } }

    private func take(orRegister continuation: CheckedContinuation<Element?, Never>?) -> Inbox<Element>.Taken {
        let taken = state.withLock { state in
            precondition(state.waiter == nil, "only one task may consume a link's messages, or its events")
            let taken = state.inbox.take()
            if case .empty = taken { state.waiter = continuation }
            return taken
        }
        if case .element(_, resumesProducer: true) = taken { wakeup.signal() }
        return taken
    }

    private func cancelWaiter() {
        state.withLock { $0.waiter.take() }?.resume(returning: nil)
    }
}
