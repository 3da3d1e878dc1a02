import Foundation
import HTTPTypes
import Hummingbird

/// Writes down what requests did, and what was refused. Stands before everything else, so that it sees all answers.
struct AuditMiddleware: RouterMiddleware {
    let log: AuditLog

    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        let answer = try await next(request, context)
        let (method, path, status) = (request.method.rawValue, request.uri.path, answer.status.code)
        if AuditEntry.isWanted(method: method, path: path, status: status) {
            log.write(
                AuditEntry(
                    time: Date(), caller: context.notes.caller, address: context.address, method: method, path: path,
                    status: status, wish: context.notes.wish, problem: context.notes.problem))
        }
        return answer
    }
}
