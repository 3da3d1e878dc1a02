import Control
import Foundation
import HTTPTypes
import Hummingbird

/// How a browser gets in: a token or a ticket is exchanged for a cookie that scripts can't read.
struct SessionRoutes {
    let sessions: SessionStore

    /// Behind whatever judges tokens.
    func add(to group: RouterGroup<ControlContext>) {
        group.get("session") { _, _ in
            // Whoever has the token file is the farm's owner.
            Response.json(SessionReport(subject: NSUserName(), role: "operator"))
        }
        group.post("session") { request, _ in
            guard let token = Self.token(of: request) else {
                throw Problem(status: 401, code: .unauthorized, detail: "a token is wanted", field: "Authorization")
            }
            return open(for: token, request)
        }
        group.post("session/ticket") { request, _ in
            guard let token = Self.token(of: request) else {
                throw Problem(status: 401, code: .unauthorized, detail: "a token is wanted", field: "Authorization")
            }
            return Response.json(SessionTicket(ticket: sessions.ticket(for: token)), status: .created)
        }
        group.delete("session") { request, _ in
            if let session = SessionCookie.session(in: request) { sessions.close(session) }
            return Self.answer(nil, request)
        }
    }

    /// In front of it: a ticket is what lets in.
    func addRedemption(to group: RouterGroup<ControlContext>) {
        group.post("session/redeem") { request, _ in
            guard let token = sessions.redeem(try await request.decoded(SessionTicket.self).ticket) else {
                throw Problem(
                    status: 401, code: .unauthorized, detail: "the link was used or is too old: ask for another one",
                    field: "ticket")
            }
            return open(for: token, request)
        }
    }

    private func open(for token: String, _ request: Request) -> Response {
        // A session follows another in the same browser.
        if let old = SessionCookie.session(in: request) { sessions.close(old) }
        return Self.answer(sessions.open(for: token), request)
    }

    private static func answer(_ session: String?, _ request: Request) -> Response {
        Response(
            status: .noContent,
            headers: [.setCookie: SessionCookie.header(session, for: request), .cacheControl: "no-store"])
    }

    private static func token(of request: Request) -> String? {
        request.headers[.authorization].flatMap { header in
            header.split(separator: " ", maxSplits: 1).last.map(String.init)
        }
    }
}
