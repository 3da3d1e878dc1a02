import Control
import FarmStandIn
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ControlAPI

/// Goal: what is wrong is refused before the farm hears of it, and says what is wrong. Method: bad input of each kind.
@Suite struct RefusalTests {
    @Test(arguments: [
        "", "Bearer", "Bearer ", "Bearer 0123", "Basic abc", "Bearer \(String(repeating: "0", count: 64))",
    ])
    func onlyTheTokenLetsIn(header: String) async throws {
        try await AskedFarm.with { asked in
            for address in ["/v1/stories", "/v1/queue", "/v1/events", "/v1/stories/1/video"] {
                let answer = try await asked.ask(.get, address, headers: [.authorization: header])
                #expect(answer.status == .unauthorized, "\(address)")
                #expect(answer.headers[.wwwAuthenticate] == "Bearer")
                #expect(try answer.problem().code == "unauthorized")
            }
            #expect(try await asked.ask(.get, "/v1/health", headers: [.authorization: header]).status == .ok)
        }
    }

    @Test func everyStartHasATokenOfItsOwn() {
        let (one, other) = (AccessToken(), AccessToken())
        #expect(one.text != other.text)
        #expect(one.text.utf8.count == 64)
        #expect(one.matches(one.text))
        #expect(!one.matches(other.text))
        #expect(!one.matches(one.text.dropLast()))
    }

    @Test(arguments: ["http://evil.example", "null", "http://127.0.0.1.evil.example", "file://localhost", "localhost"])
    func foreignPagesMayNotAsk(origin: String) async throws {
        try await AskedFarm.with { asked in
            let problem = try await asked.ask(.get, "/v1/queue", headers: [.origin: origin]).problem()
            #expect(problem.status == 403)
            #expect(problem.field == "Origin")
        }
    }

    @Test func loopbackHasThreeNames() async throws {
        for name in ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.0.0.1:80", "localhost:65535", "[::1]:8420"] {
            #expect(AllowedHosts.loopback.allow(authority: name), "\(name)")
        }
        let foreign = [
            "", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "localhost:", "localhost:80:80",
            "localhost:8x", "127.0.0.10", "evil@localhost", "::1", "0.0.0.0", "localhost:123456",
        ]
        for name in foreign { #expect(!AllowedHosts.loopback.allow(authority: name), "\(name)") }
        try await AskedFarm.with { asked async throws in
            #expect(try await asked.ask(.get, "/v1/queue", headers: [.origin: "http://localhost:3000"]).status == .ok)
        }
    }

    @Test(arguments: [
        ("..%2f..%2fetc%2fpasswd", 404), ("%2e%2e", 404), ("-1", 404), ("+1", 404), ("0x1", 404), ("1%00", 404),
        ("99999999999999999999999", 404), ("abc", 404), ("12", 404),
    ])
    func whatNamesNoStoryIsNotFound(id: String, status: Int) async throws {
        try await AskedFarm.with { asked in
            for address in ["/v1/stories/\(id)", "/v1/stories/\(id)/video", "/v1/stories/\(id)/segments/1/preview"] {
                #expect(try await asked.ask(.get, address).problem().status == status, "\(address)")
            }
            let answer = try await asked.ask(.post, "/v1/workers/\(id)/drain")
            #expect(try answer.problem().status == 404)
        }
    }

