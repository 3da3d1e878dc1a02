import Synchronization

/// A value that comes once, for whoever waits for it.
final class Promised<Value: Sendable>: Sendable {
    private enum State {
        case awaited([CheckedContinuation<Value, Never>])
        case kept(Value)
    }

    private let state = Mutex(State.awaited([]))

    /// The value if it is there.
    var kept: Value? {
        state.withLock { state in
            if case .kept(let value) = state { value } else { nil }
        }
    }

    /// The first value counts; later ones change nothing.
    func keep(_ value: Value) {
        let waiting = state.withLock { state -> [CheckedContinuation<Value, Never>] in
            guard case .awaited(let waiting) = state else { return [] }
            state = .kept(value)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value = state.withLock { state -> Value? in
                switch state {
                case .kept(let value): return value
                case .awaited(let waiting):
                    state = .awaited(waiting + [continuation])
                    return nil
                }
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
