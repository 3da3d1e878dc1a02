import CRivals
import Foundation
import Transport

/// What one of the processes is, and what it is told by its command line.
struct Role {
    enum Name: String {
        case coordinator, writer, reader, stalledReader, stormer
        case plainRelay, plainWriter, plainReader, plainGreeter
    }

    let name: Name
    /// Of the farm, with its keys; of a rival, with its file.
    let folder: String
    let isPlain: Bool
    let endpoint: String
    let streams: Int
    /// Boundaries of each stream.
    let steps: Int
    /// Between two boundaries of a stream; 0 for as fast as they go.
    let intervalMs: Int

    init(
        _ name: Name, in folder: String, isPlain: Bool = false, endpoint: String = "-", streams: Int, steps: Int = 0,
        intervalMs: Int = 0
    ) {
        (self.name, self.folder, self.isPlain, self.endpoint) = (name, folder, isPlain, endpoint)
        (self.streams, self.steps, self.intervalMs) = (streams, steps, intervalMs)
    }

    init(parsing words: [String]) throws {
        guard words.count == 7, let name = Name(rawValue: words[0]), let streams = Int(words[4]),
            let steps = Int(words[5]), let interval = Int(words[6])
        else { throw BenchError("what is \(words)?") }
        self.init(
            name, in: words[1], isPlain: words[2] == "plain", endpoint: words[3], streams: streams, steps: steps,
            intervalMs: interval)
    }

    /// Another process of the same run.
    func peer(_ name: Name, at endpoint: String) -> Role {
        Role(
            name, in: folder, isPlain: isPlain, endpoint: endpoint, streams: streams, steps: steps,
            intervalMs: intervalMs)
    }

    var words: [String] {
        [
            "role", name.rawValue, folder, isPlain ? "plain" : "curve", endpoint, "\(streams)", "\(steps)",
            "\(intervalMs)",
        ]
    }

    // MARK: Keys

    func makeKeys() throws {
        for name in ["server", "client"] { try CurveKeyPair.generate().write(to: "\(folder)/\(name).key") }
    }

    var serverKeys: CurveKeyPair { get throws { try CurveKeyPair(contentsOf: "\(folder)/server.key") } }
    var clientKeys: CurveKeyPair { get throws { try CurveKeyPair(contentsOf: "\(folder)/client.key") } }

    /// Of a worker's connection.
    var security: SocketOptions.Security {
        get throws { isPlain ? .plain : .curveClient(try clientKeys, server: try serverKeys.publicKey) }
    }

    /// Lends the keys to C.
    func withKeys<Result>(_ body: (UnsafePointer<crivals_keys>) throws -> Result) throws -> Result {
        if isPlain {
            var none = crivals_keys()
            return try body(&none)
        }
        let (server, client) = (try serverKeys, try clientKeys)
        return try server.publicKey.z85.withCString { serverPublic in
            try server.secretKey.revealedZ85.withCString { serverSecret in
                try client.publicKey.z85.withCString { clientPublic in
                    try client.secretKey.revealedZ85.withCString { clientSecret in
                        var keys = crivals_keys(
                            server_public: serverPublic, server_secret: serverSecret, client_public: clientPublic,
                            client_secret: clientSecret)
                        return try body(&keys)
                    }
                }
            }
        }
    }
}

struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Plays a role until its standard input closes.
func play(_ role: Role) async throws {
    switch role.name {
    case .coordinator: try await runCoordinator(role)
    case .writer: try await runWriters(role)
    case .reader: try await runReaders(role)
    case .stalledReader: try await runStalledReaders(role)
    case .stormer: try runStormer(role)
    case .plainRelay, .plainWriter, .plainReader, .plainGreeter: try runRival(role)
    }
}