    @Test(arguments: [
        (#"{"name": "x"}"#, "script", "it is missing"), (#"{"script": 5}"#, "script", "a text is expected"),
        (#"{"script": null}"#, "script", "a text is expected"),
        (#"{"script": "x", "priority": "high"}"#, "priority", "a whole number is expected"),
        (#"{"script": "x", "overrides": ["a=1", 2]}"#, "overrides.1", "a text is expected"),
        (#"{"script": "x", "allowsSimulation": 1}"#, "allowsSimulation", "true or false is expected"),
    ])
    func aWrongTypeIsNamed(body: String, field: String, detail: String) async throws {
        try await AskedFarm.with { asked in
            let problem = try await asked.ask(.post, "/v1/stories", body, headers: AskedFarm.ann).problem()
            #expect(problem.status == 400)
            #expect(problem.field == field)
            #expect(problem.detail == detail)
            #expect(await asked.farm.submissions.isEmpty)
        }
    }

    @Test(arguments: ["1.5", "1e400", "99999999999999999999"])
    func aNumberThatIsNoWholeOneIsSaid(number: String) async throws {
        try await AskedFarm.with { asked in
            let body = #"{"script": "x", "priority": \#(number)}"#
            let problem = try await asked.ask(.post, "/v1/stories", body, headers: AskedFarm.ann).problem()
            #expect(problem.status == 400)
            #expect(problem.field == "priority" || problem.detail.contains("a number in it does not fit"))
        }
    }

    @Test(arguments: ["", "{", "[]", "\u{0}", "{\"script\": \"x\"", String(repeating: "[", count: 10_000)])
    func whatIsNoObjectIsRefused(body: String) async throws {
        try await AskedFarm.with { asked in
            let answer = try await asked.ask(.post, "/v1/stories", body, headers: AskedFarm.ann)
            #expect(try answer.problem().status == 400)
        }
    }

    @Test func aBodyThatIsTooLargeNamesTheLimit() async throws {
        try await AskedFarm.with { asked in
            await asked.farm.put(FarmStandIn.detail(1))
            let large = String(repeating: " ", count: ControlLimits.bodyBytes + 1)
            let problem = try await asked.ask(.post, "/v1/stories/1/priority", large).problem()
            #expect(problem.status == 413)
            #expect(problem.limit == Problem.Limit(name: "bodyBytes", value: ControlLimits.bodyBytes))
        }
    }

    @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
    func onlyJSONIsRead(type: String) async throws {
        try await AskedFarm.with { asked in
            let answer = try await asked.ask(.post, "/v1/stories", #"{"script": "x"}"#, headers: [.contentType: type])
            // Who submits is asked for first.
            #expect(try answer.problem().field == FarmConnection.userHeader)
            let named = try await asked.ask(
                .post, "/v1/stories", #"{"script": "x"}"#,
                headers: [.contentType: type, HTTPField.Name(FarmConnection.userHeader)!: "ann"])
            #expect(try named.problem().status == 415)
        }
    }

    @Test func whatStandsAroundAScriptIsBounded() async throws {
        try await AskedFarm.with { asked in
            let many = Array(repeating: "\"\"", count: 1_001).joined(separator: ",")
            let bodies = [
                ("name", #"{"script": "x", "name": "\#(String(repeating: "n", count: 1_025))"}"#),
                ("token", #"{"script": "x", "token": "\#(String(repeating: "t", count: 129))"}"#),
                ("overrides", #"{"script": "x", "overrides": [\#(many)]}"#),
            ]
            for (field, body) in bodies {
                let problem = try await asked.ask(.post, "/v1/stories", body, headers: AskedFarm.ann).problem()
                #expect(problem.field == field)
            }
            let user = HTTPField.Name(FarmConnection.userHeader)!
            for name in [String(repeating: "u", count: 65), "ann bob", "ä"] {
                let answer = try await asked.ask(.post, "/v1/stories", #"{"script": "x"}"#, headers: [user: name])
                #expect(try answer.problem().field == FarmConnection.userHeader)
            }
        }
    }

    @Test(arguments: [
        (ControlError.notFound(what: "story 12"), 404), (.invalid(field: "segments.2", reason: "too long"), 400),
        (.conflict(reason: "it is over"), 409), (.taken(field: "token", reason: "another story"), 409),
        (.limit(name: "storiesPerUser", value: 100, reason: "delete some"), 429),
        (.unavailable(reason: "the disk is full"), 503),
    ])
    func theFarmsRefusalsComeThrough(error: ControlError, status: Int) async throws {
        try await AskedFarm.with { asked in
            await asked.farm.refuse(error)
            let problem = try await asked.ask(.get, "/v1/stories/12").problem()
            #expect(problem.status == status)
            #expect(problem.controlError == error)
        }
    }

    @Test func anUnknownAddressIsAProblemToo() async throws {
        try await AskedFarm.with { asked async throws in
            #expect(try await asked.ask(.get, "/v1/nowhere").problem().status == 404)
            #expect(try await asked.ask(.get, "/page/nowhere.js").problem().status == 404)
            #expect(try await asked.ask(.get, "/v1/stories/1/segments").problem().status == 404)
        }
    }

    @Test func aKnownAddressSaysWhatIsDoneThere() async throws {
        try await AskedFarm.with { asked async throws in
            let put = try await asked.ask(.put, "/v1/queue")
            #expect(try put.problem().status == 405)
            #expect(put.headers[.allow] == "GET, HEAD")
            #expect(try await asked.ask(.patch, "/v1/stories/1").headers[.allow] == "GET, HEAD, DELETE")
        }
    }
}
