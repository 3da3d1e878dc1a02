public import Console
public import Transport

/// Where a worker or a node joins and with which keys, as flags, environment and file say together.
public struct JoinedFarm: Sendable {
    public let coordinator: String?
    public let keys: String?
    /// A key, or a file with one; empty where nobody says any.
    public let serverKey: String

    /// What is missing, for an error; nil where nothing is.
    private let missing: String?

    /// - Parameters: what flags say.
    ///   - farm: a coordinator's folder on its machine; stands for the other three.
    public init(
        farm: String?, coordinator: String?, keys: String?, serverKey: String?,
        configuration: Configuration = .current
    ) {
        let folder = (farm ?? configuration.optionalText(.joinedFarm)).map { FarmFolder(named: $0) }
        self.coordinator = coordinator ?? configuration.optionalText(.coordinator) ?? folder?.controlEndpoint
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
    public var isGiven: Bool { coordinator != nil || keys != nil || !serverKey.isEmpty }

    /// What to say where whoever listens there closes every connection before the handshake.
    public var unwelcome: String {
        "\(coordinator ?? "") ends the connection before a word is said: is --server-key \(serverKey) the key of the "
            + "coordinator there (coordinator.pub), and is that its control endpoint?"
    }

    /// - Throws: `WrongInput` naming what is missing or wrong.
    public func connection() throws -> (endpoint: String, keys: CurveKeyPair, server: CurvePublicKey) {
        guard missing == nil, let coordinator, let keys else { throw WrongInput(missing ?? "") }
        guard let endpoint = TCPEndpoint(coordinator), !endpoint.isEverywhere, UInt16(endpoint.port) != nil else {
            throw WrongInput("--coordinator is \(coordinator), expected an endpoint such as tcp://10.0.0.1:7000")
        }
        let pair: CurveKeyPair
        do { pair = try CurveKeyPair(contentsOf: keys) } catch { throw WrongInput("\(error)") }
        guard let server = try NamedKey.key(serverKey) else {
            throw WrongInput("--server-key \(serverKey): there is no such file; copy coordinator.pub from its folder")
        }
        return (coordinator, pair, server)
    }
}
