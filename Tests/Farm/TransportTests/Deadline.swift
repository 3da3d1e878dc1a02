@testable import Transport

/// Thrown in place of waiting for ever.
struct TimedOut: Error {}

/// Runs `body` and gives up waiting for it after `limit`, even if it does not heed its cancellation.
///
/// The tasks are unstructured on purpose: a task group would wait for the body that hangs.
func within<Value: Sendable>(
    _ limit: Duration = .seconds(40), _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Value>()
    let work = Task {
        do { race.finish(.success(try await body())) } catch { race.finish(.failure(error)) }
    }
    let timer = Task {
        try await Task.sleep(for: limit)
        race.finish(.failure(TimedOut()))
    }
    defer {
        work.cancel()
        timer.cancel()
    }
    return try await withTaskCancellationHandler {
        try await race.value()
    } onCancel: {
        work.cancel()
    }
}

/// The first result counts.
private final class Race<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var waiter: CheckedContinuation<Value, any Error>?
    }

    private let state = Lock(State())

    func finish(_ result: Result<Value, any Error>) {
        let waiter = state.withLock { state in
            if state.result == nil { state.result = result }
            return state.waiter.take()
        }
        waiter?.resume(with: result)
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state in
                if state.result == nil { state.waiter = continuation }
                return state.result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
