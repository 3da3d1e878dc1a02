import Control
import Foundation
import HTTPTypes
import Hummingbird

/// Lets through who brings a token, and keeps in mind whose it is.
struct TokenMiddleware: RouterMiddleware {
    /// The run's own, of the user who runs the farm; nil where it is not taken.
    let owner: AccessToken?
    let tokens: TokenKeeper?
    /// Looked up once: it is in a file.
    private static let user = NSUserName()

    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        let header = request.headers[.authorization] ?? ""
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", let caller = caller(of: parts[1], request) else {
            throw Problem(
                status: 401, code: .unauthorized,
                detail: "a token is wanted, as farm.json or the operator gives it: Authorization: Bearer …",
                field: "Authorization")
        }
        context.notes.note(caller)
        var context = context
        context.caller = caller
        // The run's own holds as long as the run.
        if !caller.isOwner {
            let (token, session) = (String(parts[1]), context.isStillLetIn)
            context.isStillLetIn = { [tokens] in session() && tokens?.caller(of: token) != nil }
        }
        return try await next(request, context)
    }

    private func caller(of token: Substring, _ request: Request) -> Caller? {
        if owner?.matches(token) == true {
            let subject = (try? request.submitter()) ?? Self.user
            return Caller(subject: subject, role: .operator, isOwner: true)
        }
        return tokens?.caller(of: token)
    }
}

/// Refuses what the caller's role does not allow.
struct RoleMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        let wanted = Endpoint.role(for: request.method, context.endpointPath ?? "")
        guard let role = context.caller?.role, role >= wanted else {
            throw ControlError.forbidden(reason: "this wants the role \(wanted.rawValue)")
        }
        return try await next(request, context)
    }
}
