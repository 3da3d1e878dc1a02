import ArgumentParser
import Console
import DurableFile
import Farm
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
            """)

    @Option(help: "The coordinator's folder, on its machine; stands for the next three.")
    var farm: String?
    @Option(help: "Where to join, as tcp://10.0.0.1:7000.")
    var coordinator: String?
    @Option(help: "This worker's key file.")
    var keys: String?
    @Option(help: "The coordinator's public key: 40 characters, or a file with them (coordinator.pub).")
    var serverKey: String?
    @Option(help: "A model's folder; several may be given.")
    var model: [String] = []
    @OptionGroup
    var compute: ComputeOptions
    @OptionGroup
    var precision: PrecisionOptions
    @Option(help: "The name of this machine in the farm; its host name without it.")
    var node = HostName.current
    @Option(help: "For files on their way; a temporary folder without it.")
    var scratch: String?
    @Option(help: "A folder that the coordinator sees as well (its --shared): latents and videos need not travel then.")
    var shared: String?
    @Option(help: ArgumentHelp("Only pretend to denoise, each step taking so long: for load tests.", valueName: "50ms"))
    var simulatedStep: String?
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
        let (endpoint, pair, server) = try connection()
        let shared = try sharedFolder()
        let engine = try makeEngine()
        if leash { Leash.hold() }
        let folder =
            scratch ?? FileManager.default.temporaryDirectory.appending(path: "storyfarm-worker-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { if scratch == nil { try? FileManager.default.removeItem(atPath: folder) } }
        var configuration = WorkerConfiguration(
            coordinator: endpoint, serverKey: server, keys: pair, node: node, scratch: folder)
        configuration.shared = shared
        let service = try WorkerService(configuration, engine: engine, logger: logger) { isReady in
            guard isReady else { return mark.clear() }
            do { try mark.set() } catch { logger.error("no ready file", metadata: ["error": "\(error)"]) }
        }
        switch await service.run() {
        case .drained: note("drained")
        case .forsaken: throw NotReached("the coordinator at \(endpoint) has not answered for a minute")
        case .refused(let reason): throw WrongInput("the coordinator refuses this worker: \(reason)")
        }
    }

    // MARK: Where to

    private func sharedFolder() throws -> SharedFolder? {
        do throws(SharedFolderError) { return try shared.map(SharedFolder.init(ofWorker:)) } catch {
            throw WrongInput("--shared \(error)")
        }
    }

    private func connection() throws -> (String, CurveKeyPair, CurvePublicKey) {
        let endpoint = try coordinator ?? farm.map { try text("\($0)/control.endpoint") }
        let file = keys ?? farm.map { "\($0)/worker.key" }
        let server = serverKey ?? farm.map { "\($0)/coordinator.pub" }
        guard let endpoint, let file, let server else {
            throw WrongInput("expected --coordinator, --keys and --server-key, or --farm")
        }
        let pair: CurveKeyPair
        do { pair = try CurveKeyPair(contentsOf: file) } catch { throw WrongInput("\(error)") }
        guard let key = try CurvePublicKey(z85: server) ?? CurvePublicKey(z85: text(server)) else {
            throw WrongInput("--server-key \(server): expected a key of 40 characters (Z85), or a file with one")
        }
        return (endpoint, pair, key)
    }

    private func text(_ file: String) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw WrongInput("\(file): there is no such file")
        }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    // MARK: What with

    private func makeEngine() throws -> any Engine {
        if let simulatedStep {
            guard let time = Duration(milliseconds: simulatedStep) else {
                throw WrongInput("--simulated-step is \(simulatedStep), expected a time such as 50ms")
            }
            let name = model.first.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "embedded"
            return StandInEngine(model: name, settings: "", stepTime: time, node: node)
        }
        guard !model.isEmpty else { throw WrongInput("expected at least one --model DIR, or --simulated-step") }
        let (runtime, options) = try precision.start(compute)
        let cache = FileManager.default.urls(for: .cachesDirectory, in: .userDomainMask).first?.path ?? "/tmp"
        let offerings = try judged { try model.map { try ModelOffering($0, cache: "\(cache)/storyfarm") } }
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
        return "\(device):\(node)"
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
