import Control
import FarmStandIn
import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import ControlAPI

/// Goal: what another was just told is told again, and never once something was decided. Method: a route that counts.
@Suite(.timeLimit(.minutes(5))) struct RecentAnswersTests {
    private final class Count: Sendable {
        private let count = Atomic(0)

        func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
    }

    /// Gives the status and the body of an answer.
    private typealias Ask = (HTTPRequest.Method, String) async throws -> String

    private func withRoute(
        age: Duration = .seconds(3600),
        _ answer: @escaping @Sendable (Int) throws -> Response = { Response.json(["asked": $0]) },
        _ body: @Sendable (FarmStandIn, _ ask: Ask) async throws -> Void
    ) async throws {
        let (farm, count) = (FarmStandIn(), Count())
        let router = Router(context: ControlContext.self)
        router.add(middleware: RecentAnswers(farm, age: age))
        router.get("a") { _, _ in try answer(count.next()) }
        router.get("b") { _, _ in try answer(count.next()) }
        router.post("a") { _, _ in try answer(count.next()) }
        try await Application(router: router).test(.router) { client in
            try await body(farm) { method, address in
                let answer = try await client.execute(uri: address, method: method) { $0 }
                return "\(answer.status.code) \(String(buffer: answer.body))"
            }
        }
    }

    @Test func whatWasJustToldIsToldAgain() async throws {
        try await withRoute { farm, ask async throws in
            #expect(try await ask(.get, "/a?limit=1") == #"200 {"asked":1}"#)
            #expect(try await ask(.get, "/a?limit=1") == #"200 {"asked":1}"#)
            // How far a segment is comes along with the events.
            await farm.say(.step, story: 1, segment: 1, "step", step: 3)
            #expect(try await ask(.get, "/a?limit=1") == #"200 {"asked":1}"#)
            // Another address, another answer.
            #expect(try await ask(.get, "/a?limit=2") == #"200 {"asked":2}"#)
            #expect(try await ask(.get, "/b") == #"200 {"asked":3}"#)
        }
    }

    @Test func nothingIsToldAgainOnceSomethingWasDecided() async throws {
        try await withRoute { farm, ask async throws in
            #expect(try await ask(.get, "/a") == #"200 {"asked":1}"#)
            await farm.put(FarmStandIn.detail(1))
            #expect(try await ask(.get, "/a") == #"200 {"asked":2}"#)
            await farm.say(.segment, story: 1, segment: 1, "finished")
            #expect(try await ask(.get, "/a") == #"200 {"asked":3}"#)
            try await farm.command(.pause, on: 1)
            #expect(try await ask(.get, "/a") == #"200 {"asked":4}"#)
        }
    }

    @Test func anOldAnswerIsNotToldAgain() async throws {
        try await withRoute(age: .zero) { _, ask async throws in
            #expect(try await ask(.get, "/a") == #"200 {"asked":1}"#)
            #expect(try await ask(.get, "/a") == #"200 {"asked":2}"#)
        }
    }

    @Test func whatChangesSomethingIsDoneEachTime() async throws {
        try await withRoute { _, ask async throws in
            #expect(try await ask(.post, "/a") == #"200 {"asked":1}"#)
            #expect(try await ask(.post, "/a") == #"200 {"asked":2}"#)
            #expect(try await ask(.get, "/a") == #"200 {"asked":3}"#)
        }
    }

    @Test func refusalsAndLargeAnswersAreNotKept() async throws {
        let refusal: @Sendable (Int) -> Response = {
            Response(status: .badRequest, body: ResponseBody(byteBuffer: ByteBuffer(string: "\($0)")))
        }
        try await withRoute(refusal) { _, ask async throws in
            #expect(try await ask(.get, "/a") == "400 1")
            #expect(try await ask(.get, "/a") == "400 2")
        }
        try await withRoute({ Response.json(String(repeating: "\($0)", count: 300_000)) }) { _, ask async throws in
            #expect(try await ask(.get, "/a").hasPrefix("200 \"1"))
            #expect(try await ask(.get, "/a").hasPrefix("200 \"2"))
        }
    }

    /// However many addresses are made up, few are kept, and none is wrong.
    @Test func fewAnswersAreKept() async throws {
        try await withRoute { _, ask async throws in
            for number in 1...100 { #expect(try await ask(.get, "/a?\(number)") == #"200 {"asked":\#(number)}"#) }
            #expect(try await ask(.get, "/a?1") == #"200 {"asked":1}"#)
            #expect(try await ask(.get, "/a?100") == #"200 {"asked":101}"#)
        }
    }
}
