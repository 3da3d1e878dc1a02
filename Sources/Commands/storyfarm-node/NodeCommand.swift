import ArgumentParser
import Console
import Farm
import FarmFolder
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
            checkpoint, and leave. Where every worker ends over wrong input again and again and none has ever worked, \
            the agent ends as well, with the words of one and status 2. SIGTERM or Ctrl-C stops all of them and waits. \
            GPUs are those that nvidia-smi names; a machine without that program has a worker on its CPU. What comes \
            after -- is given to every worker:

              storyfarm-node --farm /srv/farm -- --model /models/mochi-1-preview

            What has a value here can also be said by the environment (--cpu-only as STORYFARM_CPU_ONLY) and by \
            /etc/storyfarm/node.yaml (cpu-only: true): a flag wins over the environment, that over the file. storyfarm \
            config show node prints all of it. Workers hear the same environment, and read /etc/storyfarm/worker.yaml.
            """,
        version: Release.version)

    @OptionGroup
    var joining: JoinOptions
    @Option(help: .setting(.node, valueName: "name"))
    var node = Configuration.current.optionalText(.node) ?? HostName.current
    @Option(help: .setting(.agentFolder), completion: .directory)
    var folder: String?
    @Option(help: .setting(.workerProgram, valueName: "file"), completion: .file())
    var worker: String?
    @Flag(inversion: .prefixedNo, help: .setting(.cpuOnly))
    var cpuOnly = Configuration.current.flag(.cpuOnly)
    @Option(help: .setting(.workersPerGPU, valueName: "workers"))
    var workersPerGpu = Configuration.current.integer(.workersPerGPU)
    @Option(help: .setting(.capacity, valueName: "workers"))
    var capacity: Int?
    @Option(help: .setting(.proposedWorkers))
    var workers: Int?
    @Option(help: .setting(.grace, valueName: "seconds"))
    var grace = Configuration.current.integer(.grace)
    @OptionGroup
    var configuration: ConfigurationOptions
    @OptionGroup
    var log: LogOptions
    @Argument(parsing: .postTerminator, help: "What every worker is given, as --model DIR.")
    var arguments: [String] = []

    func run() async throws {
        let logger = try log.logger("storyfarm-node")
        let place = joining.place
        let (endpoint, pair, server) = try place.connection()
        try check()
        let devices = try devices()
        let capacity = try capacity(of: devices)
        let proposed = try proposed(devices, capacity)
        // A key may begin with a hyphen: as a word of its own it would be an option.
        let program = try program(
            "--coordinator", endpoint, "--keys", place.keys ?? "", "--server-key=\(server.z85)", "--node", node)
        let folder = try openFolder()
        var configuration = NodeConfiguration(
            coordinator: endpoint, serverKey: server, keys: pair, node: node, devices: devices, capacity: capacity,
            proposed: proposed, program: program)
        configuration.grace = .seconds(grace)
        logger.info(
            "node opened",
            metadata: [
                "node": "\(node)", "capacity": "\(capacity)", "folder": "\(folder.path)",
                "devices": "\(devices.map(\.device.uuid).joined(separator: " "))",
            ])
        let service = try NodeService(configuration, folder: folder, logger: logger) { [log] line in
            log.pass(on: line.object, line.prefixed)
        }
        switch await service.run() {
        case .stopped: note("all workers have ended")
        case .refused(let reason): throw WrongInput("the coordinator refuses this node: \(reason)")
        case .hopeless(let words):
            // A worker says it as any program of ours does.
            throw WrongInput("workers can't be started here: \(words.trimmingPrefix("Error: "))")
        case .unwelcome: throw WrongInput(place.unwelcome)
        }
    }

    private func check() throws {
        guard NodeName.isValid(node) else { throw WrongInput("--node is \(node): \(NodeRefusal.badName)") }
        try Setting.workersPerGPU.check(workersPerGpu)
        try Setting.grace.check(grace)
    }

    // MARK: What on

    private func devices() throws -> [NodeDevice] {
        let gpus: [NodeDevice]
        // A driver that does not answer is no wrong input: service managers try again.
        do { gpus = try cpuOnly ? [] : GPUQuery.run() } catch .none(let visible) {
            throw WrongInput("\(GPUQueryError.none(visible: visible))")
        }
        return gpus.isEmpty ? [.cpu(of: node, memoryBytes: HostMemory.totalBytes)] : gpus
    }

    private func capacity(of devices: [NodeDevice]) throws -> Int {
        let usual = devices.contains(where: \.isGPU) ? devices.count * workersPerGpu : 1
        let capacity = capacity ?? Configuration.current.optionalInteger(.capacity) ?? usual
        try Setting.capacity.check(capacity)
        return capacity
    }

    private func proposed(_ devices: [NodeDevice], _ capacity: Int) throws -> Int {
        let usual = devices.contains(where: \.isGPU) ? capacity : 1
        let proposed = workers ?? Configuration.current.optionalInteger(.proposedWorkers) ?? usual
        guard 0...capacity ~= proposed else {
            throw WrongInput("--workers is \(proposed), expected 0 to \(capacity), the node's capacity")
        }
        return proposed
    }

    // MARK: What with

    private func openFolder() throws -> NodeFolder {
        let path = folder ?? Configuration.current.optionalText(.agentFolder) ?? "\(Places.state)/\(node)"
        guard !FileManager.default.fileExists(atPath: FarmFolder(path).coordinatorKey) else {
            throw WrongInput("--folder \(path) is the coordinator's: name another one for the agent")
        }
        do { return try NodeFolder(path) } catch let error as NodeFolderError { throw WrongInput("\(error)") }
    }

    private func program(_ joining: String...) throws -> WorkerProgram {
        let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let path =
            worker ?? Configuration.current.optionalText(.workerProgram)
            ?? beside.appending(path: "storyfarm-worker").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw WrongInput("--worker \(path): there is no such program")
        }
        // Where several share a GPU, each sees it as its only one all the same.
        let choosesDevice = arguments.contains { $0 == "--device" || $0.hasPrefix("--device=") }
        return WorkerProgram(
            path: path, arguments: ["join"] + joining + log.handedOn(before: arguments),
            gpuArguments: choosesDevice ? [] : ["--device", "cuda:0"],
            // That one is the agent's; a worker has /etc/storyfarm/worker.yaml, or --config behind the --.
            withheldVariables: [Configuration.fileVariable])
    }
}

@main
enum Main {
    static func main() async { await NodeCommand.runToExit(.node) }
}
