import Foundation
import Media
import Programs
import Testing

/// Goal: the same programs as on a large farm render a story on one machine, whoever dies on the way.
/// Method: real processes over loopback; workers that only pretend to denoise, whose latents are a chain of hashes.
@Suite(.serialized) struct RenderTests {
    private func render(
        _ folder: FarmFolder, _ story: String, workers: Int = 2, step: String = "1ms"
    ) throws -> Program {
        try Program(
            "storyfarm", "render", story, "-o", folder.root.appending(path: "story.mp4").path, "--workers",
            "\(workers)",
            "--model", "embedded", "--simulated-step", step, "--folder", folder.farm.path, in: folder.root)
    }

    private func latents(handoff: String, workers: Int) throws -> [String] {
        var latents: [String] = []
        try withFarmFolder { folder in
            let outcome = try render(folder, folder.story(segments: 4, handoff: handoff), workers: workers).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            latents = folder.latents()
            #expect(folder.isDeserted())
        }
        return latents
    }

    @Test(arguments: ["stream", "final"]) func anyNumberOfWorkersMakesTheSameLatents(_ handoff: String) throws {
        let alone = try latents(handoff: handoff, workers: 1)
        #expect(alone.count == 4)
        for workers in [2, 4] { #expect(try latents(handoff: handoff, workers: workers) == alone) }
    }

    @Test func theFilmHasEveryFrameAndAContactSheet() throws {
        try withFarmFolder { folder in
            let outcome = try render(folder, folder.story(segments: 3)).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            var reader = try VideoReader(folder.root.appending(path: "story.mp4").path)
            var count = 0
            while try reader.next() != nil { count += 1 }
            #expect(count == 3 * 7)
            let sheet = FileManager.default.contents(atPath: folder.root.appending(path: "story.png").path)
            #expect(sheet?.starts(with: [0x89, 0x50, 0x4E, 0x47]) == true)
        }
    }

    @Test func aFarmThatStaysShowsItsPageUntilItIsInterrupted() throws {
        try withFarmFolder { folder in
            let program = try Program(
                "storyfarm", "render", folder.story(segments: 1), "-o",
                folder.root.appending(path: "story.mp4").path, "--model", "embedded", "--simulated-step", "1ms",
                "--folder", folder.farm.path, "--stay", in: folder.root)
            program.waitForErrors(containing: "the farm's page: http://127.0.0.1:")
            // Its contact sheet comes last.
            let sheet = folder.root.appending(path: "story.png").path
            let end = ContinuousClock.now + .seconds(60)
            while !FileManager.default.fileExists(atPath: sheet), .now < end { sched_yield() }
            #expect(folder.processes(of: "storyfarm-coordinator").count == 1)
            program.send(SIGINT)
            #expect(program.finish().status == 130)
            #expect(folder.isDeserted())
        }
    }

    @Test func aKilledWorkerIsReplacedAndNothingIsLost() throws {
        let undisturbed = try latents(handoff: "stream", workers: 1)
        try withFarmFolder { folder in
            let program = try render(folder, folder.story(segments: 4), step: "60ms")
            // The story is accepted and on its way.
            _ = program.firstLine()
            for worker in folder.processes(of: "storyfarm-worker").prefix(1) { kill(worker, SIGKILL) }
            let outcome = program.finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("has died and is replaced"))
            #expect(folder.latents() == undisturbed)
        }
    }

    @Test func aFarmWhoseWorkersDieAgainAndAgainIsGivenUp() throws {
        try withFarmFolder { folder in
            let program = try render(folder, folder.story(segments: 1), workers: 1, step: "1s")
            _ = program.firstLine()
            for death in 1...21 {
                try #require(killWorkers(of: folder))
                if death < 21 { program.waitForErrors(containing: "has died and is replaced") }
            }
            let outcome = program.finish()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("Error: storyfarm-worker (process"), "\(outcome.errors)")
            #expect(folder.isDeserted())
        }
    }

    /// All that there are, as soon as there is one.
    private func killWorkers(of folder: FarmFolder) -> Bool {
        let end = ContinuousClock.now + .seconds(10)
        while .now < end {
            let workers = folder.processes(of: "storyfarm-worker")
            for worker in workers { kill(worker, SIGKILL) }
            if !workers.isEmpty { return true }
            sched_yield()
        }
        return false
    }

    @Test func aFarmWithoutItsCoordinatorEndsWithWhatThatSaidLast() throws {
        try withFarmFolder { folder in
            let program = try render(folder, folder.story(segments: 1), workers: 1, step: "1s")
            _ = program.firstLine()
            for coordinator in folder.processes(of: "storyfarm-coordinator") { kill(coordinator, SIGKILL) }
            let outcome = program.finish()
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("Error: storyfarm-coordinator (process"), "\(outcome.errors)")
            #expect(folder.isDeserted())
        }
    }

    @Test func ctrlCEndsTheWholeFarm() throws {
        try withFarmFolder { folder in
            let program = try render(folder, folder.story(segments: 4), step: "5s")
            _ = program.firstLine()
            program.send(SIGINT)
            #expect(program.finish().status == 130)
            #expect(folder.isDeserted())
        }
    }

    @Test func aFarmEndsWithTheCommandThatWasKilled() throws {
        try withFarmFolder { folder in
            let program = try render(folder, folder.story(segments: 4), step: "5s")
            _ = program.firstLine()
            program.send(SIGKILL)
            _ = program.finish()
            #expect(folder.isDeserted())
        }
    }

    private static let embedded = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../ops/embedded-model/model").standardized.path

    /// Each is found before anything is started, or is what a worker said of it.
    @Test(arguments: [
        (["--model", "nowhere"], "--model nowhere: there is no such folder"),
        (["--model", "story.yaml"], "--model story.yaml is no folder"),
        (["--model", "."], "No such file or directory"),
        (
            ["--model", "mine", "--simulated-step", "1ms", "--set", "model=other"],
            "--set model=other: model: is 'other', but the folder of --model holds 'mine'"
        ),
        // Said by the model, when it sees the story.
        (["--model", Self.embedded, "--set", "model=embedded", "--set", "video.width=100"], "width is 100"),
        (["--model", ".", "--workers", "0"], "--workers is 0, expected a whole number from 1 to 64"),
        (["--model", ".", "--precision", "fp8"], "--precision is fp8, expected fp32 or bf16"),
        (["--model", ".", "--output", "x.mp3"], "--output is x.mp3, expected a name in .mp4"),
        (["--model", ".", "--output", "nowhere/x.mp4"], "there is no folder"),
        (["--model", ".", "--simulated-step", "soon"], "--simulated-step is soon, expected a time such as 50ms"),
        (["--model", ".", "--config", "nowhere.yaml"], "nowhere.yaml: No such file or directory"),
    ])
    func whatIsWrongIsSaidInOneLineWithAStatusOfItsOwn(arguments: [String], words: String) throws {
        try withFarmFolder { folder in
            let outcome = try Program(
                "storyfarm",
                ["render", folder.story(segments: 1), "-o", "x.mp4", "--folder", folder.farm.path] + arguments,
                in: folder.root
            ).finish()
            #expect(outcome.status == 2, "\(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").filter { $0.hasPrefix("Error: ") }.count == 1)
            #expect(folder.isDeserted())
        }
    }
}
