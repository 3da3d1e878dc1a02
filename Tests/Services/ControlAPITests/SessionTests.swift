import Control
import FarmStandIn
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ControlAPI

/// Goal: a browser gets in by a token or a ticket, is kept apart from other pages, and is out when it is over.
@Suite struct SessionTests {
    /// A session's cookie as a browser sends it back.
    private func cookie(_ answer: TestResponse) throws -> String {
        let header = try #require(answer.headers[.setCookie])
        return String(header.prefix { $0 != ";" })
    }

    /// Asks as a browser: without a token, from the farm's own page.
    private func browse(
        _ asked: AskedFarm, _ method: HTTPRequest.Method, _ address: String, _ body: String? = nil,
        cookie: String?, origin: String? = "http://localhost", site: String? = nil
    ) async throws -> TestResponse {
        var headers = HTTPFields()
        headers[.cookie] = cookie
        headers[.origin] = origin
        if let site { headers[HTTPField.Name("Sec-Fetch-Site")!] = site }
        return try await asked.browse(method, address, body, headers: headers)
    }

    @Test func aTokenOpensASessionThatAsksLikeIt() async throws {
        try await AskedFarm.with { asked in
            let opened = try await asked.ask(.post, "/v1/session")
            #expect(opened.status == .noContent)
            let header = try #require(opened.headers[.setCookie])
            #expect(header.hasSuffix("; Path=/v1; Max-Age=43200; HttpOnly; SameSite=Strict"))
            let cookie = try cookie(opened)
            let report = try await browse(asked, .get, "/v1/session", cookie: cookie).form(SessionReport.self)
            #expect(report.role == "operator")
            await asked.farm.put(FarmStandIn.detail(1))
            #expect(try await browse(asked, .post, "/v1/stories/1/pause", cookie: cookie).status == .noContent)
            #expect(await asked.farm.commands.count == 1)
            // Pictures and videos come without an origin.
            let picture = try await browse(
                asked, .get, "/v1/stories/1/segments/1/preview", cookie: cookie, origin: nil)
            #expect(picture.status == .ok)
        }
    }

    @Test func withoutASessionNobodyIsLetIn() async throws {
        try await AskedFarm.with { asked async throws in
            for cookie in [nil, "storyfarm-session=", "storyfarm-session=0123", "other=\(asked.token)"] {
                #expect(try await browse(asked, .get, "/v1/session", cookie: cookie).status == .unauthorized)
                #expect(try await browse(asked, .get, "/v1/queue", cookie: cookie).status == .unauthorized)
            }
        }
    }

    /// A cookie comes along by itself, also where another page of this machine asks.
    @Test(arguments: [
        ("http://localhost:3000", nil), ("http://127.0.0.1", nil), (nil, nil), ("http://localhost", "same-site"),
        ("http://localhost", "cross-site"),
    ])
    func otherPagesOfThisMachineMayNotUseIt(origin: String?, site: String?) async throws {
        try await AskedFarm.with { asked in
            let cookie = try cookie(await asked.ask(.post, "/v1/session"))
            await asked.farm.put(FarmStandIn.detail(1))
            let answer = try await browse(
                asked, .post, "/v1/stories/1/cancel", cookie: cookie, origin: origin, site: site)
            #expect(try answer.problem().status == 403)
            #expect(await asked.farm.commands.isEmpty)
        }
    }

    @Test func aTicketLetsOneBrowserInOnce() async throws {
        try await AskedFarm.with { asked in
            let ticket = try await asked.ask(.post, "/v1/session/ticket").form(SessionTicket.self).ticket
            let body = #"{"ticket": "\#(ticket)"}"#
            let answer = try await browse(asked, .post, "/v1/session/redeem", body, cookie: nil)
            #expect(answer.status == .noContent)
            #expect(try await browse(asked, .get, "/v1/queue", cookie: cookie(answer)).status == .ok)
            let again = try await browse(asked, .post, "/v1/session/redeem", body, cookie: nil)
            #expect(try again.problem().status == 401)
            let made = try await browse(asked, .post, "/v1/session/redeem", #"{"ticket": "x"}"#, cookie: nil)
            #expect(try made.problem().field == "ticket")
        }
    }

    @Test func signingOutEndsIt() async throws {
        try await AskedFarm.with { asked in
            let cookie = try cookie(await asked.ask(.post, "/v1/session"))
            let answer = try await browse(asked, .delete, "/v1/session", cookie: cookie)
            #expect(answer.headers[.setCookie]?.contains("Max-Age=0") == true)
            #expect(try await browse(asked, .get, "/v1/queue", cookie: cookie).status == .unauthorized)
        }
    }

    @Test func sessionsAndTicketsEndByThemselvesAndAreBounded() {
        let store = SessionStore()
        let start = ContinuousClock.now
        let session = store.open(for: "t", at: start)
        #expect(store.token(of: session, at: start + SessionStore.sessionTime - .seconds(1)) == "t")
        #expect(store.token(of: session, at: start + SessionStore.sessionTime) == nil)
        let late = store.ticket(for: "t", at: start)
        #expect(store.redeem(late, at: start + SessionStore.ticketTime) == nil)
    }

    /// Method: one token opens as many as there may be, of tickets and of sessions.
    @Test func whoOpensManyLosesTheirOwn() {
        let store = SessionStore()
        let start = ContinuousClock.now
        let (ticket, session) = (store.ticket(for: "ann", at: start), store.open(for: "ann", at: start))
        let tickets = (0...SessionStore.ticketsMax).map { store.ticket(for: "bob", at: start + .milliseconds($0)) }
        let sessions = (0...SessionStore.sessionsMax).map { store.open(for: "bob", at: start + .milliseconds($0)) }
        let later = start + .seconds(2)
        #expect(sessions.count { store.token(of: $0, at: later) != nil } == SessionStore.sessionsMax - 1)
        #expect(sessions.last.flatMap { store.token(of: $0, at: later) } == "bob")
        #expect(store.token(of: session, at: later) == "ann")
        #expect(tickets.count { store.redeem($0, at: later) != nil } == SessionStore.ticketsMax - 1)
        #expect(store.redeem(ticket, at: later) == "ann")
    }

    @Test func farmsOnOneHostHaveCookiesOfTheirOwn() {
        #expect(SessionCookie.name(at: "127.0.0.1:8420") == "storyfarm-session-8420")
        #expect(SessionCookie.name(at: "[::1]:8421") == "storyfarm-session-8421")
        #expect(SessionCookie.name(at: "farm.example") == "storyfarm-session")
    }
}
