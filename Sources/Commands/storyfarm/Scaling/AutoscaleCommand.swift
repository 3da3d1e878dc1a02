import ArgumentParser
import ClusterEngine
import Console
import Control
import Farm
import FarmClient
import Foundation
import Logging

/// Keeps as many of a cluster's jobs running as the farm's backlog needs.
struct AutoscaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autoscale",
        abstract: "Submits and ends a cluster's jobs as the farm's backlog grows and shrinks; under Slurm.",
        discussion: """
            Runs until it is stopped; the jobs then stay. The farm gets as many jobs as get through its backlog within \
            the target wait; jobs that were idle for as long as a start takes are given back, idle ones first and none \
            that denoises. Every change is a line that says why; --dry-run only says what would be done. The token may \
            be a viewer's.

              storyfarm autoscale --script Cluster/slurm/node.sbatch --partition gpu --max 16 --target-wait 20m

            What the script needs to know is in its environment: see Cluster/slurm/README.md.
            """)

    @Option(help: ArgumentHelp("The batch script to submit.", valueName: "file"), completion: .file())
    var script: String
    @Option(help: "The partition to submit to; Slurm's default one without it.")
    var partition: String?
    @Option(help: "GPUs of a job on its node; 0 for workers on the CPU.")
    var gpusPerJob = 1
    @Option(help: "Workers of a job; as many as GPUs without it.")
    var workersPerJob: Int?
    @Option(help: ArgumentHelp("One more option of sbatch, as --sbatch=--time=8:00:00.", valueName: "option"))
    var sbatch: [String] = []
    @Option(help: "Name of the jobs; those of this name and user are kept, and no others.")
    var name = "storyfarm"
    @Option(help: ArgumentHelp("What is handed in shall be begun after so long.", valueName: "time"))
    var targetWait = TimeSpan(seconds: 1200)
    @Option(help: "Jobs that are kept without any work.")
    var min = 0
    @Option(help: "Jobs at once.")
    var max: Int
    @Option(help: ArgumentHelp("From a growth to the next reduction, and the other way round.", valueName: "time"))
    var coolDown = TimeSpan(seconds: 300)
    @Option(help: ArgumentHelp("From a job's submission to its first step.", valueName: "time"))
    var startUp = TimeSpan(seconds: 90)
    @Option(help: ArgumentHelp("Between two looks at the farm.", valueName: "time"))
    var every = TimeSpan(seconds: 15)
    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false
    @Flag(help: "Look once, submit what is missing, and end; jobs are ended only by one that goes on.")
    var once = false
    @OptionGroup
    var log: LogOptions
    @OptionGroup
    var address: FarmAddress

    func run() async throws {
        let logger = try log.logger("storyfarm-autoscale")
        let policy = try policy()
        let engine = SlurmEngine(
            SlurmEngine.Job(
                script: URL(filePath: script).path, name: name, partition: partition, gpus: gpusPerJob,
                options: sbatch),
            paths: ProcessInfo.processInfo.environment["PATH"] ?? "", user: NSUserName())
        // Nothing is submitted for a farm that can't be asked, or to a cluster that would not take it.
        do { try await engine.check() } catch { throw WrongInput(error.description) }
        let run = AutoscaleRun(
            engine: engine, farm: address, isDry: dryRun, logger: logger)
        try await run.follow(policy, every: every.duration, once: once)
    }

    private func policy() throws -> ScalingPolicy {
        guard 0...256 ~= gpusPerJob else { throw WrongInput("--gpus-per-job is \(gpusPerJob), expected 0 to 256") }
        guard 1...3600 ~= every.seconds else { throw WrongInput("--every is \(every), expected 1s to 1h") }
        let policy = ScalingPolicy(
            targetWait: targetWait.duration, minimum: min, maximum: max, coolDown: coolDown.duration,
            workersPerJob: workersPerJob ?? Swift.max(1, gpusPerJob), startUp: startUp.duration)
        if let problem = policy.problem { throw WrongInput(problem) }
        return policy
    }
}
