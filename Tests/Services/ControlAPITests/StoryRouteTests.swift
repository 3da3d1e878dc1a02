import Control
import FarmStandIn
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ControlAPI

/// Goal: stories are handed in, looked at and commanded as the protocol says. Method: requests against the routes, with
/// a farm of memory behind them.
@Suite struct StoryRouteTests {
    @Test func aSubmissionIsTakenOnceUnderItsToken() async throws {
        try await AskedFarm.with { asked in
            let body = #"{"script": "segments: []", "name": "corgi.yaml", "token": "t1", "priority": 3}"#
            let first = try await asked.ask(.post, "/v1/stories", body, headers: AskedFarm.ann)
            #expect(first.status == .created)
            #expect(first.headers[.location] == "/v1/stories/1")
            #expect(try first.form(StoryReceipt.self) == StoryReceipt(id: 1, isNew: true, segments: 2))
            let again = try await asked.ask(.post, "/v1/stories", body, headers: AskedFarm.ann)
            #expect(again.status == .ok)
            #expect(try again.form(StoryReceipt.self).isNew == false)
            let taken = await asked.farm.submissions
            #expect(taken.count == 1)
            #expect(taken.first?.submitter == "ann")
            #expect(taken.first?.submission.priority == 3)
        }
    }

    @Test func theScriptAloneIsEnough() async throws {
        try await AskedFarm.with { asked in
            let answer = try await asked.ask(.post, "/v1/stories", #"{"script": "x"}"#, headers: AskedFarm.ann)
            #expect(answer.status == .created)
            let submission = await asked.farm.submissions.first?.submission
            #expect(submission == StorySubmission(script: "x", name: "story.yaml"))
        }
    }

    @Test func aListGoesByPages() async throws {
        try await AskedFarm.with { asked in
            for id in 1...5 { await asked.farm.put(FarmStandIn.detail(UInt64(id), submitter: id == 2 ? "bob" : "ann")) }
            let first = try await asked.ask(.get, "/v1/stories?limit=2").form(StoryList.self)
            #expect(first.stories.map(\.id) == [5, 4])
            #expect(first.next == 4)
            let last = try await asked.ask(.get, "/v1/stories?limit=4&before=4").form(StoryList.self)
            #expect(last.stories.map(\.id) == [3, 2, 1])
            #expect(last.next == nil)
            let bobs = try await asked.ask(.get, "/v1/stories?submitter=bob&state=queued,failed").form(StoryList.self)
            #expect(bobs.stories.map(\.id) == [2])
            #expect(await asked.farm.pages.last?.states == ["queued", "failed"])
            let corgis = try await asked.ask(.get, "/v1/stories?text=CORGI%27s%20d&limit=1").form(StoryList.self)
            #expect(corgis.stories.map(\.id) == [5])
            #expect(try await asked.ask(.get, "/v1/stories?text=50%25").form(StoryList.self).stories == [])
            let long = String(repeating: "x", count: ControlLimits.textBytes + 1)
            #expect(try await asked.ask(.get, "/v1/stories?text=\(long)").problem().field == "text")
        }
    }

    @Test(arguments: [("limit=0", "limit"), ("limit=501", "limit"), ("limit=+5", "limit"), ("before=-1", "before")])
    func aPageThatMakesNoSenseIsNamed(query: String, field: String) async throws {
        try await AskedFarm.with { asked in
            let problem = try await asked.ask(.get, "/v1/stories?\(query)").problem()
            #expect(problem.status == 400)
            #expect(problem.field == field)
        }
    }

    @Test func anUnknownStateIsNamedBesideTheKnownOnes() async throws {
        try await AskedFarm.with { asked in
            let problem = try await asked.ask(.get, "/v1/stories?state=finnished").problem()
            #expect(problem.field == "state")
            #expect(problem.detail.contains("queued, rendering"))
        }
    }

    @Test(arguments: [
        ("pause", nil, StoryCommand.pause), ("resume", nil, .resume), ("retry", nil, .retry), ("cancel", nil, .cancel),
        ("priority", #"{"priority": -2}"#, .prioritize(-2)),
        (
            "revise", #"{"segment": 2, "action": "it sleeps", "seed": 18446744073709551615}"#,
            .revise(segment: 2, scene: nil, action: "it sleeps", seed: .max)
        ),
    ])
    func commandsReachTheFarm(name: String, body: String?, command: StoryCommand) async throws {
        try await AskedFarm.with { asked async throws in
            await asked.farm.put(FarmStandIn.detail(7))
            #expect(try await asked.ask(.post, "/v1/stories/7/\(name)", body).status == .noContent)
            let given = await asked.farm.commands
            #expect(given.map(\.command) == [command])
            #expect(given.map(\.story) == [7])
        }
    }

    @Test func deletingIsAVerbOfHTTP() async throws {
        try await AskedFarm.with { asked async throws in
            await asked.farm.put(FarmStandIn.detail(7))
            #expect(try await asked.ask(.delete, "/v1/stories/7").status == .noContent)
            #expect(try await asked.ask(.get, "/v1/stories/7").status == .notFound)
        }
    }

    @Test func aPromptWithHTMLStaysTextInJSON() async throws {
        try await AskedFarm.with { asked in
            var detail = FarmStandIn.detail(1, title: "</script><script>alert(1)</script>")
            detail.segments[0].scene = "<img src=x onerror=alert(1)>"
            await asked.farm.put(detail)
            let answer = try await asked.ask(.get, "/v1/stories/1")
            #expect(try answer.form(StoryDetail.self) == detail)
            #expect(answer.headers[.contentType] == "application/json")
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test func aStorysLogIsItsNews() async throws {
        try await AskedFarm.with { asked in
            await asked.farm.put(FarmStandIn.detail(1))
            await asked.farm.say(.story, story: 1, "rendering")
            await asked.farm.say(.story, story: 2, "rendering")
            let log = try await asked.ask(.get, "/v1/stories/1/log").form(StoryLog.self)
            #expect(log.news.map(\.sequence) == [1])
        }
    }
}
