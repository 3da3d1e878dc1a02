import Control
import HTTPTypes
import Hummingbird
import Synchronization

/// Refuses a subject that asks more often than it may. The farm's own user is not held up.
final class RateMiddleware: RouterMiddleware {
    private let perSecond: Int
    private let buckets = Mutex<[String: TokenBucket]>([:])
    private let start = ContinuousClock.now

    /// Subjects that are kept in mind; those that asked nothing for a while are forgotten first.
    private static let subjectsMax = 10_000

    init(perSecond: Int) { self.perSecond = perSecond }

    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        if let caller = context.caller, !caller.isOwner, let wait = wait(of: caller.subject) {
            throw Problem(
                status: 429, code: .limit, detail: "more than \(perSecond) requests a second",
                limit: Problem.Limit(name: "requestsPerSecond", value: perSecond),
                retryAfterSeconds: max(1, Int(wait.rounded(.up))))
        }
        return try await next(request, context)
    }

    private func wait(of subject: String) -> Double? {
        let now = (ContinuousClock.now - start) / .seconds(1)
        return buckets.withLock { buckets in
            if buckets.count >= Self.subjectsMax { buckets = buckets.filter { !$0.value.isFull(now: now) } }
            let fresh = TokenBucket(perSecond: Double(perSecond), atOnce: Double(2 * perSecond), now: now)
            return buckets[subject, default: fresh].take(now: now)
        }
    }
}
