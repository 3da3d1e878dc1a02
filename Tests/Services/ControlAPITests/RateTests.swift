import Control
import FarmStandIn
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ControlAPI

/// Goal: who asks too often is told when to come back, and holds up nobody else.
@Suite(.timeLimit(.minutes(5))) struct RateTests {
    @Test func aBucketFillsWithTime() {
        var bucket = TokenBucket(perSecond: 2, atOnce: 3, now: 10)
        for _ in 0..<3 { #expect(bucket.take(now: 10) == nil) }
        #expect(bucket.take(now: 10) == 0.5)
        #expect(bucket.take(now: 10.25) == 0.25)
        #expect(bucket.take(now: 10.5) == nil)
        #expect(bucket.take(now: 10.5) == 0.5)
        #expect(!bucket.isFull(now: 11.9))
        #expect(bucket.isFull(now: 12))
        // Never more than it holds, and a clock that stands still gives nothing.
        for _ in 0..<3 { #expect(bucket.take(now: 1_000) == nil) }
        #expect(bucket.take(now: 1_000) != nil)
        #expect(bucket.take(now: 999) != nil)
    }

    @Test func aSubjectThatAsksTooOftenIsToldWhenToComeBack() async throws {
        try await AskedFarm.with {
            $0.requestsPerSecond = 1
        } _: { asked async throws in
            let (one, other) = (try asked.bearer("one", .viewer, subject: "ann"), try asked.bearer("bob", .viewer))
            let second = try asked.bearer("two", .viewer, subject: "ann")
            var refused: TestResponse?
            // Two at once; more tokens of the same subject are no way around that.
            for headers in [one, second, one, second, one] where refused == nil {
                let answer = try await asked.ask(.get, "/v1/queue", headers: headers)
                if answer.status == .tooManyRequests { refused = answer }
            }
            let answer = try #require(refused)
            #expect(answer.headers[.retryAfter] == "1")
            #expect(try answer.problem().limit == Problem.Limit(name: "requestsPerSecond", value: 1))
            #expect(try await asked.ask(.get, "/v1/queue", headers: other).status == .ok)
            for _ in 0..<5 { #expect(try await asked.ask(.get, "/v1/queue").status == .ok) }
        }
    }

    @Test func metricsAreAskedForAtTheSameRate() async throws {
        try await AskedFarm.with {
            $0.requestsPerSecond = 1
        } _: { asked async throws in
            let ann = try asked.bearer("ann", .viewer)
            var statuses: Set<Int> = []
            // On a machine that is busy a second may pass between two.
            while !statuses.contains(429) {
                _ = try await asked.ask(.get, "/v1/queue", headers: ann)
                statuses.insert(try await asked.ask(.get, "/metrics", headers: ann).status.code)
            }
            #expect(try await asked.ask(.get, "/metrics").status == .ok)
        }
    }

    @Test func aFullFarmSaysWhenToComeBack() async throws {
        try await AskedFarm.with { asked async throws in
            await asked.farm.refuse(.limit(name: "stories", value: 3, reason: "3 are allowed"))
            let answer = try await asked.ask(.post, "/v1/stories", #"{"script": "x"}"#, headers: AskedFarm.ann)
            #expect(answer.headers[.retryAfter] == "60")
            #expect(try answer.problem().limit?.name == "stories")
        }
    }
}
