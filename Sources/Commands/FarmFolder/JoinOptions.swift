public import ArgumentParser
import Console

/// Where a worker or a node joins and with which keys, as flags say it.
public struct JoinOptions: ParsableArguments {
    @Option(help: .setting(.joinedFarm, valueName: "folder"), completion: .directory)
    var farm: String?
    @Option(help: .setting(.coordinator, valueName: "endpoint"))
    var coordinator: String?
    @Option(help: .setting(.keys, valueName: "file"), completion: .file())
    var keys: String?
    @Option(help: .setting(.serverKey, valueName: "key"), completion: .file())
    var serverKey: String?

    public init() {}

    /// Together with the environment and the file.
    public var place: JoinedFarm {
        JoinedFarm(farm: farm, coordinator: coordinator, keys: keys, serverKey: serverKey)
    }
}
