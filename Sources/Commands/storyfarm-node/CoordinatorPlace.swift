import Console
import Foundation
import Transport

/// Where the coordinator is and with which keys to go there, for the agent and for its workers.
struct CoordinatorPlace {
    let endpoint: String
    let pair: CurveKeyPair
    let server: CurvePublicKey
    /// What a worker is told.
    let arguments: [String]

    /// - Throws: `WrongInput` naming what is missing or wrong.
    init(farm: String?, coordinator: String?, keys: String?, serverKey: String?) throws {
        let file = keys ?? farm.map { "\($0)/worker.key" }
        let key = serverKey ?? farm.map { "\($0)/coordinator.pub" }
        guard let endpoint = try coordinator ?? farm.map({ try Self.text("\($0)/control.endpoint") }), let file, let key
        else { throw WrongInput("expected --coordinator, --keys and --server-key, or --farm") }
        do { pair = try CurveKeyPair(contentsOf: file) } catch { throw WrongInput("\(error)") }
        // A path of 40 characters may look like a key: what is a file is none.
        let isFile = FileManager.default.fileExists(atPath: key)
        guard let server = try CurvePublicKey(z85: isFile ? Self.text(key) : key) else {
            throw WrongInput("--server-key \(key): expected a key of 40 characters (Z85), or a file with one")
        }
        (self.endpoint, self.server) = (endpoint, server)
        // A key may begin with a hyphen: as a word of its own it would be an option.
        arguments = ["--coordinator", endpoint, "--keys", file, "--server-key=\(server.z85)"]
    }

    private static func text(_ file: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw WrongInput("\(file): there is no such file")
        }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
