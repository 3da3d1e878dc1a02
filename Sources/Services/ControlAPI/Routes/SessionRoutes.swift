import Control
import HTTPTypes
import Hummingbird

/// How a browser gets in: a token or a ticket is exchanged for a cookie that scripts can't read.
struct SessionRoutes {
    let sessions: SessionStore

    /// Behind whatever judges tokens.
    func add(to group: RouterGroup<ControlContext>) {
        group.get("session") { _, context in
            let caller = context.caller
            return Response.json(
                SessionReport(subject: caller?.subject ?? "", role: (caller?.role ?? .viewer).rawValue))
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

extension SessionRoutes {
    static let endpoints = [
        Endpoint(
            .get, "session", .viewer, "Who asks, and what it may.",
            answers: [.json("SessionReport", "As the token says.")]),
        Endpoint(
            .post, "session", .viewer, "Exchanges the token for a cookie.", answers: [.done("Set-Cookie.")]),
        Endpoint(.delete, "session", .viewer, "Ends the browser's session.", answers: [.done("Set-Cookie.")]),
        Endpoint(
            .post, "session/ticket", .viewer, "A ticket that lets one browser in.",
            answers: [.json("SessionTicket", "Once and soon.", status: 201)]),
        Endpoint(
            .post, "session/redeem", nil, "Exchanges a ticket for a cookie.",
            body: Endpoint.Body(form: "SessionTicket"), answers: [.done("Set-Cookie.")], refusals: [401]),
    ]
}
