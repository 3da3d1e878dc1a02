import Console
import Foundation
import Testing
import Transport

@testable import FarmFolder

/// Goal: where a worker joins is what was said last and nearest, and what is missing is named.
@Suite struct JoinedFarmTests {
    /// A coordinator's folder, as it lies there while one runs.
    private func withFarm(_ body: (FarmFolder) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let farm = FarmFolder(path)
        _ = try farm.prepare()
        try body(farm)
    }

    private func joined(
        farm: String? = nil, coordinator: String? = nil, keys: String? = nil, serverKey: String? = nil,
        _ environment: [String: String] = [:]
    ) throws -> JoinedFarm {
        JoinedFarm(
            farm: farm, coordinator: coordinator, keys: keys, serverKey: serverKey,
            configuration: try Configuration(.worker, file: "/dev/null", environment: environment))
    }

    @Test func aFolderStandsForAllAndIsLessThanWhatIsSaidItself() throws {
        try withFarm { farm in
            try farm.write(controlEndpoint: "tcp://127.0.0.1:7000")
            let (endpoint, keys, server) = try joined(farm: farm.path).connection()
            #expect(endpoint == "tcp://127.0.0.1:7000")
            #expect(try keys.publicKey == CurveKeyPair(contentsOf: farm.workerKey).publicKey)
            #expect(try server == CurveKeyPair(contentsOf: farm.coordinatorKey).publicKey)
            let environment = ["STORYFARM_FARM": farm.connectionFile, "STORYFARM_COORDINATOR": "tcp://10.0.0.1:7000"]
            #expect(try joined(environment).connection().endpoint == "tcp://10.0.0.1:7000")
            let said = try joined(coordinator: "tcp://10.0.0.2:7000", environment)
            #expect(try said.connection().endpoint == "tcp://10.0.0.2:7000")
        }
    }

    /// A path of 40 characters is a key by its looks where all of them are Z85's.
    @Test func aFileIsNeverTakenForAKey() throws {
        try withFarm { farm in
            let room = 39 - farm.path.utf8.count
            // As short as the system's folder for temporary files allows.
            let folder = room > 0 ? farm.path : "/tmp"
            let path = folder + "/" + String(repeating: "k", count: 39 - folder.utf8.count)
            try #require(path.utf8.count == 40 && CurvePublicKey(z85: path) != nil)
            let key = try String(contentsOfFile: farm.coordinatorPublicKey, encoding: .utf8)
            try Data(key.utf8).write(to: URL(filePath: path))
            defer { unlink(path) }
            let joined = try joined(coordinator: "tcp://10.0.0.1:7000", keys: farm.workerKey, serverKey: path)
            #expect(try joined.connection().server == CurveKeyPair(contentsOf: farm.coordinatorKey).publicKey)
            #expect(NamedKey.isFile(path))
            try Data("nonsense".utf8).write(to: URL(filePath: path))
            #expect(throws: WrongInput.self) { try joined.connection() }
            unlink(path)
            // No file any more: a key by its looks.
            #expect(try NamedKey.key(path) == CurvePublicKey(z85: path))
        }
    }

    @Test func whatIsMissingOrWrongIsNamed() throws {
        try withFarm { farm in
            func words(_ joined: JoinedFarm) -> String {
                do { return "\(try joined.connection())" } catch { return "\(error)" }
            }
            #expect(try !joined().isGiven)
            #expect(words(try joined()).hasPrefix("expected --farm FOLDER on the coordinator's machine"))
            #expect(words(try joined(farm: farm.path)).contains("has no control.endpoint"))
            for wrong in ["10.0.0.1:7000", "tcp://10.0.0.1", "tcp://*:7000", "tcp://10.0.0.1:*", "tcp://a:99999"] {
                let said = try joined(farm: farm.path, coordinator: wrong)
                #expect(words(said).hasPrefix("--coordinator is \(wrong), expected an endpoint"))
            }
            let endpoint = "tcp://10.0.0.1:7000"
            let keyless = try joined(farm: farm.path, coordinator: endpoint, keys: "/nonexistent")
            #expect(words(keyless) == "key file /nonexistent: No such file or directory")
            let serverless = try joined(farm: farm.path, coordinator: endpoint, serverKey: "coordinator.pub")
            #expect(words(serverless).hasPrefix("--server-key coordinator.pub: there is no such file"))
        }
    }
}
