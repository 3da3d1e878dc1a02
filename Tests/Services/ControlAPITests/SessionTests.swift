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
        let first = store.ticket(for: "first", at: start)
        for number in 1...SessionStore.ticketsMax {
            _ = store.ticket(for: "t", at: start + .milliseconds(number))
        }
        #expect(store.redeem(first, at: start + .seconds(1)) == nil)
    }

    @Test func farmsOnOneHostHaveCookiesOfTheirOwn() {
        #expect(SessionCookie.name(at: "127.0.0.1:8420") == "storyfarm-session-8420")
        #expect(SessionCookie.name(at: "[::1]:8421") == "storyfarm-session-8421")
        #expect(SessionCookie.name(at: "farm.example") == "storyfarm-session")
    }
}
