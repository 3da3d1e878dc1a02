import AsyncHTTPClient
import Control
import FarmStandIn
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

@testable import ControlAPI

/// Goal: as a service it can be found, stays the owner's, and leaves nothing behind.
@Suite struct ServiceTests {
    @Test func theConnectionFileIsItsOwnersAndLeavesWithTheService() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await withServedFarm(in: folder) { served in
            let attributes = try FileManager.default.attributesOfItem(atPath: served.connectionFile)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let bytes = try #require(FileManager.default.contents(atPath: served.connectionFile))
            #expect(try JSONDecoder().decode(FarmConnection.self, from: bytes) == served.connection)
            #expect(served.connection.url.hasPrefix("http://127.0.0.1:"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }

    @Test func theFileOfALaterFarmStays() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await withServedFarm(in: folder) { served in
            try Data(#"{"url": "http://127.0.0.1:1", "token": "later"}"#.utf8)
                .write(to: folder.appending(path: "farm.json"))
        }
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "farm.json").path))
    }

    @Test func whoAsksForAnotherNameIsRefusedEvenWithTheToken() async throws {
        try await withServedFarm { served in
            for (host, status) in [("evil.example", 403), ("localhost", 200)] {
                var request = HTTPClientRequest(url: "\(served.connection.url)/v1/queue")
                request.headers.add(name: "Host", value: host)
                request.headers.add(name: "Authorization", value: "Bearer \(served.connection.token)")
                let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
                #expect(answer.status.code == status)
                _ = try await answer.body.collect(upTo: 1 << 20)
            }
        }
    }

    @Test func aPortThatIsTakenIsNamed() async throws {
        try await withServedFarm { served in
            let port = try #require(URL(string: served.connection.url)?.port)
            let api = try ControlAPI(
                FarmStandIn(),
                configuration: ControlConfiguration(connectionFile: served.connectionFile + "2", port: port),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            await #expect(throws: ControlAPIError.self) { try await api.run() }
            await #expect(throws: ControlAPIError.self) { try await api.connection() }
        }
    }

    @Test func aFileThatCannotBeWrittenEndsTheService() async throws {
        let api = try ControlAPI(
            FarmStandIn(), configuration: ControlConfiguration(connectionFile: "/nonexistent/farm.json"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let refusal = ControlAPIError.file(path: "/nonexistent/farm.json", reason: "No such file or directory")
        await #expect(throws: refusal) { try await api.run() }
        await #expect(throws: refusal) { try await api.connection() }
    }

    /// A stream of events has no end of its own, so that it would keep a service from ending.
    @Test func openStreamsEndWithTheService() async throws {
        var lines: HTTPClientResponse.Body.AsyncIterator?
        try await withServedFarm(keepAlive: .milliseconds(1)) { served in
            var request = HTTPClientRequest(url: "\(served.connection.url)/v1/events")
            request.headers.add(name: "Authorization", value: "Bearer \(served.connection.token)")
            lines = try await HTTPClient.shared.execute(request, timeout: .seconds(20)).body.makeAsyncIterator()
            // The greeting, and that it is still there though nothing happens.
            var seen = 0
            while seen < 6 { seen += try await lines?.next()?.readableBytes ?? 6 }
        }
        while try await lines?.next() != nil {}
    }
}
