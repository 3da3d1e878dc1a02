import Control
import HTTPTypes
import Hummingbird

/// Lets through who brings the farm's token.
struct TokenMiddleware: RouterMiddleware {
    let token: AccessToken

    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        let header = request.headers[.authorization] ?? ""
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer", token.matches(parts[1]) else {
            throw Problem(
                status: 401, code: .unauthorized, detail: "the token of farm.json is wanted: Authorization: Bearer …",
                field: "Authorization")
        }
        return try await next(request, context)
    }
}
