import ArgumentParser
import Console
import DurableFile
import Farm
import FarmFolder
import Foundation
import HostFacts
import Logging
import Media
import Mochi
import Storage
import Torch
import Transport
import Worker

/// Joins a farm: takes segments from its coordinator until it is told to stop.
struct JoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Joins a farm and renders what its coordinator hands out.",
        discussion: """
            One process per device. SIGTERM or Ctrl-C makes it give back what it holds at the next step, with a \
            checkpoint, and leave; without its coordinator it goes on for a minute and then stops by itself. On the \
            coordinator's machine, --farm FOLDER says where to join and with which keys.

            What has a value here can also be said by the environment (--server-key as STORYFARM_SERVER_KEY; several \
            models with colons between them) and by /etc/storyfarm/worker.yaml (server-key: …): a flag wins over the \
            environment, that over the file. storyfarm config show worker prints all of it.

              storyfarm-worker join --farm /srv/farm --model /models/mochi-1-preview --device cuda:0
              storyfarm-worker join --coordinator tcp://10.0.0.1:7000 --keys rack-7.key \
            --server-key coordinator.pub --model /models/mochi-1-preview --device cuda:0
            """)

    @OptionGroup
    var joining: JoinOptions
    @Option(help: .setting(.models, valueName: "folder"), completion: .directory)
    var model: [String] = []
    @OptionGroup
    var compute: ComputeOptions
    @OptionGroup
    var precision: PrecisionOptions
    @Option(help: .setting(.node, valueName: "name"))
    var node: String?
    @Option(help: .setting(.scratch, valueName: "folder"), completion: .directory)
    var scratch: String?
    @Option(help: .setting(.shared, valueName: "folder"), completion: .directory)
    var shared: String?
    @Option(help: ArgumentHelp("Only pretend to denoise, each step taking so long: for load tests.", valueName: "50ms"))
    var simulatedStep: String?
    @Option(help: ArgumentHelp("With --simulated-step, the time that decoding a segment takes.", valueName: "2s"))
    var simulatedDelivery: String?
    @Option(help: "A file that is there as long as this worker is ready: its first model is loaded, and it stays.")
    var readyFile: String?
    @Flag(help: "End when standard input closes.")
    var leash = false
    @OptionGroup
    var log: LogOptions

    func run() async throws {
        let logger = try log.logger("storyfarm-worker")
        let mark = ReadyMark(file: readyFile)
        defer { mark.clear() }
        let place = joining.place
        let (endpoint, pair, server) = try place.connection()
        let shared = try sharedFolder()
        let engine = try makeEngine(models: model.isEmpty ? Configuration.current.list(.models) : model)
        if leash { Leash.hold() }
        // A folder of its own: every worker of a machine may have been told the same one.
        let folder = try ScratchFolder(
            in: scratch ?? Configuration.current.optionalText(.scratch) ?? NSTemporaryDirectory(),
            kind: "storyfarm-worker")
        defer { folder.remove() }
        var configuration = WorkerConfiguration(
            coordinator: endpoint, serverKey: server, keys: pair, node: nodeName, scratch: folder.path)
        configuration.shared = shared
        let service = try WorkerService(configuration, engine: engine, logger: logger) { isReady in
            guard isReady else { return mark.clear() }
            do { try mark.set() } catch { logger.error("no ready file", metadata: ["error": "\(error)"]) }
        }
        switch await service.run() {
        case .drained: note("drained")
        case .forsaken(let stage): throw NotReached(Self.words(for: stage, at: endpoint))
        case .refused(let reason): throw WrongInput("the coordinator refuses this worker: \(reason)")
        case .unwelcome: throw WrongInput(place.unwelcome)
        }
    }

    private static func words(for stage: Approach.Stage, at endpoint: String) -> String {
        switch stage {
        case .unreached:
            "nobody listens at \(endpoint): is the coordinator running, is that its --control, and no firewall between?"
        case .connected, .closedEarly, .notAdmitted, .ready:
            "the coordinator at \(endpoint) has not answered for a minute"
        }
    }

    private func sharedFolder() throws -> SharedFolder? {
        let path = shared ?? Configuration.current.optionalText(.shared)
        do throws(SharedFolderError) { return try path.map(SharedFolder.init(ofWorker:)) } catch {
            throw WrongInput("--shared \(error)")
        }
    }

    private var nodeName: String { node ?? Configuration.current.optionalText(.node) ?? HostName.current }

    // MARK: What with

    private func time(_ text: String, of option: String) throws -> Duration {
        guard let time = Duration(milliseconds: text) else {
            throw WrongInput("\(option) is \(text), expected a time such as 50ms")
        }
        return time
    }

    private func makeEngine(models: [String]) throws -> any Engine {
        if let simulatedStep {
            let name = models.first.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "embedded"
            return StandInEngine(
                model: name, settings: "", stepTime: try time(simulatedStep, of: "--simulated-step"),
                deliveryTime: try simulatedDelivery.map { try time($0, of: "--simulated-delivery") } ?? .zero,
                node: nodeName)
        }
        if simulatedDelivery != nil { throw WrongInput("--simulated-delivery needs --simulated-step") }
        guard !models.isEmpty else { throw WrongInput("expected at least one --model DIR, or --simulated-step") }
        let (runtime, options) = try precision.start(compute)
        let cache = FileManager.default.urls(for: .cachesDirectory, in: .userDomainMask).first?.path ?? "/tmp"
        let offerings = try judged { try models.map { try ModelOffering($0, cache: "\(cache)/storyfarm") } }
        let setting = DeviceSetting.values(runtime, options)
        let kind = DeviceKind(
            accelerator: setting["device"] ?? "cpu", cpuLevel: runtime.cpuCapability, libtorch: runtime.loadedVersion,
            precision: try offerings.first?.folder.precision(dtype: options.dtype) ?? "", threads: Runtime.threadCount,
            attention: options.backend.rawValue)
        let memory = try? options.device.memory()
        let device = WorkerDevice(
            uuid: uuid(of: options.device), memoryBytes: memory?.totalBytes ?? HostMemory.totalBytes, kind: kind)
        return MochiEngine(offerings, options, device: device, setting: setting)
    }
}

extension JoinCommand {
    /// A GPU's own; two processes may call it by different numbers.
    private func uuid(of device: Device) -> String {
        if case .cuda(let index) = device, let uuid = Runtime.cudaDeviceUUID(index) { return uuid }
        return "\(device):\(nodeName)"
    }
}

extension Duration {
    /// As "50ms" or "2s"; nil for anything else.
    init?(milliseconds text: String) {
        let (digits, unit): (Substring, Double)
        if text.hasSuffix("ms") {
            (digits, unit) = (text.dropLast(2), 1)
        } else if text.hasSuffix("s") {
            (digits, unit) = (text.dropLast(), 1000)
        } else {
            return nil
        }
        guard let value = Double(digits), value >= 0, value.isFinite else { return nil }
        self = .milliseconds(value * unit)
    }
}
