import Control
import Hummingbird
import Synchronization

/// Gives who asks what another was just told, as long as nothing has been decided since: pages of many people ask the
/// same all the time, and the farm has other things to do.
///
/// An answer that is given again lacks the steps of a moment at most. Stands behind whatever judges the caller, and
/// before routes whose answers are the same for all.
final class RecentAnswers: RouterMiddleware {
    typealias Context = ControlContext

    private struct Answer {
        let response: Response
        /// Of the farm before it was asked.
        let alterations: UInt64
        let time: ContinuousClock.Instant
    }

    private let farm: any FarmControl
    private let age: Duration
    private let answers = Mutex<[String: Answer]>([:])

    /// Together they hold 16 MiB at most, of whatever addresses are made up.
    private static let answersMax = 64
    private static let bytesMax = 256 << 10

    /// - Parameter age: of the oldest that are given again.
    init(_ farm: any FarmControl, age: Duration = .milliseconds(100)) { (self.farm, self.age) = (farm, age) }

    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        guard request.method == .get else { return try await next(request, context) }
        let (address, time, alterations) = (request.uri.string, ContinuousClock.now, farm.alterations)
        let recent = answers.withLock { $0[address] }
        if let recent, recent.alterations == alterations, time - recent.time < age { return recent.response }
        let response = try await next(request, context)
        guard response.status == .ok, let length = response.body.contentLength, length <= Self.bytesMax else {
            return response
        }
        answers.withLock { answers in
            if answers.count >= Self.answersMax { answers = answers.filter { time - $0.value.time < age } }
            guard answers.count < Self.answersMax else { return }
            answers[address] = Answer(response: response, alterations: alterations, time: time)
        }
        return response
    }
}
