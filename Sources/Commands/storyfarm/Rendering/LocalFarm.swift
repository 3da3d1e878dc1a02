import Console
import Control
import FarmClient
import Foundation

/// A farm on this machine for as long as a story takes: a coordinator and workers as processes of their own, with keys
/// made for the occasion. Workers that die are replaced.
actor LocalFarm {
    struct Crew: Sendable {
        let workers: Int
        let threads: Int
        let model: String
        let precision: String?
        let simulatedStep: String?
    }

    let folder: String
    let crew: Crew
    private var coordinator: ChildProcess?
    private var workers: [Int: ChildProcess] = [:]
    private var isStopping = false
    private var deaths = 0

    /// Workers that may die before the farm gives up.
    private static let deathsMax = 20

    init(folder: String, crew: Crew) { (self.folder, self.crew) = (folder, crew) }

    nonisolated var connectionFile: String { folder + "/farm.json" }

    /// Starts the coordinator, then the workers, and returns when one of them has offered its model.
    ///
    /// - Returns: that model's name.
    func start() async throws -> String {
        var arguments = ["--folder", folder, "--log-level", "notice", "--reserve", "64", "--watermark", "0"]
        if crew.simulatedStep != nil { arguments.append("--allow-simulated") }
        let coordinator = try ChildProcess("storyfarm-coordinator", arguments, log: folder + "/coordinator.log")
        self.coordinator = coordinator
        try await wait(for: coordinator) { FileManager.default.fileExists(atPath: self.connectionFile) }
        for number in 1...crew.workers { try startWorker(number) }
        let client = try FarmClient(contentsOf: connectionFile)
        while true {
            try requireLife()
            if let model = try await client.workers().lazy.compactMap(\.models.first).first { return model }
            try await ContinuousClock().sleep(for: .milliseconds(50))
        }
    }

    private func wait(for child: ChildProcess, _ isDone: @Sendable () -> Bool) async throws {
        while !isDone() {
            guard child.isRunning else { throw ChildDeath(child) }
            try await ContinuousClock().sleep(for: .milliseconds(20))
        }
    }

    private func startWorker(_ number: Int) throws {
        var arguments = [
            "join", "--farm", folder, "--model", crew.model, "--threads", "\(crew.threads)", "--log-level", "notice",
        ]
        if let precision = crew.precision { arguments += ["--precision", precision] }
        if let step = crew.simulatedStep { arguments += ["--simulated-step", step] }
        workers[number] = try ChildProcess("storyfarm-worker", arguments, log: folder + "/worker-\(number).log")
    }

    /// Replaces workers that die, until the task is cancelled.
    ///
    /// - Throws: `ChildDeath` of the coordinator, or of the worker that was one too many.
    func keepAlive() async throws {
        while !isStopping {
            try Task.checkCancellation()
            try requireLife()
            for (number, worker) in workers where !worker.isRunning {
                deaths += 1
                guard deaths <= Self.deathsMax else { throw ChildDeath(worker) }
                note("worker \(number) (process \(worker.identifier)) has died and is replaced")
                try startWorker(number)
            }
            try await ContinuousClock().sleep(for: .milliseconds(200))
        }
    }

    private func requireLife() throws {
        if let coordinator, !coordinator.isRunning { throw ChildDeath(coordinator) }
        // Before anything was rendered, a worker's end is a wrong model or option: said at once.
        if deaths == 0, let worker = workers.values.first(where: { !$0.isRunning && !hasWorked }) {
            let death = ChildDeath(worker)
            throw worker.status == CommandExit.wrongInput ? WrongInput(death.lastWords) : death
        }
    }

    private(set) var hasWorked = false

    func begun() { hasWorked = true }

    /// Ends all processes: workers first, which say goodbye.
    func stop() async {
        isStopping = true
        for worker in workers.values { worker.terminate() }
        for worker in workers.values { await worker.stop(within: .seconds(5)) }
        await coordinator?.stop(within: .seconds(5))
        (workers, coordinator) = ([:], nil)
    }
}

/// A program of the farm has ended before its time.
struct ChildDeath: Error, CustomStringConvertible {
    let description: String
    /// What it said in the end.
    let lastWords: String

    init(_ child: ChildProcess) {
        let line = child.lastWords().split(separator: "\n").last ?? ""
        lastWords = String(line.trimmingPrefix("Error: "))
        let reason = lastWords.isEmpty ? ", without a word" : ": \(lastWords)"
        description = "\(child.name) (process \(child.identifier)) has ended\(reason); see \(child.log)"
    }
}
