import ClusterEngine
import Foundation
import Testing

/// Goal: Slurm is asked for what was meant, and its refusals arrive as one line. Method: programs with Slurm's names
/// that write down what they were asked; `ops/test-slurm` asks a real one.
@Suite struct SlurmEngineTests {
    private static let answers = [
        "scontrol": "echo 'Slurmctld(primary) at head is UP'", "sinfo": "echo 'gpu*|up|gpu:4'",
        "sbatch": "echo '17;cluster'", "squeue": "echo '17|17|R|None'", "scancel": "",
    ]

    /// - Parameter changed: what programs do instead; nil for one that is not there.
    private func with(
        _ changed: [String: String?] = [:], _ body: (SlurmEngine, () throws -> [String]) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let record = folder.appending(path: "asked").path
        for (name, usual) in Self.answers {
            guard let answer = changed[name, default: usual] else { continue }
            let path = folder.appending(path: name).path
            let text = "#!/bin/sh\necho \"\(name) $*\" >> '\(record)'\n\(answer)\n"
            #expect(
                FileManager.default.createFile(
                    atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o755]))
        }
        let script = folder.appending(path: "node.sbatch").path
        #expect(FileManager.default.createFile(atPath: script, contents: Data()))
        let engine = SlurmEngine(
            SlurmEngine.Job(script: script, name: "farm", partition: "gpu", gpus: 2, options: ["--time=60"]),
            paths: folder.path, user: "ann")
        try await body(engine) {
            try String(contentsOfFile: record, encoding: .utf8).replacing(script, with: "SCRIPT").split(separator: "\n")
                .map(String.init)
        }
    }

    @Test func aJobIsSubmittedAsMeant() async throws {
        try await with { engine, asked in
            let id = try await engine.submit()
            #expect(id == "17")
            let lines = try asked()
            #expect(
                lines == [
                    "sbatch --parsable --job-name=farm --partition=gpu --gpus-per-node=2 --time=60 SCRIPT"
                ])
        }
    }

    @Test func onlyItsOwnJobsAreListedAndEnded() async throws {
        try await with { engine, asked in
            let jobs = try await engine.jobs()
            #expect(jobs == [EngineJob(id: "17", stage: .running)])
            try await engine.cancel(EngineJob(id: "17", stage: .running))
            try await engine.cancel(EngineJob(id: "18", stage: .pending))
            try await engine.cancel(EngineJob(id: "19", stage: .leaving))
            let lines = try asked()
            #expect(
                lines == [
                    "squeue --noheader --array --user=ann --name=farm --format=%A|%i|%t|%r",
                    "scancel --batch --signal=USR1 17", "scancel --state=PENDING 18",
                ])
        }
    }

    @Test func ofAnArrayOneTaskIsEnded() async throws {
        try await with(["squeue": "echo '36|36_2|R|None'; echo '37|36_1|PD|Priority'"]) { engine, asked in
            for job in try await engine.jobs() { try await engine.cancel(job) }
            let endings = try asked().filter { !$0.hasPrefix("squeue") }
            #expect(
                endings == [
                    "scancel --batch --signal=USR1 36_2", "scontrol hold 36_1", "scancel --state=PENDING 36_1",
                ])
        }
    }

    @Test func aTaskOfAnArrayThatWasPlacedMeanwhileIsLeftAlone() async throws {
        try await with(["scontrol": "echo 'Job is no longer pending execution' >&2; exit 1"]) { engine, asked in
            try await engine.cancel(EngineJob(id: "37", address: "36_1", stage: .pending))
            let lines = try asked()
            #expect(lines == ["scontrol hold 36_1"])
        }
    }

    @Test func checkingSubmitsNothing() async throws {
        try await with { engine, asked in
            try await engine.check()
            let submissions = try asked().filter { $0.hasPrefix("sbatch") }
            #expect(submissions.count == 1 && submissions[0].hasPrefix("sbatch --test-only --job-name=farm "))
        }
    }

    @Test(
        arguments: [
            ("sbatch", nil, "sbatch is not there: this needs Slurm's commands on this machine, in PATH"),
            ("scancel", nil, "scancel is not there: this needs Slurm's commands on this machine, in PATH"),
            (
                "scontrol", "echo 'Slurmctld(primary) at head is DOWN'; exit 1",
                "Slurm's controller does not answer (Slurmctld(primary) at head is DOWN): is slurmctld running"
            ),
            ("sinfo", "echo 'cpu*|up|(null)'", "there is no partition gpu: --partition can be cpu"),
            (
                "sbatch", "echo 'sbatch: error: Batch job submission failed: Invalid account' >&2; exit 1",
                "sbatch would not take"
            ),
        ] as [(String, String?, String)])
    func whatIsWrongIsOneLine(program: String, answer: String?, words: String) async throws {
        try await with([program: answer]) { engine, _ in
            do {
                try await engine.check()
                Issue.record("nothing is wrong")
            } catch {
                #expect("\(error)".hasPrefix(words), "\(error)")
                #expect(!"\(error)".contains("\n"))
            }
        }
    }
}
