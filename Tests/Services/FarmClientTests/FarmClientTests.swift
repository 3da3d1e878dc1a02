import Control
import FarmStandIn
import Foundation
import Testing

@testable import FarmClient

/// Goal: what is asked over HTTP is what the farm answers. Method: a stand-in that is really served, on a free port.
@Suite struct FarmClientTests {
    private func client(_ served: ServedFarm) throws -> FarmClient { try FarmClient(contentsOf: served.connectionFile) }

    @Test func storiesGoThereAndBack() async throws {
        try await withServedFarm { served in
            let client = try client(served)
            let submission = StorySubmission(
                script: "title: \"ä 😀 <b>\"", name: "corgi.yaml", overrides: ["sampling.seed=1"], token: "t",
                priority: 2,
                allowsSimulation: true)
            let receipt = try await client.submit(submission, by: "ann")
            #expect(receipt == StoryReceipt(id: 1, isNew: true, segments: 2))
            #expect(try await client.submit(submission, by: "ann").isNew == false)
            let taken = await served.farm.submissions
            #expect(taken.map(\.submission) == [submission])
            #expect(taken.map(\.submitter) == ["ann"])
            #expect(try await client.story(1) == served.farm.story(1))
            let list = try await client.stories(StoryPage(limit: 1, states: ["queued"], submitter: "ann"))
            #expect(list.stories.map(\.id) == [1])
            #expect(try await client.stories(StoryPage(submitter: "a&limit=1 b/ä?")).stories == [])
            #expect(await served.farm.pages.last?.submitter == "a&limit=1 b/ä?")
        }
    }

    @Test(arguments: [
        StoryCommand.pause, .resume, .retry, .cancel, .delete, .prioritize(-3),
        .revise(segment: 2, scene: "a <b>", action: nil, seed: .max),
    ])
    func commandsReachTheFarm(command: StoryCommand) async throws {
        try await withServedFarm { served in
            await served.farm.put(FarmStandIn.detail(5))
            try await client(served).command(command, on: 5)
            #expect(await served.farm.commands.map(\.command) == [command])
        }
    }

    @Test func theFarmItselfCanBeLookedAt() async throws {
        try await withServedFarm { served in
            let client = try client(served)
            await served.farm.put(FarmStandIn.detail(1))
            await served.farm.say(.story, story: 1, "rendering")
            #expect(try await client.queue() == served.farm.queue())
            #expect(try await client.workers() == served.farm.workers())
            #expect(try await client.log(of: 1) == served.farm.log(of: 1))
            #expect(try await client.preview(of: 1, segment: 2) == FarmStandIn.picture)
            try await client.drain(worker: FarmStandIn.worker)
            #expect(await served.farm.drained == [FarmStandIn.worker: true])
        }
    }

    @Test func nodesAreListedAndScaled() async throws {
        try await withServedFarm { served in
            let client = try client(served)
            #expect(try await client.nodes() == served.farm.nodes())
            try await client.scale(node: "node7", to: 3)
            try await client.scale(node: nil, to: 2)
            #expect(await served.farm.scaled == ["node7": 3, "": 2])
            await #expect(throws: FarmClientError.refused(.notFound(what: "such node"))) {
                try await client.scale(node: "../queue?x=", to: 3)
            }
        }
    }

    @Test(arguments: [
        ControlError.notFound(what: "story 12"), .invalid(field: "script", reason: "line 3: no scene"),
        .conflict(reason: "it is over"), .taken(field: "token", reason: "another story"),
        .limit(name: "storiesPerUser", value: 100, reason: "delete some"),
        .unavailable(reason: "the disk is full"),
    ])
    func refusalsKeepTheirType(error: ControlError) async throws {
        try await withServedFarm { served in
            await served.farm.refuse(error)
            let client = try client(served)
            await #expect(throws: FarmClientError.refused(error)) { try await client.story(12) }
        }
    }

    @Test func aForeignWorkersNameCannotLeaveItsPlaceInTheAddress() async throws {
        try await withServedFarm { served in
            let client = try client(served)
            await #expect(throws: FarmClientError.refused(.notFound(what: "such worker"))) {
                try await client.drain(worker: "../stories/1/cancel?x=")
            }
        }
    }

    // MARK: Not reached

    @Test func nobodyThereIsAnErrorOfItsOwn() async throws {
        // Port 1 is nobody's on loopback.
        let client = FarmClient(FarmConnection(url: "http://127.0.0.1:1", token: "x"))
        await #expect(throws: FarmClientError.notReached(reason: "http://127.0.0.1:1: Connection refused")) {
            try await client.queue()
        }
    }

    @Test func anotherTokenIsAsGoodAsNobody() async throws {
        try await withServedFarm { served in
            let client = FarmClient(FarmConnection(url: served.connection.url, token: "x"))
            await #expect {
                try await client.queue()
            } throws: { error in
                if case .notReached? = error as? FarmClientError { true } else { false }
            }
        }
    }

    @Test(arguments: ["", "{", "{\"url\": 1}", "[]"])
    func aFileThatIsNoneIsNamed(content: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(content.utf8).write(to: file)
        #expect(throws: FarmClientError.notReached(reason: "\(file.path) is no connection file")) {
            try FarmClient(contentsOf: file.path)
        }
    }

    @Test func aMissingFileSaysWhereItWasSought() {
        #expect {
            try FarmClient(contentsOf: "/nonexistent/farm.json")
        } throws: { error in
            "\(error)".contains("/nonexistent/farm.json is not there")
        }
    }
}
