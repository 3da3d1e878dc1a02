import ArgumentParser
import Console
import Control
import FarmClient

/// Lists the farm's nodes.
struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes", abstract: "Lists the farm's nodes: how many workers each shall run, and runs.")

    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws {
        let nodes = try await options.ask { client in try await client.nodes() }
        try options.show(NodeList(nodes: nodes), Self.table(nodes).lines(.output))
    }

    static func table(_ nodes: [NodeOverview]) -> TextTable {
        TextTable(
            ["NODE", "STATE", "WANTED", "RUNNING", "CAPACITY", "DEVICES", "MEMORY FREE", "DISK FREE", "LAST EXIT"],
            nodes.map { node in
                [
                    node.name, node.state, "\(node.wanted)", "\(node.running)", "\(node.capacity)",
                    "\(node.devices.count)", "\(node.freeMemoryBytes >> 30) GiB", "\(node.freeDiskBytes >> 30) GiB",
                    node.exits.first.map(words) ?? "",
                ]
            }, rightAligned: ["WANTED", "RUNNING", "CAPACITY", "DEVICES", "MEMORY FREE", "DISK FREE"])
    }

    private static func words(for exit: NodeOverview.Exit) -> String {
        let said = exit.detail.split(separator: "\n").last.map { ", \($0.prefix(60))" }
        return "\(exit.process): \(exit.cause) \(exit.code)\(said ?? "")"
    }
}

/// Says how many workers nodes run.
struct ScaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Says how many workers a node runs, or every node.",
        usage: """
            storyfarm scale NODE N
            storyfarm scale --all N
            """,
        discussion: """
            Workers that are too many give back what they hold at their next step, with a checkpoint, and leave: those \
            without work first. The number stays until it is changed, also over restarts.
            """)

    @Argument(help: "The node's name, then the number; with --all the number alone.", completion: .nodeName)
    var words: [String] = []
    @Flag(help: "Every node; each runs as many of them as it can.")
    var all = false
    @OptionGroup(title: "Farm")
    var options: FarmOptions

    private struct Scaled: Encodable {
        let node: String?
        let workers: Int
    }

    func run() async throws {
        guard words.count == (all ? 1 : 2), let text = words.last, let workers = Int(text), workers >= 0 else {
            throw WrongInput("expected storyfarm scale NODE N, or storyfarm scale --all N")
        }
        let node = all ? nil : words[0]
        try await options.ask { client in try await client.scale(node: node, to: workers) }
        let count = workers == 1 ? "1 worker" : "\(workers) workers"
        try options.show(
            Scaled(node: node, workers: workers),
            [node.map { "node \($0) runs \(count)" } ?? "every node runs \(count), or as many as it can"])
    }
}
