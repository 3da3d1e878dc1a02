import Farm
import Synchronization

/// Attempts that are worked for; asked by whoever computes for them, from its own thread.
final class WantedAttempts: Sendable {
    private let attempts = Mutex<Set<AttemptID>>([])

    func add(_ attempt: AttemptID) { _ = attempts.withLock { $0.insert(attempt) } }
    func remove(_ attempt: AttemptID) { _ = attempts.withLock { $0.remove(attempt) } }
    func contains(_ attempt: AttemptID) -> Bool { attempts.withLock { $0.contains(attempt) } }
}
