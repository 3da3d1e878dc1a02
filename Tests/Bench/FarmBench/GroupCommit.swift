import Farm
import Foundation
import Ledger

/// Commits on a thread of its own what was decided while the commit before it was under way, as a coordinator does.
///
/// Unchecked because of the mutable parts: all of them are touched under the condition's lock only.
final class GroupCommit: @unchecked Sendable {
    typealias Lease = (worker: WorkerID, grant: Grant)

    private let ledger: Ledger
    private let condition = NSCondition()
    private var changes: [FarmChange] = []
    private var leases: [(lease: Lease, since: ContinuousClock.Instant)] = []
    private var isOver = false
    private var isEnded = false
    private var durable: [Lease] = []
    private var outcome = Outcome()

    struct Outcome {
        /// Of each denoising lease, from what made its worker idle to its being durable.
        var times: [Duration] = []
        var commits = 0
        var error: (any Error)?
    }

    init(_ ledger: Ledger) {
        self.ledger = ledger
        Thread { self.run() }.start()
    }

    /// - Parameter since: when what led to it arrived.
    func add(_ decided: (changes: [FarmChange], grants: [Lease]), since: ContinuousClock.Instant) {
        condition.withLock {
            changes += decided.changes
            leases += decided.grants.map { ($0, since) }
            condition.broadcast()
        }
    }

    /// The leases that became durable since this was asked last: from now on their workers have them.
    ///
    /// - Parameter deadline: until when it waits in any case.
    func takeDurable(at deadline: ContinuousClock.Instant = .now) -> [Lease] {
        condition.withLock {
            while case let left = deadline - .now, left > .zero {
                _ = condition.wait(until: Date(timeIntervalSinceNow: left / .seconds(1)))
            }
            defer { durable = [] }
            return durable
        }
    }

    /// Waits for the last commit.
    func end() -> Outcome {
        condition.withLock {
            isOver = true
            condition.broadcast()
            while !isEnded { condition.wait() }
            return outcome
        }
    }

    private func run() {
        while let batch = take() {
            do {
                try ledger.commit(batch.changes, at: 1e9)
                note(batch.leases)
            } catch {
                condition.withLock { outcome.error = error }
                break
            }
        }
        condition.withLock {
            isEnded = true
            condition.broadcast()
        }
    }

    private func take() -> (changes: [FarmChange], leases: [(lease: Lease, since: ContinuousClock.Instant)])? {
        condition.withLock {
            while changes.isEmpty, !isOver { condition.wait() }
            guard !changes.isEmpty else { return nil }
            defer { (changes, leases) = ([], []) }
            return (changes, leases)
        }
    }

    private func note(_ leases: [(lease: Lease, since: ContinuousClock.Instant)]) {
        let now = ContinuousClock.now
        condition.withLock {
            outcome.commits += 1
            for (lease, since) in leases {
                if lease.grant.phase == .denoising { outcome.times.append(now - since) }
                durable.append(lease)
            }
        }
    }
}
