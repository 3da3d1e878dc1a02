import Foundation

/// Jobs under Slurm, by its own programs: `sbatch`, `squeue`, `scancel`, `sinfo` and `scontrol`.
public struct SlurmEngine: JobEngine {
    /// What is submitted.
    public struct Job: Hashable, Sendable {
        /// A batch script; those of `Cluster/slurm` leave on SIGUSR1.
        public var script: String
        /// Jobs of this name and this user are this engine's.
        public var name: String
        /// Slurm's default one without it.
        public var partition: String?
        /// On its node; 0 for a job without.
        public var gpus: Int
        /// More options of `sbatch`.
        public var options: [String]

        public init(script: String, name: String, partition: String? = nil, gpus: Int, options: [String] = []) {
            (self.script, self.name, self.partition) = (script, name, partition)
            (self.gpus, self.options) = (gpus, options)
        }
    }

    private let job: Job
    private let paths: String
    private let user: String

    /// A controller that is busy answers late, and not at all only when it is gone.
    private static let patience = 60.0

    /// - Parameters:
    ///   - paths: where Slurm's programs are, as in PATH.
    ///   - user: whose jobs these are.
    public init(_ job: Job, paths: String, user: String) {
        (self.job, self.paths, self.user) = (job, paths, user)
    }

    private func run(_ program: String, _ arguments: [String]) async throws(EngineError) -> CommandRun {
        guard let path = CommandRun.path(of: program, in: paths) else {
            throw .missing(
                "\(program) is not there: this needs Slurm's commands on this machine, in PATH (Debian: slurm-client)")
        }
        do { return try await CommandRun.run(path, arguments, seconds: Self.patience) } catch {
            throw .missing("\(path): \(error)")
        }
    }

    private func output(of program: String, _ arguments: [String]) async throws(EngineError) -> String {
        let run = try await run(program, arguments)
        guard run.status == 0 else { throw .refused("\(program): \(Self.words(run, of: program))") }
        return run.output
    }

    /// Without the program's name, which is said anyway.
    private static func words(_ run: CommandRun, of program: String) -> String {
        var words = run.complaint
        for prefix in ["\(program): ", "error: "] where words.hasPrefix(prefix) { words.removeFirst(prefix.count) }
        return words
    }

    // MARK: Checks

    public func check() async throws(EngineError) {
        for program in ["scancel", "squeue"] where CommandRun.path(of: program, in: paths) == nil {
            _ = try await run(program, [])
        }
        try await checkController()
        try SlurmPartition.check(
            SlurmPartition.list(try await output(of: "sinfo", ["--noheader", "--format=\(SlurmPartition.format)"])), job
        )
        guard FileManager.default.isReadableFile(atPath: job.script) else {
            throw .refused("\(job.script): there is no such batch script; those of StoryFarm are in Cluster/slurm")
        }
        let test = try await run("sbatch", ["--test-only"] + arguments)
        guard test.status == 0 else {
            throw .refused("sbatch would not take \(job.script): \(Self.words(test, of: "sbatch"))")
        }
    }

    private func checkController() async throws(EngineError) {
        let ping = try await run("scontrol", ["ping"])
        guard ping.status == 0, ping.output.contains(" UP") else {
            let words = Self.words(ping, of: "scontrol")
            throw .missing(
                "Slurm's controller does not answer (\(words)): is slurmctld running, and SLURM_CONF its slurm.conf?")
        }
    }

    // MARK: Jobs

    public func jobs() async throws(EngineError) -> [EngineJob] {
        let text = try await output(
            of: "squeue",
            ["--noheader", "--array", "--user=\(user)", "--name=\(job.name)", "--format=\(SlurmQueue.format)"])
        return SlurmQueue.jobs(in: text)
    }

    private var arguments: [String] {
        ["--job-name=\(job.name)"] + (job.partition.map { ["--partition=\($0)"] } ?? [])
            + (job.gpus > 0 ? ["--gpus-per-node=\(job.gpus)"] : []) + job.options + [job.script]
    }

    public func submit() async throws(EngineError) -> String {
        let text = try await output(of: "sbatch", ["--parsable"] + arguments)
        // "17", or "17;cluster".
        let id = text.prefix { $0 != ";" && !$0.isNewline }
        guard !id.isEmpty, id.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            throw .refused("sbatch names no job: \(text.prefix(80))")
        }
        return String(id)
    }

    public func cancel(_ job: EngineJob) async throws(EngineError) {
        switch job.stage {
        // Should it have been placed meanwhile, it is left alone.
        case .pending, .held:
            // Waiting tasks of an array are one record in Slurm, which scancel would end whole; holding one parts it.
            if job.address.contains("_") {
                guard try await run("scontrol", ["hold", job.address]).status == 0 else { return }
            }
            _ = try await output(of: "scancel", ["--state=PENDING", job.address])
        // Its script has the workers leave, which may take longer than Slurm waits for a job that it ends itself.
        case .running: _ = try await output(of: "scancel", ["--batch", "--signal=USR1", job.address])
        case .leaving: break
        }
    }
}
