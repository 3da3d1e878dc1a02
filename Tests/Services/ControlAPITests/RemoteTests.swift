import AsyncHTTPClient
import Control
import FarmStandIn
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Testing

@testable import ControlAPI

/// Goal: others come in by tokens of the list, over TLS, or not at all. Method: a real server with a certificate that
/// `openssl` makes for the test.
@Suite struct RemoteTests {
    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func certificate(in folder: URL) throws -> (certificate: String, key: String) {
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tls.key",
            "-out", "tls.crt", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost,DNS:evil.example,IP:127.0.0.1",
        ]
        openssl.currentDirectoryURL = folder
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        try #require(openssl.terminationStatus == 0)
        return (folder.appending(path: "tls.crt").path, folder.appending(path: "tls.key").path)
    }

    private func token(in folder: URL, _ role: Role = .viewer, expires: Date = Date() + 3600) throws -> String {
        try TokenList.change(folder.appending(path: "tokens.json").path) { list throws(ControlAPIError) in
            try list.add("ann", subject: "ann", role: role, expires: expires)
        }
    }

    private func refusal(_ folder: URL, _ remote: RemoteListener) -> ControlAPIError? {
        var configuration = ControlConfiguration(connectionFile: folder.appending(path: "farm.json").path)
        configuration.tokenFile = folder.appending(path: "tokens.json").path
        configuration.remote = remote
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        do throws(ControlAPIError) {
            _ = try ControlAPI(FarmStandIn(), configuration: configuration, logger: logger)
            return nil
        } catch {
            return error
        }
    }

    @Test func anOpenAddressWithoutProtectionIsRefusedAtStart() async throws {
        try await withFolder { folder in
            let (certificate, key) = try certificate(in: folder)
            let tls = RemoteListener.Security.tls(certificate: certificate, key: key)
            for security in [nil, tls, .proxy] {
                let refusal = refusal(folder, RemoteListener(host: "0.0.0.0", port: 0, security: security))
                #expect(refusal?.description.contains("no valid token") == true)
            }
            _ = try token(in: folder)
            let bare = refusal(folder, RemoteListener(host: "0.0.0.0", port: 0, security: nil))
            #expect(bare?.description.contains("certificate and key are wanted") == true)
            #expect(refusal(folder, RemoteListener(host: "0.0.0.0", port: 0, security: tls)) == nil)
            #expect(refusal(folder, RemoteListener(host: "0.0.0.0", port: 0, security: .proxy)) == nil)
            #expect(refusal(folder, RemoteListener(host: "127.0.0.1", port: 0, security: nil)) == nil)
            let missing = RemoteListener.Security.tls(certificate: certificate, key: folder.path + "/none")
            #expect(refusal(folder, RemoteListener(host: "::", port: 0, security: missing)) != nil)
            let swapped = RemoteListener.Security.tls(certificate: key, key: certificate)
            #expect(refusal(folder, RemoteListener(host: "::", port: 0, security: swapped)) != nil)
        }
    }

    @Test func aTokenThatIsOutOfDateIsNoProtection() async throws {
        try await withFolder { folder in
            _ = try token(in: folder, expires: Date() - 1)
            let refusal = refusal(folder, RemoteListener(host: "0.0.0.0", port: 0, security: .proxy))
            #expect(refusal?.description.contains("no valid token") == true)
        }
    }

    @Test(arguments: ["127.0.0.1", "127.9.9.9", "localhost", "::1"])
    func loopbackIsKnownByItsAddresses(host: String) {
        #expect(RemoteListener(host: host, port: 0, security: nil).isLoopback)
        for other in ["127.evil.example", "0.0.0.0", "::", "10.0.0.1", "127.0.0", "127.0.0.256"] {
            #expect(!RemoteListener(host: other, port: 0, security: nil).isLoopback)
        }
    }

    @Test func othersAskOverTLSWithTheirTokenAndByItsName() async throws {
        try await withFolder { folder in
            let (certificate, key) = try certificate(in: folder)
            let token = try token(in: folder)
            let change = { (configuration: inout ControlConfiguration) in
                configuration.tokenFile = folder.appending(path: "tokens.json").path
                configuration.remote = RemoteListener(
                    host: "127.0.0.1", port: 0, security: .tls(certificate: certificate, key: key),
                    names: ["localhost"])
            }
            try await withServedFarm(in: folder, change) { served in
                let port = try await served.api.portForOthers()
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificate))
                var configuration = HTTPClient.Configuration()
                configuration.tlsConfiguration = tls
                let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
                // The farm's own token is for this machine's programs alone.
                for (host, bearer, status) in [
                    ("localhost", token, 200), ("localhost", served.connection.token, 401),
                    ("evil.example", token, 403), ("127.0.0.1", token, 403),
                ] {
                    var request = HTTPClientRequest(url: "https://localhost:\(port)/v1/queue")
                    request.headers.add(name: "Host", value: host)
                    request.headers.add(name: "Authorization", value: "Bearer \(bearer)")
                    let answer = try await client.execute(request, timeout: .seconds(20))
                    #expect(answer.status.code == status, "\(host)")
                    _ = try await answer.body.collect(upTo: 1 << 20)
                }
                // Without TLS nobody is answered.
                await #expect(throws: (any Error).self) {
                    let request = HTTPClientRequest(url: "http://localhost:\(port)/v1/health")
                    _ = try await client.execute(request, timeout: .seconds(20))
                }
                try await client.shutdown()
            }
        }
    }

    @Test(.timeLimit(.minutes(2))) func nobodyTakesAllConnections() async throws {
        try await withFolder { folder in
            let (certificate, key) = try certificate(in: folder)
            _ = try token(in: folder)
            let audit = folder.appending(path: "audit.log")
            let change = { (configuration: inout ControlConfiguration) in
                configuration.tokenFile = folder.appending(path: "tokens.json").path
                configuration.auditFile = audit.path
                configuration.connectionsPerPeer = 2
                configuration.remote = RemoteListener(
                    host: "127.0.0.1", port: 0, security: .tls(certificate: certificate, key: key))
            }
            try await withServedFarm(in: folder, change) { served in
                let port = try await served.api.portForOthers()
                func open() async throws -> any Channel {
                    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                        .connect(host: "127.0.0.1", port: port).get()
                }
                let idle = (try await open(), try await open())
                try await open().closeFuture.get()
                let line = try #require(String(contentsOf: audit, encoding: .utf8).split(separator: "\n").first)
                let entry = try JSONDecoder().decode(AuditEntry.self, from: Data(line.utf8))
                #expect(entry.status == 429 && entry.address == "127.0.0.1")
                #expect(entry.detail == "2 connections from this address are open already")
                #expect(idle.0.isActive && idle.1.isActive)
                var tls = TLSConfiguration.makeClientConfiguration()
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificate))
                var configuration = HTTPClient.Configuration()
                configuration.tlsConfiguration = tls
                let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
                // This machine's programs ask elsewhere.
                let local = HTTPClientRequest(url: "\(served.connection.url)/v1/health")
                #expect(try await client.execute(local, timeout: .seconds(20)).status == .ok)
                // As soon as one has left there is room again: hands are shaken.
                try await idle.0.close()
                let request = HTTPClientRequest(url: "https://localhost:\(port)/v1/health")
                var status: UInt?
                while status == nil {
                    // The server hears of it in its own time.
                    status = try? await client.execute(request, timeout: .seconds(20)).status.code
                }
                #expect(status == 403, "localhost is not among its names")
                try await client.shutdown()
                try await idle.1.close()
            }
        }
    }
}
