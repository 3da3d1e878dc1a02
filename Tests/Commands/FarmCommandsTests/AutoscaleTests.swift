import Control
import FarmStandIn
import Foundation
import Programs
import Testing

/// Goal: who operates a farm on a cluster sees why jobs come and go, and nothing is submitted where something is wrong.
/// Method: the real program against a stand-in, with programs of Slurm's names; `ops/test-slurm` has a real Slurm.
@Suite struct AutoscaleTests {
    private func withSlurm(_ body: (ServedFarm, URL) async throws -> Void) async throws {
        try await withServedFarm { served in
            let tools = served.folder.appending(path: "tools")
            try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
            for (name, answer) in [
                ("scontrol", "echo 'Slurmctld(primary) at head is UP'"), ("sinfo", "echo 'gpu*|up|gpu:4'"),
                ("sbatch", "echo 17"), ("squeue", ""), ("scancel", ""),
            ] {
                let text = "#!/bin/sh\necho \"\(name) $*\" >> '\(tools.path)/asked'\n\(answer)\n"
                let path = tools.appending(path: name).path
                #expect(
                    FileManager.default.createFile(
                        atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o755]))
            }
            try Data().write(to: tools.appending(path: "node.sbatch"))
            try await body(served, tools)
        }
    }

    private func autoscale(
        _ served: ServedFarm, _ tools: URL, _ arguments: String..., path: String? = nil
    ) async throws -> Program.Outcome {
        try await Program.run(
            "storyfarm",
            ["autoscale", "--script", tools.appending(path: "node.sbatch").path, "--max", "4", "--once"] + arguments,
            in: served.folder,
            environment: ["STORYFARM_FARM": served.connectionFile, "PATH": path ?? "\(tools.path):/usr/bin:/bin"])
    }

    private func submissions(_ tools: URL) -> [Substring] {
        let asked = (try? String(contentsOf: tools.appending(path: "asked"), encoding: .utf8)) ?? ""
        return asked.split(separator: "\n").filter { $0.hasPrefix("sbatch --parsable") }
    }

    @Test func aBacklogBringsAJobAndALineThatSaysWhy() async throws {
        try await withSlurm { served, tools in
            let outcome = try await autoscale(served, tools, "--partition", "gpu", "--gpus-per-job", "2")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let line = try #require(outcome.errors.split(separator: "\n").first { $0.hasSuffix("submitted") })
            #expect(line.contains("backlog 90 s in 2 segments, 0 jobs, 1 wanted"))
            #expect(line.contains("jobs=17"))
            let submitted = submissions(tools)
            #expect(submitted.count == 1 && submitted[0].contains("--partition=gpu --gpus-per-node=2"))
        }
    }

    @Test func aDryRunOnlySaysWhatItWouldDo() async throws {
        try await withSlurm { served, tools in
            let outcome = try await autoscale(served, tools, "--dry-run")
            #expect(outcome.status == 0)
            #expect(outcome.errors.contains("count=1") && outcome.errors.contains("would submit"))
            #expect(submissions(tools) == [])
        }
    }

    @Test func withoutSlurmNothingIsBegun() async throws {
        try await withSlurm { served, tools in
            let outcome = try await autoscale(served, tools, path: "/nowhere")
            #expect(outcome.status == 2)
            #expect(outcome.errors.hasPrefix("Error: scancel is not there: this needs Slurm's commands"))
            let wrong = try await autoscale(served, tools, "--partition", "gqu")
            #expect(wrong.status == 2)
            #expect(wrong.errors == "Error: there is no partition gqu: --partition can be gpu\n")
            let waiting = try await autoscale(served, tools, "--target-wait", "1m")
            #expect(waiting.status == 2 && waiting.errors.contains("--target-wait is"))
            #expect(submissions(tools) == [])
        }
    }

    @Test func anExpiredTokenIsSaidBeforeAnythingIsSubmitted() async throws {
        try await withSlurm { served, tools in
            var connection = served.connection
            connection.token = String(repeating: "0", count: 64)
            let file = served.folder.appending(path: "old.json")
            try JSONEncoder().encode(connection).write(to: file)
            let outcome = try await autoscale(served, tools, "--farm", file.path)
            #expect(outcome.status == 3)
            #expect(outcome.errors.contains("does not know this token: it has expired, was revoked"))
            #expect(outcome.errors.split(separator: "\n").count == 1)
            #expect(submissions(tools) == [])
        }
    }
}
