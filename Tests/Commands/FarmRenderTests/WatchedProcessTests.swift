import Foundation
import Programs
import Testing

/// Goal: machines that watch the programs see how they are. Method: the programs themselves.
@Suite(.serialized) struct WatchedProcessTests {
    private struct Connection: Decodable {
        let url: String
        let token: String
    }

    private func coordinator(_ folder: FarmFolder, _ arguments: String...) throws -> Program {
        let program = try Program(
            "storyfarm-coordinator",
            ["--folder", folder.farm.path, "--allow-simulated", "--reserve", "0", "--log-format", "json"] + arguments,
            in: folder.root)
        program.waitForErrors(containing: "listening for people")
        return program
    }

    private func worker(_ folder: FarmFolder, _ arguments: String...) throws -> Program {
        try Program(
            "storyfarm-worker", ["join", "--farm", folder.farm.path, "--simulated-step", "5ms"] + arguments,
            in: folder.root)
    }

    private func get(_ path: String, _ folder: FarmFolder) throws -> String {
        let connection = try JSONDecoder().decode(
            Connection.self, from: Data(contentsOf: URL(filePath: folder.connection)))
        let curl = Process()
        curl.executableURL = URL(filePath: "/usr/bin/env")
        curl.arguments = [
            "curl", "--silent", "--max-time", "20", "--header", "Authorization: Bearer \(connection.token)",
            connection.url + path,
        ]
        let output = Pipe()
        curl.standardOutput = output
        try curl.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        curl.waitUntilExit()
        return text
    }

    /// Every line of a log that a machine reads.
    private func lines(_ log: String) throws -> [[String: String]] {
        try log.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require(object as? [String: String], "\(line)")
        }
    }

    @Test func aRenderedStoryIsSeenInMetricsHealthAndLogs() throws {
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            let worker = try worker(folder, "--log-format", "json")
            defer { worker.send(SIGKILL) }
            let story = try folder.story(segments: 2)
            let submitted = try Program(
                "storyfarm", "submit", story, "--allow-simulation", "--wait", "--farm", folder.connection,
                in: folder.root
            ).finish()
            #expect(submitted.status == 0, "\(submitted.errors)")
            let metrics = try get("/metrics", folder)
            for line in ["storyfarm_segments_finished_total 2", "storyfarm_step_seconds_count 24"] {
                #expect(metrics.contains("\n\(line)\n"), "\(line): \(metrics)")
            }
            #expect(try get("/health/ready", folder).contains(#""isReady":true"#))
            worker.send(SIGTERM)
            let left = worker.finish()
            let said = try lines(left.errors)
            #expect(said.last?["message"] == "drained")
            #expect(said.allSatisfy { $0["label"] == "storyfarm-worker" && $0["time"] != nil && $0["level"] != nil })
            head.send(SIGTERM)
            // The line that was waited for has been read in part.
            let rest = head.finish().errors.drop { $0 != "\n" }
            #expect(try !lines(String(rest)).isEmpty)
        }
    }

    @Test func aWorkerIsReadyFromItsFirstModelUntilItLeaves() throws {
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            let file = folder.root.appending(path: "ready").path
            let worker = try worker(folder, "--ready-file", file)
            defer { worker.send(SIGKILL) }
            while !FileManager.default.fileExists(atPath: file) { sched_yield() }
            worker.send(SIGTERM)
            #expect(worker.finish().status == 143)
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    /// Slurm and systemd tell every process of a job to stop, and the node agent its workers, too.
    @Test func aWorkerThatIsToldTwiceStillGivesBackWhatItHolds() throws {
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            let worker = try worker(folder, "--simulated-step", "1s", "--log-level", "warning")
            defer { worker.send(SIGKILL) }
            let submitted = try Program(
                "storyfarm", "submit", try folder.story(segments: 1), "--allow-simulation", "--farm",
                folder.connection, in: folder.root
            ).finish()
            #expect(submitted.status == 0, "\(submitted.errors)")
            while try !get("/v1/workers", folder).contains(#""denoising":{"#) { sched_yield() }
            worker.send(SIGTERM)
            worker.waitForErrors(containing: "stopping")
            worker.send(SIGTERM)
            let left = worker.finish()
            #expect(left.status == 143)
            #expect(left.errors.contains("drained"), "\(left.errors)")
        }
    }

    @Test func aWrongFormatIsRefused() throws {
        try withFarmFolder { folder in
            let outcome = try Program(
                "storyfarm-coordinator", "--folder", folder.farm.path, "--log-format", "xml", in: folder.root
            ).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("text, json") || outcome.errors.contains("'text'"), "\(outcome.errors)")
        }
    }
}
