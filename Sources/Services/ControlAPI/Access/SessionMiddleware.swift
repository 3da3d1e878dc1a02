import Control
import HTTPTypes
import Hummingbird

/// Gives requests of a browser's session the token that the session stands for.
///
/// Stands before whatever judges tokens. A cookie comes along by itself, so a request that brings nothing else has to
/// be of the farm's own page: of the same origin, not only of this machine.
struct SessionMiddleware: RouterMiddleware {
    let sessions: SessionStore

    func handle(
        _ request: Request, context: ControlContext, next: (Request, ControlContext) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.authorization] == nil, let session = SessionCookie.session(in: request),
            let token = sessions.token(of: session)
        else { return try await next(request, context) }
        guard Self.isOwnPage(request) else {
            throw Problem(
                status: 403, code: .forbidden, detail: "only the farm's own page may ask with a session",
                field: "Origin")
        }
        var head = request.head
        head.headerFields[.authorization] = "Bearer \(token)"
        var context = context
        context.isStillLetIn = { [sessions] in sessions.token(of: session) != nil }
        return try await next(Request(head: head, body: request.body), context)
    }

    /// What only reads may lack an origin: browsers send none with pictures, videos and links. What such an answer says
    /// stays unreadable to other pages.
    static func isOwnPage(_ request: Request) -> Bool {
        if let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name],
            site != "same-origin", site != "none"
        {
            return false
        }
        guard let origin = request.headers[.origin] else { return request.method == .get || request.method == .head }
        guard let authority = request.head.authority else { return false }
        return origin == "http://\(authority)" || origin == "https://\(authority)"
    }
}
