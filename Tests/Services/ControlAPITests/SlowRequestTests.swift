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
        connections: Int = 100, requestTime: Duration = .milliseconds(200),
        _ body: (ServedFarm, _ open: () async throws -> Socket) async throws -> Void
    ) async throws {
        try await withServedFarm(
            in: nil,
            {
                $0.requestTime = requestTime
                $0.connections = connections
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

    @Test func aHeadThatDoesNotArriveEndsTheConnection() async throws {
        try await withSockets { _, open async throws in
            #expect(try await answer(open(), ["GET /v1/health HTTP/1.1\r\nHost: loc"]) == "")
            #expect(try await answer(open(), []) == "")
        }
    }

    @Test func aBodyThatDoesNotArriveIsRefused() async throws {
        try await withSockets { served, open async throws in
            // On a machine that is busy the time may be over before the request is on its way.
            var text = ""
            while text.isEmpty { text = try await answer(open(), [head(served, length: 1_000), "{\"script\":"]) }
            #expect(text.hasPrefix("HTTP/1.1 408 "))
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
        try await withSockets(requestTime: .seconds(20)) { _, open async throws in
            let long =
                "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n"
            #expect(try await answer(open(), [long]).hasPrefix("HTTP/1.1 400 "))
            let many = String(repeating: "X: y\r\n", count: 200)
            let text = try await answer(open(), ["GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\(many)\r\n"])
            #expect(text.hasPrefix("HTTP/1.1 400 "))
        }
    }

    /// Who comes when all places are taken waits until one is free, and is then answered.
    @Test func connectionsAreBounded() async throws {
        try await withSockets(connections: 2, requestTime: .milliseconds(500)) { _, open async throws in
            let ask = "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            let idle = (try await open(), try await open())
            async let first = answer(idle.0, [])
            async let second = answer(idle.1, [])
            #expect(try await answer(open(), [ask]).hasPrefix("HTTP/1.1 200 "))
            #expect(try await first.isEmpty)
            #expect(try await second.isEmpty)
        }
    }
}
