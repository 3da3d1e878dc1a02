import Control
import FarmStandIn
import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import ControlAPI

/// Goal: who sends slowly, or too much, loses the connection; nobody else notices. Method: bytes on a real socket,
/// with time-outs of a fraction of a second.
@Suite(.timeLimit(.minutes(5))) struct SlowRequestTests {
    private typealias Socket = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private func withSockets(
        connections: Int = 100, requestTime: Duration = .milliseconds(200), standstillTime: Duration = .seconds(120),
        _ body: (ServedFarm, _ open: () async throws -> Socket) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await withServedFarm(
            in: folder,
            {
                ($0.requestTime, $0.standstillTime) = (requestTime, standstillTime)
                $0.connections = connections
                $0.auditFile = folder.appending(path: "audit.log").path
            }
        ) { served in
            let port = try #require(URL(string: served.connection.url)?.port)
            try await body(served) {
                try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: port) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                        }
                    }
            }
        }
    }

    /// All that comes until the other side closes, which it may do while something is still on its way to it.
    private func answer(_ socket: Socket, _ parts: [String]) async throws -> String {
        try await socket.executeThenClose { inbound, outbound in
            var text = ""
            do {
                for part in parts { try await outbound.write(ByteBuffer(string: part)) }
                for try await bytes in inbound { text += String(buffer: bytes) }
            } catch  where error is IOError || error is ChannelError {}
            return text
        }
    }

    private func head(_ served: ServedFarm, length: Int) -> String {
        "POST /v1/stories HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(served.connection.token)\r\n"
            + "StoryFarm-User: ann\r\nContent-Type: application/json\r\nContent-Length: \(length)\r\n\r\n"
    }

    @Test func aHeadThatDoesNotArriveIsRefusedAndWrittenDown() async throws {
        try await withSockets { served, open async throws in
            // On a machine that is busy the connection may have idled for too long before anything comes.
            var text = ""
            while text.isEmpty { text = try await answer(open(), ["GET /v1/health HTTP/1.1\r\nHost: loc"]) }
            #expect(text.hasPrefix("HTTP/1.1 408 ") && text.contains("did not arrive whole in time"))
            #expect(try lastAudit(served).status == 408)
            let lines = try String(contentsOf: served.folder.appending(path: "audit.log"), encoding: .utf8)
            #expect(lines.split(separator: "\n").count == 1)
            // Who says nothing is told nothing.
            #expect(try await answer(open(), []) == "")
        }
    }

    /// Throws as long as there is no line; no expectation, since some ask until there is one.
    private func lastAudit(_ served: ServedFarm) throws -> AuditEntry {
        let log = try String(contentsOf: served.folder.appending(path: "audit.log"), encoding: .utf8)
        return try JSONDecoder().decode(AuditEntry.self, from: Data((log.split(separator: "\n").last ?? "").utf8))
    }

    @Test func aBodyThatDoesNotArriveIsRefused() async throws {
        try await withSockets { served, open async throws in
            // On a machine that is busy the time may be over before the head is there; and the line is written behind
            // the answer.
            var (text, entry) = ("", AuditEntry?.none)
            while text.isEmpty || entry?.method != "POST" {
                text = try await answer(open(), [head(served, length: 1_000), "{\"script\":"])
                entry = try? lastAudit(served)
            }
            #expect(text.hasPrefix("HTTP/1.1 408 "))
            #expect(entry?.status == 408 && entry?.path == "/v1/stories" && entry?.subject == "ann")
            #expect(await served.farm.submissions.isEmpty)
        }
    }

    /// Bytes that drip in do not put the end off.
    @Test func aBodyThatDripsIsRefused() async throws {
        try await withSockets { served, open async throws in
            let (socket, head) = (try await open(), head(served, length: 1_000_000))
            let text = try await socket.executeThenClose { inbound, outbound in
                try? await outbound.write(ByteBuffer(string: head))
                return await withTaskGroup(of: String?.self) { group in
                    group.addTask {
                        // Until the socket is closed, as fast as the other side reads single bytes.
                        do { while true { try await outbound.write(ByteBuffer(string: " ")) } } catch { return nil }
                    }
                    group.addTask {
                        var text = ""
                        do { for try await bytes in inbound { text += String(buffer: bytes) } } catch {}
                        return text
                    }
                    for await case let text? in group {
                        group.cancelAll()
                        return text
                    }
                    return ""
                }
            }
            #expect(text.hasPrefix("HTTP/1.1 408 ") || text.isEmpty)
            #expect(await served.farm.submissions.isEmpty)
        }
    }

    @Test func headsAreBounded() async throws {
        try await withSockets(requestTime: .seconds(20)) { served, open async throws in
            let long =
                "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n"
            let first = try await answer(open(), [long])
            #expect(first.hasPrefix("HTTP/1.1 431 ") && first.contains("the head is too large"))
            #expect(try lastAudit(served).status == 431)
            let many = String(repeating: "X: y\r\n", count: 200)
            let text = try await answer(open(), ["GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\(many)\r\n"])
            #expect(text.hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test func whatIsNoRequestIsRefused() async throws {
        try await withSockets(requestTime: .seconds(20)) { served, open async throws in
            let text = try await answer(open(), ["\u{1}\u{2} hello\r\n\r\n"])
            #expect(text.hasPrefix("HTTP/1.1 400 ") && text.contains(Problem.mediaType))
            #expect(try lastAudit(served).status == 400)
        }
    }

    /// Whole requests, many at once, and none of the answers is ever read: the place is free again.
    @Test func whoTakesNothingLosesTheConnection() async throws {
        try await withSockets(connections: 1, requestTime: .seconds(60), standstillTime: .milliseconds(200)) {
            served, open async throws in
            let stuck = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(ChannelOptions.autoRead, value: false)
                .channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: 4_096)
                .connect(host: "127.0.0.1", port: #require(URL(string: served.connection.url)?.port)).get()
            let ask = "GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
            stuck.writeAndFlush(ByteBuffer(string: String(repeating: ask, count: 2_000)), promise: nil)
            while (try? lastAudit(served))?.status != 408 { await Task.yield() }
            #expect(try lastAudit(served).detail == "nothing of an answer was taken in time")
            let last = "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            #expect(try await answer(open(), [last]).hasPrefix("HTTP/1.1 200 "))
            // It may know of its end already.
            try? await stuck.close()
        }
    }

    /// Who comes when all places are taken waits until one is free, and is then answered.
    @Test func connectionsAreBounded() async throws {
        try await withSockets(connections: 2, requestTime: .milliseconds(500)) { _, open async throws in
            let ask = "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            let idle = (try await open(), try await open())
            async let first = answer(idle.0, [])
            async let second = answer(idle.1, [])
            // On a machine that is busy its own time may be over, too.
            var text = ""
            while !text.hasPrefix("HTTP/1.1 200 ") { text = try await answer(open(), [ask]) }
            #expect(try await first.isEmpty)
            #expect(try await second.isEmpty)
        }
    }
}
