import ArgumentParser
import Console
import Control
import ControlAPI
import Coordinator
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
            coordinator.key and coordinator.pub, and worker.key, with which workers of this machine join. More keys \
            are admitted by workers.allow: a line each, the key in Z85 and a name.
            """)

    @Option(help: "The farm's folder.")
    var folder = CoordinatorFolder.standard
    @Option(
        help: """
            A folder on a file system that workers see as well: latents and videos of workers that are given it too \
            stay there. Of the same user everywhere.
            """)
    var shared: String?
    @Option(help: "Where workers join, such as tcp://10.0.0.1:7000; a * as the port is any that is free.")
    var control = "tcp://127.0.0.1:*"
    @Option(help: "Where boundaries and files travel; by default any free port of the address in --control.")
    var data: String?
    @Option(help: "What workers are told to be the data endpoint, where it is not what was bound.")
    var advertiseData: String?
    @OptionGroup
    var http: HTTPOptions
    @OptionGroup
    var quota: QuotaOptions
    @Option(help: "Steps between two checkpoints of a segment; 0 for none.")
    var checkpointEvery = 8
    @Option(help: "Steps between two pictures of what a segment is going to be; 0 for none.")
    var previewEvery = 8
    @Option(help: "Days for which a story that has ended can be revised or retried: its boundaries are kept so long.")
    var boundaryDays = 7
    @Option(help: "While the disk has fewer MiB free, boundaries of stories that ended longest ago go before that.")
    var watermark = 2048
    @Option(help: "Refuse new stories while the disk has fewer MiB free.")
    var reserve = 1024
    @Flag(help: "Also take workers that only pretend to denoise.")
    var allowSimulated = false
    @Flag(help: "End when standard input closes.")
    var leash = false
    @OptionGroup
    var log: LogOptions

    func run() async throws {
        let logger = try log.logger("storyfarm-coordinator")
        try check()
        let serving = try http.configuration(folder: folder)
        if leash { Leash.hold() }
        let home = try CoordinatorFolder(folder)
        var configuration = CoordinatorConfiguration(
            folder: folder, keys: home.keys, admitted: try home.admitted())
        configuration.shared = shared
        configuration.controlEndpoint = control
        configuration.dataEndpoint = data ?? TCPEndpoint(control).map { "tcp://\($0.host):*" } ?? control
        configuration.advertisedDataEndpoint = advertiseData
        (configuration.checkpointEvery, configuration.previewEvery) = (checkpointEvery, previewEvery)
        configuration.retention.boundaryTime = .seconds(boundaryDays * 86_400)
        configuration.retention.watermarkBytes = watermark << 20
        configuration.retention.reservedBytes = reserve << 20
        configuration.admitsSimulation = allowSimulated
        configuration.quota = try quota.value()
        let metrics = PrometheusRegistry(FarmMetric.all)
        let coordinator: Coordinator
        do { coordinator = try await Coordinator(configuration, metrics: metrics, logger: logger) } catch {
            throw error is SharedFolderError ? WrongInput("--shared \(error)") : error
        }
        try home.write(endpoint: coordinator.controlEndpoint)
        let observation = Observation(
            metrics: metrics, measure: { await coordinator.measure() }, health: { await coordinator.health() })
        try await serve(coordinator, serving, observation, logger)
    }

    private func check() throws {
        guard 0...1000 ~= checkpointEvery else {
            throw WrongInput("--checkpoint-every is \(checkpointEvery), expected 0 to 1000")
        }
        guard 0...1000 ~= previewEvery else {
            throw WrongInput("--preview-every is \(previewEvery), expected 0 to 1000")
        }
        guard reserve >= 0 else { throw WrongInput("--reserve is \(reserve), expected at least 0") }
        guard watermark >= 0 else { throw WrongInput("--watermark is \(watermark), expected at least 0") }
        guard 0...36_500 ~= boundaryDays else {
            throw WrongInput("--boundary-days is \(boundaryDays), expected 0 to 36500")
        }
    }

    /// The one that ends first ends the other.
    private func serve(
        _ coordinator: Coordinator, _ configuration: ControlConfiguration, _ observation: Observation, _ logger: Logger
    ) async throws {
        let api: ControlAPI
        do throws(ControlAPIError) {
            api = try ControlAPI(
                coordinator.farm, configuration: configuration, observation: observation, logger: logger)
        } catch {
            throw WrongInput(error.description)
        }
        let services = ServiceGroup(services: [coordinator, api.recorder, api], logger: logger)
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
        subcommands: [CoordinatorCommand.self, TokenCommand.self], defaultSubcommand: CoordinatorCommand.self)
}

@main
enum Main {
    static func main() async {
        // Boundaries come and go by the thousand: given back to the system, each would be mapped and cleared anew.
        Context.retainFreedMemory()
        await CoordinatorProgram.runToExit()
    }
}
