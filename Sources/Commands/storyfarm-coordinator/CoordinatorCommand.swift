import ArgumentParser
import Console
import Control
import ControlAPI
import Coordinator
import FarmFolder
import Foundation
import Logging
import ServiceLifecycle
import Storage
import Telemetry
import Transport

/// The head of a farm: takes stories, hands segments to workers, keeps what they make.
struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a farm: takes stories, hands their segments to workers, joins what they make.",
        discussion: """
            Everything lies in one folder; started again with the same folder it goes on where it was, also after a \
            crash, and workers that went on meanwhile keep their work. Its first start makes the keys: \
            coordinator.key and coordinator.pub, and worker.key, with which workers of this machine join. storyfarm \
            keys makes more and says who may join, also while the coordinator runs.

            What has a value here can also be said by the environment (--http-port as STORYFARM_HTTP_PORT) and by \
            /etc/storyfarm/coordinator.yaml (http-port: 8420): a flag wins over the environment, that over the file. \
            storyfarm config show coordinator prints all of it.

            On one machine:
              storyfarm-coordinator
            For workers elsewhere, with a fixed port for HTTP:
              storyfarm-coordinator --folder /srv/farm --control tcp://10.0.0.1:7000 --data tcp://10.0.0.1:7001 \
            --http-port 8420
            """)

    @Option(help: .setting(.folder), completion: .directory)
    var folder = Configuration.current.text(.folder)
    @Option(help: .setting(.sharedFarm, valueName: "folder"), completion: .directory)
    var shared: String?
    @Option(help: .setting(.control, valueName: "endpoint"))
    var control = Configuration.current.text(.control)
    @Option(help: .setting(.data, valueName: "endpoint"))
    var data: String?
    @Option(help: .setting(.advertiseData, valueName: "endpoint"))
    var advertiseData: String?
    @OptionGroup
    var http: HTTPOptions
    @OptionGroup
    var quota: QuotaOptions
    @Option(help: .setting(.checkpointEvery, valueName: "steps"))
    var checkpointEvery = Configuration.current.integer(.checkpointEvery)
    @Option(help: .setting(.previewEvery, valueName: "steps"))
    var previewEvery = Configuration.current.integer(.previewEvery)
    @Option(help: .setting(.boundaryDays, valueName: "days"))
    var boundaryDays = Configuration.current.integer(.boundaryDays)
    @Option(help: .setting(.watermark, valueName: "MiB"))
    var watermark = Configuration.current.integer(.watermark)
    @Option(help: .setting(.reserve, valueName: "MiB"))
    var reserve = Configuration.current.integer(.reserve)
    @Flag(inversion: .prefixedNo, help: .setting(.allowSimulated))
    var allowSimulated = Configuration.current.flag(.allowSimulated)
    @OptionGroup
    var configuration: ConfigurationOptions
    @Flag(help: "End when standard input closes.")
    var leash = false
    @OptionGroup
    var log: LogOptions

    func run() async throws {
        let logger = try log.logger("storyfarm-coordinator")
        try check()
        let home = FarmFolder(folder)
        let quota = try quota.value()
        let serving = try http.configuration(of: home)
        // Before anything is made: a farm that may not be opened leaves nothing behind.
        try Self.judged { () throws(ControlAPIError) in try ControlAPI.check(serving, logger: logger) }
        if leash { Leash.hold() }
        let keys = try home.prepare()
        var configuration = CoordinatorConfiguration(folder: folder, keys: keys, admitted: try home.admitted())
        configuration.shared = shared ?? Configuration.current.optionalText(.sharedFarm)
        let data = data ?? Configuration.current.optionalText(.data)
        configuration.controlEndpoint = control
        configuration.dataEndpoint = data ?? TCPEndpoint(control).map { "tcp://\($0.host):*" } ?? control
        configuration.advertisedDataEndpoint = advertiseData ?? Configuration.current.optionalText(.advertiseData)
        (configuration.checkpointEvery, configuration.previewEvery) = (checkpointEvery, previewEvery)
        configuration.retention.boundaryTime = .seconds(boundaryDays * 86_400)
        configuration.retention.watermarkBytes = watermark << 20
        configuration.retention.reservedBytes = reserve << 20
        configuration.admitsSimulation = allowSimulated
        configuration.openLogsMax = OpenFileLimit.boundaryLogs(of: OpenFileLimit.raise())
        configuration.quota = quota
        let audit = AuditNotes(file: home.auditLog, logger: logger)
        configuration.refusedNode = { audit.refused(node: $0.node, key: $0.key, reason: $0.reason) }
        let metrics = PrometheusRegistry(FarmMetric.all)
        let coordinator: Coordinator
        do { coordinator = try await Coordinator(configuration, metrics: metrics, logger: logger) } catch {
            throw error is SharedFolderError ? WrongInput("--shared \(error)") : error
        }
        try home.write(controlEndpoint: coordinator.controlEndpoint)
        let observation = Observation(
            metrics: metrics, measure: { await coordinator.measure() }, health: { await coordinator.health() })
        let api = try Self.judged { () throws(ControlAPIError) in
            try ControlAPI(coordinator.farm, configuration: serving, observation: observation, logger: logger)
        }
        let watch = AllowListWatch(folder: home, coordinator: coordinator, logger: logger)
        let services = ServiceGroup(services: [coordinator, watch, api.recorder, api], logger: logger)
        try await Self.run(services, announcing: api)
    }

    /// What is missing to open an address is wrong input.
    private static func judged<Value>(_ body: () throws(ControlAPIError) -> Value) throws -> Value {
        do { return try body() } catch { throw WrongInput(error.description) }
    }

    /// What is wrong is said before anything is made.
    private func check() throws {
        try Setting.checkpointEvery.check(checkpointEvery)
        try Setting.previewEvery.check(previewEvery)
        try Setting.boundaryDays.check(boundaryDays)
        try Setting.watermark.check(watermark)
        try Setting.reserve.check(reserve)
        let endpoints: [(Setting, String?)] = [
            (.control, control), (.data, data ?? Configuration.current.optionalText(.data)),
            (.advertiseData, advertiseData ?? Configuration.current.optionalText(.advertiseData)),
        ]
        for case (let setting, let endpoint?) in endpoints where TCPEndpoint(endpoint) == nil {
            throw WrongInput("--\(setting.name) is \(endpoint), expected an endpoint such as tcp://10.0.0.1:7000")
        }
    }

    /// The one that ends first ends the other.
    private static func run(_ services: ServiceGroup, announcing api: ControlAPI) async throws {
        // A task of its own: cancelling would cut answers short that are under way.
        let running = Task { try await services.run() }
        let manager = ServiceNotice()
        // Nobody waits for it: what is shut down before it listens never does.
        Task { if (try? await api.connection()) != nil { manager.ready() } }
        try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            manager.stopping()
            Task { await services.triggerGracefulShutdown() }
        }
    }
}

/// What the program does unless told otherwise is to run a farm. Its options are that command's own: those of a parent
/// would be taken from the commands below it.
struct CoordinatorProgram: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storyfarm-coordinator",
        abstract: "Runs a farm, and says who may ask it from elsewhere.",
        discussion: """
            Without a command it runs the farm: storyfarm-coordinator run --help has the options. \
            storyfarm-coordinator token add NAME --role submitter gives somebody a token.
            """,
        version: Release.version,
        subcommands: [CoordinatorCommand.self, TokenCommand.self], defaultSubcommand: CoordinatorCommand.self)
}

@main
enum Main {
    static func main() async {
        // Boundaries come and go by the thousand: given back to the system, each would be mapped and cleared anew.
        Context.retainFreedMemory()
        await CoordinatorProgram.runToExit(.coordinator)
    }
}
