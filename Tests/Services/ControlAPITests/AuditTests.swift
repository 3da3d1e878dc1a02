import Control
import FarmStandIn
import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import Testing

@testable import ControlAPI

/// Goal: what was done, and what was refused, can be read later, with who did it.
@Suite struct AuditTests {
    @Test func whatChangesSomethingIsWrittenDownWithWhoDidIt() async throws {
        try await AskedFarm.with { asked async throws in
            await asked.farm.put(FarmStandIn.detail(1, submitter: "ann"))
            let ann = try asked.bearer("laptop", .submitter, subject: "ann")
            _ = try await asked.ask(.post, "/v1/stories/1/pause", headers: ann)
            _ = try await asked.ask(.get, "/v1/stories/1", headers: ann)
            _ = try await asked.ask(.post, "/v1/stories/1/priority", #"{"priority": 1}"#, headers: ann)
            let lines = try asked.audit
            #expect(lines.map(\.path) == ["/v1/stories/1/pause", "/v1/stories/1/priority"])
            #expect(lines.map(\.status) == [204, 403])
            #expect(lines.map(\.subject) == ["ann", "ann"])
            #expect(lines.map(\.role) == ["submitter", "submitter"])
            #expect(lines.map(\.code) == [nil, "forbidden"])
        }
    }

    @Test func whatTheAddressDoesNotSayIsWrittenDownToo() async throws {
        try await AskedFarm.with { asked async throws in
            await asked.farm.put(FarmStandIn.detail(1))
            _ = try await asked.ask(.put, "/v1/nodes", #"{"workers": 0}"#)
            _ = try await asked.ask(.post, "/v1/stories/1/priority", #"{"priority": 3}"#)
            _ = try await asked.ask(.post, "/v1/stories/1/pause")
            let wishes = try asked.audit.map(\.wish)
            #expect(wishes == ["workers 0", "priority 3", nil])
        }
    }

    @Test func refusalsAreWrittenDownWithTheirReason() async throws {
        try await AskedFarm.with { asked async throws in
            await asked.farm.put(FarmStandIn.detail(1))
            _ = try await asked.ask(.get, "/v1/queue", headers: [.authorization: "Bearer nonsense"])
            _ = try await asked.ask(.get, "/v1/queue", headers: [.origin: "http://evil.example"])
            _ = try await asked.ask(.get, "/v1/stories/..%2f..%2fetc%2fpasswd")
            let large = String(repeating: " ", count: ControlLimits.bodyBytes + 1)
            _ = try await asked.ask(.post, "/v1/stories/1/priority", large)
            _ = try await asked.ask(.post, "/v1/stories/1/priority", "x", headers: [.contentType: "text/html"])
            let lines = try asked.audit
            #expect(lines.map(\.status) == [401, 403, 404, 413, 415])
            #expect(lines.map(\.field) == ["Authorization", "Origin", nil, nil, "Content-Type"])
            #expect(lines.prefix(2).map(\.subject) == [nil, nil])
            #expect(lines[2].path == "/v1/stories/..%2f..%2fetc%2fpasswd")
        }
    }

    @Test(arguments: [
        ("GET", "/v1/queue", 200, false), ("GET", "/v1/stories/7", 404, false), ("HEAD", "/v1/stories/7", 404, false),
        ("GET", "/v1/stories/../x", 404, true), ("GET", "/v1/stories/1%00", 404, true), ("GET", "/v1/x", 401, true),
        ("GET", "/v1/stories", 429, true), ("DELETE", "/v1/stories/1", 204, true), ("POST", "/v1/x", 404, true),
        ("GET", "/v1/stories/1/video", 409, false), ("GET", "/v1/queue", 503, false),
    ])
    func readingFillsNoLog(method: String, path: String, status: Int, isWanted: Bool) {
        #expect(AuditEntry.isWanted(method: method, path: path, status: status) == isWanted)
    }

    @Test func anAgentThatWasRefusedItsNodeIsWrittenDownWithItsKey() throws {
        try withLog { _, file in
            let notes = AuditNotes(file: file.path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            notes.refused(node: "a\nb", key: "KEY", reason: "it is another agent's")
            let entry = try JSONDecoder().decode(AuditEntry.self, from: Data(contentsOf: file))
            #expect(entry.path == "nodes/a\nb" && entry.key == "KEY" && entry.status == 403)
            #expect(entry.detail == "it is another agent's")
            #expect(try Data(contentsOf: file).count { $0 == 0x0A } == 1)
        }
    }

    private func withLog(_ body: (AuditLog, URL) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: file) }
        try body(AuditLog(path: file.path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }), file)
    }

    private func entry(_ path: String, by subject: String? = "ann", status: Int = 204) -> AuditEntry {
        AuditEntry(
            time: Date(timeIntervalSince1970: 0), caller: subject.map { Caller(subject: $0, role: .viewer) },
            address: "10.0.0.1", method: "POST", path: path, status: status, problem: nil)
    }

    @Test func aLogThatWasRenamedIsBegunAnew() throws {
        try withLog { log, file in
            log.write(entry("/1"))
            let old = file.path + ".1"
            defer { try? FileManager.default.removeItem(atPath: old) }
            try FileManager.default.moveItem(atPath: file.path, toPath: old)
            log.write(entry("/2"))
            #expect(try String(contentsOfFile: old, encoding: .utf8).contains("\"/1\""))
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(text.contains("\"/2\"") && !text.contains("\"/1\""))
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func aLineSaysTheDayToo() {
        #expect(entry("/1").time == "1970-01-01T00:00:00.000Z")
    }

    @Test func nobodyForgesALine() throws {
        try withLog { log, file in
            log.write(entry("/x\n{\"forged\": true}\r\n"))
            log.write(entry("/" + String(repeating: "x", count: 100_000)))
            let lines = try Data(contentsOf: file).split(separator: 0x0A)
            #expect(lines.count == 2)
            #expect(lines.allSatisfy { $0.count < 1_000 })
        }
    }

    @Test(arguments: [(nil, 401), ("ann", 429)] as [(String?, Int)])
    func neitherStrangersNorWhoAsksTooOftenFillTheDisk(subject: String?, status: Int) throws {
        try withLog { log, file in
            for number in 1...5_000 { log.write(entry("/\(number)", by: subject, status: status)) }
            log.write(entry("/known"))
            let lines = try Data(contentsOf: file).split(separator: 0x0A)
            #expect(lines.count < 2_000)
            let last = try JSONDecoder().decode(AuditEntry.self, from: try #require(lines.last))
            #expect(last.path == "/known")
            let suppressed = try lines.reduce(0) {
                try $0 + (JSONDecoder().decode(AuditEntry.self, from: $1).suppressed ?? 0)
            }
            #expect(suppressed + lines.count == 5_001)
        }
    }
}
