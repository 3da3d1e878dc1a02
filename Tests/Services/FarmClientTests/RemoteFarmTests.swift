import Control
import ControlAPI
import FarmClient
import FarmStandIn
import Foundation
import Testing

/// Goal: a client elsewhere asks over TLS with a token and the authority that its connection file names.
@Suite struct RemoteFarmTests {
    @Test func aConnectionFileNamesItsAuthority() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "tls.key",
            "-out", "tls.crt", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
        ]
        (openssl.currentDirectoryURL, openssl.standardError) = (folder, FileHandle.nullDevice)
        try openssl.run()
        openssl.waitUntilExit()
        let tokens = folder.appending(path: "tokens.json").path
        let token = try TokenList.change(tokens) { list throws(ControlAPIError) in
            try list.add("ann", subject: "ann", role: .submitter, expires: Date() + 86_400)
        }
        let change = { (configuration: inout ControlConfiguration) in
            configuration.tokenFile = tokens
            let security = RemoteListener.Security.tls(
                certificate: folder.appending(path: "tls.crt").path, key: folder.appending(path: "tls.key").path)
            configuration.remote = RemoteListener(host: "localhost", port: 0, security: security)
        }
        try await withServedFarm(in: folder, change) { served in
            let url = "https://localhost:\(try await served.api.portForOthers())"
            let file = folder.appending(path: "remote.json")
            let text = #"{"url": "\#(url)", "token": "\#(token)", "certificateAuthority": "tls.crt"}"#
            try Data(text.utf8).write(to: file)
            let client = try FarmClient(contentsOf: file.path)
            let receipt = try await client.submit(StorySubmission(script: "x", name: "x.yaml"), by: "somebody")
            #expect(await served.farm.submissions.map(\.submitter) == ["ann"])
            try await client.command(.pause, on: receipt.id)
            // What its role does not allow is said.
            await #expect(
                throws: FarmClientError.refused(.forbidden(reason: "this wants the role operator"))
            ) { try await client.command(.prioritize(1), on: receipt.id) }
            // A certificate that nobody vouches for is none.
            let stranger = FarmClient(FarmConnection(url: url, token: token))
            await #expect(throws: FarmClientError.self) { try await stranger.queue() }
        }
    }
}
