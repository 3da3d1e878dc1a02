import Console
import FarmFolder
import Foundation
import Transport

/// Where a worker joins and with which keys, as flags, environment and file say together.
struct JoinedFarm {
    let coordinator: String?
    let keys: String?
    let serverKey: String

    /// What is missing, for an error; nil where nothing is.
    private let missing: String?

    init(_ command: JoinCommand) {
        self.init(
            farm: command.farm, coordinator: command.coordinator, keys: command.keys, serverKey: command.serverKey)
    }

    init(farm: String? = nil, coordinator: String? = nil, keys: String? = nil, serverKey: String? = nil) {
        let configuration = Configuration.current
        let folder = (farm ?? configuration.optionalText(.joinedFarm)).map { FarmFolder(named: $0) }
        self.coordinator =
            coordinator ?? configuration.optionalText(.coordinator) ?? folder.flatMap(\.controlEndpoint)
        self.keys = keys ?? configuration.optionalText(.keys) ?? folder?.workerKey
        self.serverKey = serverKey ?? configuration.optionalText(.serverKey) ?? folder?.coordinatorPublicKey ?? ""
        missing =
            if let folder, self.coordinator == nil {
                "\(folder.path) has no control.endpoint: is it a coordinator's folder, and was that ever started?"
            } else if self.coordinator == nil || self.keys == nil || self.serverKey.isEmpty {
                "expected --farm FOLDER on the coordinator's machine, or --coordinator, --keys and --server-key"
            } else {
                nil
            }
    }

    /// Whether anybody said where to join.
    var isGiven: Bool { coordinator != nil || keys != nil || !serverKey.isEmpty }

    /// - Throws: `WrongInput` naming what is missing or wrong.
    func connection() throws -> (endpoint: String, keys: CurveKeyPair, server: CurvePublicKey) {
        guard missing == nil, let coordinator, let keys else { throw WrongInput(missing ?? "") }
        guard let endpoint = TCPEndpoint(coordinator), !endpoint.isEverywhere, endpoint.port != "*" else {
            throw WrongInput("--coordinator is \(coordinator), expected an endpoint such as tcp://10.0.0.1:7000")
        }
        let pair: CurveKeyPair
        do { pair = try CurveKeyPair(contentsOf: keys) } catch { throw WrongInput("\(error)") }
        return (coordinator, pair, try server())
    }

    private func server() throws -> CurvePublicKey {
        if let key = CurvePublicKey(z85: serverKey) { return key }
        guard let bytes = FileManager.default.contents(atPath: serverKey) else {
            throw WrongInput("--server-key \(serverKey): there is no such file; copy coordinator.pub from its folder")
        }
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let key = CurvePublicKey(z85: text) else {
            throw WrongInput("--server-key \(serverKey): expected a key of 40 characters (Z85), or a file with one")
        }
        return key
    }
}
