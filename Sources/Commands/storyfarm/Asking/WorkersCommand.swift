import ArgumentParser
import Console
import Control
import FarmClient

/// Lists the farm's workers.
struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers", abstract: "Lists the farm's workers and what each does.")

    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws {
        let workers = try await options.ask { client in try await client.workers() }
        try options.show(WorkerList(workers: workers), Self.table(workers).lines(.output))
    }

    static func table(_ workers: [WorkerOverview]) -> TextTable {
        TextTable(
            ["WORKER", "NODE", "DEVICE", "MEMORY", "USED", "STATE", "DENOISES", "DELIVERS", "MODELS", "NOTE"],
            workers.map { worker in
                [
                    worker.id, worker.node, worker.isSimulated ? "\(worker.accelerator), pretends" : worker.accelerator,
                    "\(worker.memoryBytes >> 30) GiB", worker.usedBytes.map { "\($0 >> 20) MiB" } ?? "", worker.state,
                    worker.denoising.map(work) ?? "",
                    worker.delivering.map { "\($0.story)/\($0.segment)" }.joined(separator: " "),
                    worker.models.joined(separator: " "), worker.note ?? "",
                ]
            }, rightAligned: ["MEMORY", "USED"])
    }

    private static func work(_ work: WorkerOverview.Work) -> String {
        "\(work.story)/\(work.segment) step \(work.step)" + (work.activity.map { ", \($0)" } ?? "")
    }
}

/// Lets a worker leave.
struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Lets a worker finish its step, hand its work back and leave.")

    @Argument(
        help: "The worker's name, or as much of its beginning as tells it from the others.", completion: .workerName)
    var worker: String
    @Flag(help: "Take it back: the worker may have work again.")
    var undo = false
    @OptionGroup(title: "Farm")
    var options: FarmOptions

    private struct Drained: Encodable {
        let worker: String
        let isDraining: Bool
    }

    func run() async throws {
        let workers = try await options.ask { client in try await client.workers() }
        let named = workers.map(\.id).filter { $0.hasPrefix(worker.lowercased()) }
        guard let id = named.first, named.count == 1 else {
            throw WrongInput(named.isEmpty ? "there is no worker \(worker)" : "\(worker) begins several workers' names")
        }
        try await options.ask { client in try await client.drain(worker: id, !undo) }
        try options.show(
            Drained(worker: id, isDraining: !undo), [undo ? "worker \(id) stays" : "worker \(id) is drained"])
    }
}
