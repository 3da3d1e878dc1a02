import Control
import HTTPTypes
import Hummingbird
import Logging

/// Turns whatever is thrown into one kind of answer, and says nothing of the farm's insides.
struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let methods = Endpoint.methods(at: request.uri.path)
            var problem = Self.problem(for: error)
            // Nothing of ours throws the router's own error.
            if error is HTTPError, problem.status == 404, !methods.isEmpty {
                problem = Problem(status: 405, code: .invalid, detail: "this is not done at this address")
            }
            context.notes.note(problem)
            if problem.status == 500 {
                context.logger.error("a request failed", metadata: ["error": "\(error)"])
            }
            var answer = Response.json(problem, status: HTTPResponse.Status(code: problem.status))
            answer.headers[.contentType] = Problem.mediaType
            if problem.status == 401 { answer.headers[.wwwAuthenticate] = "Bearer" }
            if problem.status == 405 { answer.headers[.allow] = methods.map(\.rawValue).joined(separator: ", ") }
            if let seconds = problem.retryAfterSeconds { answer.headers[.retryAfter] = "\(seconds)" }
            return answer
        }
    }

    static func problem(for error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let error as ControlError: Problem(error)
        case let error as HTTPError where error.status == .notFound:
            Problem(status: 404, code: .notFound, detail: "there is no such address")
        case let error as any HTTPResponseError:
            Problem(status: error.status.code, code: .invalid, detail: error.status.reasonPhrase)
        default: Problem(status: 500, code: .internal, detail: "the farm failed to answer; its log says more")
        }
    }
}
