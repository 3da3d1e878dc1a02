import Foundation
import Programs
import Testing

/// Goal: a coordinator that is killed comes back where it was, and workers that went on keep their work.
@Suite(.serialized) struct CoordinatorProcessTests {
    /// A coordinator over a folder; ends with the test.
    private func coordinator(_ folder: FarmFolder, control: String = "tcp://127.0.0.1:*") throws -> Program {
        let program = try Program(
            "storyfarm-coordinator", "--folder", folder.farm.path, "--control", control, "--allow-simulated",
            "--reserve",
            "0", in: folder.root)
        program.waitForErrors(containing: "listening for people")
        return program
    }

    private func endpoint(_ folder: FarmFolder) throws -> String {
        try String(contentsOf: folder.farm.appending(path: "control.endpoint"), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func worker(_ folder: FarmFolder, step: String) throws -> Program {
        try Program(
            "storyfarm-worker", "join", "--farm", folder.farm.path, "--simulated-step", step, "--log-level", "warning",
            in: folder.root)
    }

    private func ask(_ folder: FarmFolder, _ arguments: String...) throws -> Program.Outcome {
        try Program("storyfarm", arguments + ["--farm", folder.connection], in: folder.root).finish()
    }

    @Test func aKilledCoordinatorLosesNothing() throws {
        try withFarmFolder { folder in
            let first = try coordinator(folder)
            let place = try endpoint(folder)
            let worker = try worker(folder, step: "40ms")
            defer { worker.send(SIGKILL) }
            let story = try folder.story(segments: 3, steps: 20)
            #expect(try ask(folder, "submit", story, "--allow-simulation").status == 0)
            // It has begun: a segment is being denoised.
            while try !ask(folder, "show", "1", "--json").output.contains("\"denoising\"") {}
            first.send(SIGKILL)
            _ = first.finish()
            let second = try coordinator(folder, control: place)
            defer { second.send(SIGKILL) }
            let watched = try ask(folder, "watch", "1")
            #expect(watched.status == 0, "\(watched.errors)")
            #expect(folder.latents().count == 3)
            // The worker's attempt was kept: nobody else was there to render, and no step was taken twice.
            #expect(try ask(folder, "logs", "1").output.contains("goes on"))
        }
    }

    @Test func aWorkerWithAnotherKeyIsTurnedAway() throws {
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            let stranger = FarmFolder(root: folder.root.appending(path: "stranger"))
            try FileManager.default.createDirectory(at: stranger.root, withIntermediateDirectories: true)
            let other = try coordinator(stranger)
            other.send(SIGTERM)
            _ = other.finish()
            let outcome = try Program(
                "storyfarm-worker", "join", "--coordinator", endpoint(folder), "--keys",
                stranger.farm.appending(path: "worker.key").path, "--server-key",
                folder.farm.appending(path: "coordinator.pub").path, "--simulated-step", "1ms", in: folder.root
            ).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("does not know this worker's key"))
        }
    }

    @Test func aRevokedKeyIsOutAtOnceAndAnAllowedOneIsIn() throws {
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            let made = try ask(folder, "keys", "new", "rack-7", "--allow")
            #expect(made.status == 0, "\(made.errors)")
            head.waitForErrors(containing: "allow-list read again")
            let arguments = [
                "join", "--coordinator", try endpoint(folder), "--keys", folder.root.appending(path: "rack-7.key").path,
                "--server-key", folder.farm.appending(path: "coordinator.pub").path, "--simulated-step", "1ms",
            ]
            let worker = try Program("storyfarm-worker", arguments, in: folder.root)
            defer { worker.send(SIGKILL) }
            while try !ask(folder, "workers", "--json").output.contains("\"idle\"") {}
            let revoked = try ask(folder, "keys", "revoke", "rack-7")
            #expect(revoked.output.hasPrefix("rack-7 may no longer join: "))
            let outcome = worker.finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("does not know this worker's key"))
        }
    }

    /// What a machine's configuration says, all its workers hear.
    @Test func workersThatAreToldTheSameFolderHaveFilesOfTheirOwn() throws {
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            let scratch = folder.root.appending(path: "scratch").path
            func folders() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? [] }
            let workers = try (0..<2).map { _ in
                try Program(
                    "storyfarm-worker", "join", "--farm", folder.farm.path, "--simulated-step", "1ms",
                    in: folder.root, environment: ["STORYFARM_SCRATCH": scratch])
            }
            while try ask(folder, "workers", "--json").output.split(separator: "\"idle\"").count < 3 {}
            #expect(folders().count == 2)
            for worker in workers { worker.send(SIGTERM) }
            for worker in workers { #expect(worker.finish().status == 143) }
            #expect(folders() == [])
        }
    }

    @Test(arguments: [("storyfarm-worker", ["join", "--simulated-step", "1ms"]), ("storyfarm-node", ["--cpu-only"])])
    func aWrongServerKeyIsSaidSoonAndWithTheRemedy(program: String, arguments: [String]) throws {
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            _ = try ask(folder, "keys", "new", "other")
            let key = folder.root.appending(path: "other.pub").path
            let outcome = try Program(
                program, arguments + ["--farm", folder.farm.path, "--server-key", key], in: folder.root,
                environment: ["XDG_STATE_HOME": folder.root.path]
            ).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("coordinator.pub"))
        }
    }

    @Test func theDoctorsSeeARunningFarm() throws {
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            let client = try ask(folder, "doctor", "--json")
            #expect(client.status == 0, "\(client.output)")
            #expect(client.output.contains("StoryFarm/1 as this program"))
            let worker = try Program(
                "storyfarm-worker", ["doctor", "--farm", folder.farm.path], in: folder.root
            ).finish()
            #expect(worker.status == 0, "\(worker.output)")
            #expect(worker.output.contains("is reached and knows this key"))
            #expect(worker.output.contains("protocol"))
        }
    }

    @Test func aStoryWhoseModelNobodyHasWaitsAndTheQueueSaysWhy() throws {
        try withFarmFolder { folder in
            let head = try coordinator(folder)
            defer { head.send(SIGKILL) }
            let story = try folder.story(segments: 1)
            #expect(try ask(folder, "submit", story, "--set", "model=mochi", "--allow-simulation").status == 0)
            #expect(try ask(folder, "queue").output.contains("no worker is connected"))
        }
    }
}
