import Control
import FarmStandIn
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import ControlAPI

/// Goal: the farm as a whole can be looked at, and its news followed.
@Suite struct FarmRouteTests {
    @Test func queueAndWorkersAreTheFarmsOwnForms() async throws {
        try await AskedFarm.with { asked in
            let queue = try await asked.ask(.get, "/v1/queue").form(QueueReport.self)
            #expect(queue.backlogSeconds == 90)
            let workers = try await asked.ask(.get, "/v1/workers").form(WorkerList.self)
            #expect(workers.workers.map(\.node) == ["node7"])
        }
    }

    @Test func aWorkerIsDrainedWithoutABodyAndTakenBackWithOne() async throws {
        try await AskedFarm.with { asked async throws in
            let address = "/v1/workers/\(FarmStandIn.worker)/drain"
            #expect(try await asked.ask(.post, address).status == .noContent)
            #expect(await asked.farm.drained == [FarmStandIn.worker: true])
            #expect(try await asked.ask(.post, address, #"{"isDraining": false}"#).status == .noContent)
            #expect(await asked.farm.drained == [FarmStandIn.worker: false])
        }
    }

    @Test func nodesAreListedAndScaled() async throws {
        try await AskedFarm.with { asked async throws in
            let nodes = try await asked.ask(.get, "/v1/nodes").form(NodeList.self)
            #expect(nodes.nodes == (await asked.farm.nodes()))
            #expect(try await asked.ask(.put, "/v1/nodes/node7", #"{"workers": 3}"#).status == .noContent)
            #expect(try await asked.ask(.put, "/v1/nodes", #"{"workers": 1}"#).status == .noContent)
            #expect(await asked.farm.scaled == ["node7": 3, "": 1])
        }
    }

    @Test func whatIsNoNodeAndWhatIsNoNumberIsRefused() async throws {
        try await AskedFarm.with { asked async throws in
            for name in ["node9", "..%2Fworkers", "%3Cb%3E", String(repeating: "x", count: 201)] {
                let answer = try await asked.ask(.put, "/v1/nodes/\(name)", #"{"workers": 3}"#)
                #expect(try answer.problem().code == "notFound", "\(name)")
            }
            for body in ["{}", #"{"workers": "x"}"#, #"{"workers": 1.5}"#, "3"] {
                for address in ["/v1/nodes/node7", "/v1/nodes"] {
                    #expect(try await asked.ask(.put, address, body).problem().status == 400, "\(body)")
                }
            }
            #expect(await asked.farm.scaled == [:])
        }
    }

    @Test(arguments: [("Last-Event-ID", "/v1/events?after=0"), (nil, "/v1/events?after=1")])
    func newsAreReplayedBehindANumber(header: String?, address: String) async throws {
        try await AskedFarm.with { asked in
            for text in ["rendering", "assembling", "finished"] { await asked.farm.say(.story, story: 1, text) }
            async let answer = asked.ask(
                .get, address, headers: header.map { [HTTPField.Name($0)!: "1"] } ?? [:])
            // A stream ends when the farm ends it; the news before that are there.
            while await asked.farm.listenerCount == 0 { await Task.yield() }
            await asked.farm.dropListeners()
            let text = try await answer.text
            #expect(try await answer.headers[.contentType] == "text/event-stream")
            #expect(text.hasPrefix(":\n\nid: 2\nevent: story\ndata: {"))
            #expect(text.contains(#""text":"finished""#))
            #expect(!text.contains("rendering"))
        }
    }

    @Test func aNumberThatIsNoneIsRefused() async throws {
        try await AskedFarm.with { asked async throws in
            #expect(try await asked.ask(.get, "/v1/events?after=x").problem().field == "after")
            let header: HTTPFields = [HTTPField.Name("Last-Event-ID")!: "-1"]
            #expect(try await asked.ask(.get, "/v1/events", headers: header).problem().field == "Last-Event-ID")
        }
    }

    @Test func newsWithLineBreaksStayOneEvent() {
        let news = FarmNews(sequence: 1, time: 0, kind: .notice, text: "a\n\ndata: b\r\n")
        let lines = String(buffer: EventLine.event(news)).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 5)
    }
}
