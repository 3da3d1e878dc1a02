import Control
import FarmClient
import Foundation
import Programs

/// A coordinator, and agents that start workers which only pretend to denoise.
struct NodeFarm {
    let folder: FarmFolder
    let client: FarmClient
    /// Workers are told it: nobody else's have this name.
    let node = "node-\(UUID().uuidString)"
    private let coordinator: Program

    /// For whole farms on a slow machine.
    private static let seconds = 280.0

    init(_ folder: FarmFolder) throws {
        self.folder = folder
        coordinator = try Program(
            "storyfarm-coordinator",
            ["--folder", folder.farm.path, "--allow-simulated", "--reserve", "0", "--log-level", "notice"],
            in: folder.root, seconds: Self.seconds)
        while !FileManager.default.fileExists(atPath: folder.connection) { sched_yield() }
        client = try FarmClient(contentsOf: folder.connection)
    }

    func stop() {
        for program in ["storyfarm-node", "storyfarm-worker"] {
            for process in folder.processes(of: program, given: node) { kill(process, SIGKILL) }
        }
        coordinator.send(SIGTERM)
        _ = coordinator.finish()
    }

    /// - Parameter state: the agent's folder; another agent has another.
    func agent(
        _ options: String..., step: String = "100ms", state: String = "state", environment: [String: String] = [:]
    ) throws -> Program {
        let arguments =
            ["--farm", folder.farm.path, "--node", node, "--folder", folder.root.appending(path: state).path]
            + options + ["--log-level", "notice", "--", "--simulated-step", step, "--log-level", "warning"]
        return try Program(
            "storyfarm-node", arguments, in: folder.root, environment: environment, seconds: Self.seconds)
    }

    var workers: [Int32] { folder.processes(of: "storyfarm-worker", given: node) }

    func submit(_ story: String) async throws {
        let text = try String(contentsOfFile: story, encoding: .utf8)
        _ = try await client.submit(StorySubmission(script: text, name: "story.yaml", allowsSimulation: true))
    }

    /// Takes in news until something holds that is asked after each of them.
    func follow(
        _ news: inout FarmEvents.Iterator, into seen: inout [FarmNews],
        until holds: ([FarmNews]) async throws -> Bool
    ) async throws {
        while try await !holds(seen) {
            guard let item = try await news.next() else { return }
            seen.append(item)
        }
    }
}

/// Runs `body` with a farm of its own, of which nothing is left afterwards.
func withNodeFarm(_ body: (NodeFarm) async throws -> Void) async throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: root) }
    let farm = try NodeFarm(FarmFolder(root: root))
    defer { farm.stop() }
    try await body(farm)
}
