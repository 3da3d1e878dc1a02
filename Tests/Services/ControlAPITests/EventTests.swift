import AsyncHTTPClient
import Control
import FarmStandIn
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import Testing

@testable import ControlAPI

/// Goal: however many listen and however slow, what they are told is right and costs little.
@Suite(.timeLimit(.minutes(5))) struct EventTests {
    private func step(_ number: UInt64, segment: Int = 1, _ kind: FarmNews.Kind = .step) -> FarmNews {
        FarmNews(sequence: number, time: 1, kind: kind, story: 1, segment: segment, text: "", step: Int(number))
    }

    @Test func stepsThatLaterOnesMakeOldAreLeftOut() {
        let news = [
            step(1), step(2, segment: 2), step(3, .preview), step(4), step(5, .segment), step(6), step(7, .preview),
            step(8, .segment), step(9, segment: 2), step(10, .notice),
        ]
        #expect(EventBatch.condensed(news).map(\.sequence) == [5, 6, 7, 8, 9, 10])
        #expect(EventBatch.condensed([step(1), step(2, segment: 2)]).count == 2)
    }

    @Test func oneThatIsEquallyFarGetsTheSameBytes() {
        let board = NewsBoard()
        let batches = EventBatches(board)
        let place = board.place(after: nil)
        for number in 1...3 { board.publish(.notice, at: 1, "\(number)") }
        func address(_ batch: EventBatch) -> UnsafeRawPointer? {
            batch.bytes.withUnsafeReadableBytes { $0.baseAddress.map(UnsafeRawPointer.init) }
        }
        let (one, other) = (batches.batch(from: place), batches.batch(from: place))
        #expect(address(one) == address(other))
        #expect(String(buffer: one.bytes).hasPrefix("id: 1\nevent: notice\ndata: {"))
        #expect(one.place == board.end)
        // What comes later belongs to both.
        board.publish(.notice, at: 1, "4")
        #expect(String(buffer: batches.batch(from: place).bytes).contains("id: 4\n"))
        #expect(batches.batch(from: board.end).bytes == EventLine.comment)
    }

    @Test func aLongAbsenceIsMadeUpForInPieces() {
        let board = NewsBoard()
        let count = UInt64(EventBatch.newsMax + 10)
        for _ in 0..<count { board.publish(.notice, at: 1, "") }
        let batches = EventBatches(board)
        let first = batches.batch(from: board.place(after: 0))
        #expect(first.place.last == UInt64(EventBatch.newsMax))
        #expect(batches.batch(from: first.place).place.last == count)
    }

    /// Goal: a hundred listeners hear all news that count, in order, and those of steps at least at their ends.
    @Test func manyListenersHearTheSame() async throws {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100
        let client = HTTPClient(configuration: configuration)
        do {
            try await withServedFarm { served in try await listen(to: served, by: client, 100) }
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    private func listen(to served: ServedFarm, by client: HTTPClient, _ count: Int) async throws {
        try await withThrowingTaskGroup(of: [FarmNews].self) { group in
            for _ in 0..<count { group.addTask { try await heard(served, by: client, after: 0, until: "finished") } }
            while await served.farm.listenerCount < count { await Task.yield() }
            await served.farm.say(.story, story: 1, "rendering")
            for number in 1...64 { await served.farm.say(.step, story: 1, segment: 1, "", step: number) }
            await served.farm.say(.story, story: 1, "finished")
            for try await news in group {
                #expect(news.filter { $0.kind == .story }.map(\.text) == ["rendering", "finished"])
                let steps = news.compactMap(\.step)
                #expect(steps.last == 64)
                #expect(steps == steps.sorted())
            }
        }
    }

    @Test func aListenerThatTakesNothingIsDropped() async {
        let board = NewsBoard()
        let rounds = EventRounds(board, keepAlive: .milliseconds(10), patience: .milliseconds(20))
        async let _: Void = rounds.run()
        let (drops, drop) = AsyncStream.makeStream(of: Void.self)
        // It never asks for its next turn, as one whose socket is full.
        let listener = rounds.join { drop.finish() }
        for await _ in drops {}
        rounds.leave(listener)
    }

    @Test func whoIsDismissedHasNoTurnAnyMore() async {
        let board = NewsBoard()
        let rounds = EventRounds(board, keepAlive: .seconds(15))
        let (early, late) = (rounds.join {}, rounds.join {})
        rounds.dismiss(early)
        #expect(await rounds.next(for: early, from: board.end)?.place == nil)
        async let batch = rounds.next(for: late, from: board.end)
        rounds.dismiss(late)
        #expect(await batch?.place == nil)
        // A service that has ended keeps nobody waiting.
        let running = Task { await rounds.run() }
        running.cancel()
        await running.value
        let last = rounds.join {}
        #expect(await rounds.next(for: last, from: board.end)?.place == nil)
    }

    @Test func whoComesBackMissesNothingThatCounts() async throws {
        try await withServedFarm { served in
            for text in ["queued", "rendering"] { await served.farm.say(.story, story: 1, text) }
            let first = try await heard(served, after: 0, until: "rendering")
            await served.farm.say(.story, story: 1, "assembling")
            await served.farm.say(.story, story: 1, "finished")
            let second = try await heard(served, after: first.last?.sequence, until: "finished")
            #expect(second.map(\.text) == ["assembling", "finished"])
        }
    }

    /// Method: one who hears nothing else than that the stream is still there.
    @Test func aTokenThatIsRevokedEndsItsStream() async throws {
        try await AskedFarm.with {
            $0.keepAlive = .milliseconds(10)
        } _: { asked async throws in
            let ann = try asked.bearer("ann", .viewer)
            async let answer = asked.ask(.get, "/v1/events", headers: ann)
            while await asked.farm.listenerCount == 0 { await Task.yield() }
            try asked.revoke("ann")
            #expect(try await answer.status == .ok)
            #expect(try await asked.ask(.get, "/v1/events", headers: ann).status == .unauthorized)
        }
    }

    @Test func whoHasManyStreamsOpenIsRefusedAnother() async throws {
        try await AskedFarm.with {
            ($0.eventStreams, $0.keepAlive, $0.requestsPerSecond) = (1, .milliseconds(10), 1_000_000)
        } _: { asked async throws in
            let (ann, again) = (try asked.bearer("ann", .viewer), try asked.bearer("again", .viewer, subject: "ann"))
            let bob = try asked.bearer("bob", .viewer)
            async let first = asked.ask(.get, "/v1/events", headers: ann)
            while await asked.farm.listenerCount < 1 { await Task.yield() }
            let refused = try await asked.ask(.get, "/v1/events", headers: again)
            #expect(refused.status == .tooManyRequests)
            #expect(try refused.problem().limit == Problem.Limit(name: "eventStreams", value: 1))
            // Another subject has its own, and the farm's own user any number.
            async let other = asked.ask(.get, "/v1/events", headers: bob)
            var browsers: [HTTPFields] = []
            for _ in 0..<2 { browsers.append(try await browser(asked)) }
            let (one, two) = (browsers[0], browsers[1])
            async let own = asked.browse(.get, "/v1/events", headers: one)
            async let second = asked.browse(.get, "/v1/events", headers: two)
            while await asked.farm.listenerCount < 4 { await Task.yield() }
            for browser in browsers { _ = try await asked.browse(.delete, "/v1/session", headers: browser) }
            for name in ["ann", "bob"] { try asked.revoke(name) }
            #expect(try await [first, other, own, second].map(\.status) == [.ok, .ok, .ok, .ok])
            // One that has ended makes room.
            async let last = streamOnceLetIn(asked, again)
            while await asked.farm.listenerCount < 5 { await Task.yield() }
            try asked.revoke("again")
            #expect(try await last.status == .ok)
        }
    }

    /// Headers of a browser that the farm's own user let in.
    private func browser(_ asked: AskedFarm) async throws -> HTTPFields {
        let opened = try await asked.ask(.post, "/v1/session")
        let cookie = try #require(opened.headers[.setCookie]).prefix { $0 != ";" }
        return [.cookie: String(cookie), .origin: "http://localhost"]
    }

    private func streamOnceLetIn(_ asked: AskedFarm, _ headers: HTTPFields) async throws -> TestResponse {
        while true {
            let answer = try await asked.ask(.get, "/v1/events", headers: headers)
            if answer.status != .tooManyRequests { return answer }
        }
    }

    /// Method: the next news would be written at once.
    @Test func aSessionThatIsClosedEndsItsStream() async throws {
        try await AskedFarm.with { asked async throws in
            let browser = try await browser(asked)
            async let answer = asked.browse(.get, "/v1/events", headers: browser)
            while await asked.farm.listenerCount == 0 { await Task.yield() }
            #expect(try await asked.browse(.delete, "/v1/session", headers: browser).status == .noContent)
            await asked.farm.say(.story, story: 1, "secret")
            let text = try await answer.text
            #expect(!text.contains("secret"))
        }
    }

    private func heard(
        _ served: ServedFarm, by client: HTTPClient = .shared, after: UInt64?, until text: String
    ) async throws -> [FarmNews] {
        let address = "\(served.connection.url)/v1/events" + (after.map { "?after=\($0)" } ?? "")
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "Authorization", value: "Bearer \(served.connection.token)")
        var lines = ""
        for try await piece in try await client.execute(request, timeout: .seconds(60)).body {
            lines += String(buffer: piece)
            if lines.contains("\"text\":\"\(text)\""), lines.hasSuffix("\n\n") { break }
        }
        return try lines.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map {
            try JSONDecoder().decode(FarmNews.self, from: Data($0.dropFirst(6).utf8))
        }
    }
}
