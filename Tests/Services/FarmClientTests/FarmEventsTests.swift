import Control
import FarmStandIn
import Foundation
import Testing

@testable import FarmClient

/// Goal: a listener misses nothing and survives lost connections and a coordinator that starts again.
@Suite struct FarmEventsTests {
    @Test func whatHappensAfterListeningBeganIsHeard() async throws {
        try await withServedFarm { served in
            await served.farm.say(.story, story: 1, "queued")
            let client = try FarmClient(contentsOf: served.connectionFile)
            var events = try await client.events().makeAsyncIterator()
            await served.farm.say(.step, story: 1, segment: 2, "", step: 3, steps: 8, seconds: 0.5)
            let news = try await events.next()
            #expect(news?.sequence == 2)
            #expect(news?.kind == .step)
            #expect(news?.seconds == 0.5)
        }
    }

    @Test func whatIsRememberedComesFirst() async throws {
        try await withServedFarm { served in
            for text in ["queued", "rendering", "finished"] { await served.farm.say(.story, story: 1, text) }
            let client = try FarmClient(contentsOf: served.connectionFile)
            var events = try await client.events(after: 1).makeAsyncIterator()
            #expect(try await events.next()?.text == "rendering")
            #expect(try await events.next()?.text == "finished")
        }
    }

    @Test func aLostConnectionLosesNoNews() async throws {
        try await withServedFarm { served in
            let client = try FarmClient(contentsOf: served.connectionFile)
            var events = try await client.events(pause: .zero).makeAsyncIterator()
            await served.farm.say(.story, story: 1, "queued")
            #expect(try await events.next()?.text == "queued")
            await served.farm.dropListeners()
            await served.farm.say(.story, story: 1, "said while nobody listened")
            #expect(try await events.next()?.text == "said while nobody listened")
        }
    }

    @Test func aCoordinatorThatStartsAgainIsFoundThroughItsFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var events: FarmEvents.Iterator?
        try await withServedFarm(in: folder) { served in
            let client = try FarmClient(contentsOf: served.connectionFile)
            events = try await client.events(pause: .zero).makeAsyncIterator()
            await served.farm.say(.story, story: 1, "before")
            #expect(try await events?.next()?.text == "before")
        }
        try await withServedFarm(in: folder) { served async throws in
            // The first sequence number of the new farm is the last of the old one.
            await served.farm.say(.story, story: 1, "unheard")
            await served.farm.say(.story, story: 1, "after")
            #expect(try await events?.next()?.text == "after")
        }
    }

    @Test func whoStaysAwayTooLongIsAnError() async throws {
        var events: FarmEvents.Iterator?
        try await withServedFarm { served in
            let client = try FarmClient(contentsOf: served.connectionFile)
            events = try await client.events(pause: .zero, patience: .zero).makeAsyncIterator()
        }
        await #expect {
            try await events?.next()
        } throws: { error in
            if case .notReached? = error as? FarmClientError { true } else { false }
        }
    }

    @Test func eventsAreReadFromPiecesOfAnySize() throws {
        let news = (1...3).map { number in
            FarmNews(sequence: number, time: 1, kind: .notice, text: "ä 😀 \(number)")
        }
        var text = ":\n\n"
        for one in news {
            text += "id: \(one.sequence)\r\nevent: notice\r\ndata: "
            text += String(decoding: try JSONEncoder().encode(one), as: UTF8.self) + "\r\n\r\n:\n\n"
        }
        text += "data: {\"unknown\": true}\n\nretry: 5\n\n"
        for size in [1, 2, 3, 7, 100, 10_000] {
            var reader = EventReader()
            var read: [FarmNews] = []
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                read += try reader.read(bytes[start..<min(start + size, bytes.count)])
            }
            #expect(read == news, "\(size)")
        }
    }

    @Test func aLineWithoutEndIsRefused() {
        var reader = EventReader()
        #expect(throws: FarmClientError.self) {
            for _ in 0..<3 { _ = try reader.read([UInt8](repeating: 0x61, count: EventReader.lineBytes / 2)) }
        }
    }
}
