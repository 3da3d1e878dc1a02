import ArgumentParser
import Console
import Farm
import Foundation
import HostFacts
import Logging
import NodeAgent
import Transport

/// Keeps a machine's workers running, as many as the farm wants.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storyfarm-node",
        abstract: "Runs the wanted number of workers on this machine, one per GPU without further ado.",
        discussion: """
            The farm says how many (storyfarm scale NODE N). Workers that end are started again, after a pause that \
            grows with each early end; those that are too many give back what they hold at their next step, with a \
            checkpoint, and leave. SIGTERM or Ctrl-C stops all of them and waits. What comes after -- is given to \
            every worker:

              storyfarm-node --farm /srv/farm -- --model /models/mochi-1-preview
            """)

    @Option(help: "The coordinator's folder, on its machine; stands for the next three.")
    var farm: String?
    @Option(help: "Where to join, as tcp://10.0.0.1:7000.")
    var coordinator: String?
    @Option(help: "The key file of this node and its workers.")
    var keys: String?
    @Option(help: "The coordinator's public key: 40 characters, or a file with them (coordinator.pub).")
    var serverKey: String?
    @Option(help: "The name of this machine in the farm; its host name without it.")
    var node = HostName.current
    @Option(help: "The agent's folder: its secret, the workers' logs; ~/.local/state/storyfarm/NODE without it.")
    var folder: String?
    @Option(help: "The worker's program; storyfarm-worker beside this one without it.")
    var worker: String?
    @Flag(help: "Leave GPUs alone.")
    var cpuOnly = false
    @Option(help: "Workers that may share a GPU.")
    var workersPerGpu = 1
    @Option(help: "The most workers that the farm may want here; with GPUs, --workers-per-gpu of each without it.")
    var capacity: Int?
    @Option(help: "How many workers to run until the farm wants another number; all of a GPU node's without it.")
    var workers: Int?
    @Option(help: "Seconds that a worker may take to leave before it is killed.")
    var grace = 600
    @OptionGroup
    var log: LogOptions
    @Argument(parsing: .postTerminator, help: "What every worker is given, as --model DIR.")
    var arguments: [String] = []

    func run() async throws {
        let logger = try log.logger("storyfarm-node")
        let place = try CoordinatorPlace(farm: farm, coordinator: coordinator, keys: keys, serverKey: serverKey)
        try check()
        let devices = devices()
        let capacity = try capacity(of: devices)
        let folder = try openFolder()
        var configuration = NodeConfiguration(
            coordinator: place.endpoint, serverKey: place.server, keys: place.pair, node: node, devices: devices,
            capacity: capacity, proposed: try proposed(devices, capacity), program: try program(place))
        configuration.grace = .seconds(grace)
        logger.info(
            "node opened",
            metadata: [
                "node": "\(node)", "capacity": "\(capacity)", "folder": "\(folder.path)",
                "devices": "\(devices.map(\.device.uuid).joined(separator: " "))",
            ])
        let service = try NodeService(configuration, folder: folder, logger: logger) { note($0) }
        switch await service.run() {
        case .stopped: note("all workers have ended")
        case .refused(let reason): throw WrongInput("the coordinator refuses this node: \(reason)")
        }
    }

    private func check() throws {
        guard NodeName.isValid(node) else { throw WrongInput("--node is \(node): \(NodeRefusal.badName)") }
        guard 1...32 ~= workersPerGpu else {
            throw WrongInput("--workers-per-gpu is \(workersPerGpu), expected 1 to 32")
        }
        guard 1...86_400 ~= grace else { throw WrongInput("--grace is \(grace), expected 1 to 86400") }
    }

    // MARK: What on

    private func devices() -> [NodeDevice] {
        let gpus = cpuOnly ? [] : GPUQuery.run()
        return gpus.isEmpty ? [.cpu(of: node, memoryBytes: HostMemory.totalBytes)] : gpus
    }

    private static let workersMax = 256

    private func capacity(of devices: [NodeDevice]) throws -> Int {
        let usual = devices.contains(where: \.isGPU) ? devices.count * workersPerGpu : 1
        let capacity = capacity ?? usual
        guard 1...Self.workersMax ~= capacity else {
            throw WrongInput("--capacity is \(capacity), expected 1 to \(Self.workersMax)")
        }
        return capacity
    }

    private func proposed(_ devices: [NodeDevice], _ capacity: Int) throws -> Int {
        let usual = devices.contains(where: \.isGPU) ? capacity : 1
        let proposed = workers ?? usual
        guard 0...capacity ~= proposed else {
            throw WrongInput("--workers is \(proposed), expected 0 to \(capacity), the node's capacity")
        }
        return proposed
    }

    // MARK: What with

    private func openFolder() throws -> NodeFolder {
        let home = ProcessInfo.processInfo.environment["XDG_STATE_HOME"] ?? NSHomeDirectory() + "/.local/state"
        do {
            return try NodeFolder(folder ?? "\(home)/storyfarm/\(node)")
        } catch let error as NodeFolderError {
            throw WrongInput("\(error)")
        }
    }

    private func program(_ place: CoordinatorPlace) throws -> WorkerProgram {
        let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let path = worker ?? beside.appending(path: "storyfarm-worker").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw WrongInput("--worker \(path): there is no such program")
        }
        // Where several share a GPU, each sees it as its only one all the same.
        let choosesDevice = arguments.contains { $0 == "--device" || $0.hasPrefix("--device=") }
        return WorkerProgram(
            path: path, arguments: ["join"] + place.arguments + ["--node", node] + arguments,
            gpuArguments: choosesDevice ? [] : ["--device", "cuda:0"])
    }
}

@main
enum Main {
    static func main() async { await NodeCommand.runToExit() }
}
