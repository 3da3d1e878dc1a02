import Control
import FarmClient
import Foundation
import Programs
import Testing

/// Goal: a node runs as many workers as are wanted, whatever happens to it, and a story does not notice.
/// Method: real processes over loopback; workers that only pretend to denoise, whose latents are a chain of hashes.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ScalingTests {
    private static let (segments, steps) = (16, 24)

    private func undisturbed() throws -> [String] {
        var latents: [String] = []
        try withFarmFolder { folder in
            let outcome = try Program(
                "storyfarm", "render", folder.story(segments: Self.segments, steps: Self.steps), "-o",
                folder.root.appending(path: "story.mp4").path, "--workers", "1", "--model", "embedded",
                "--simulated-step", "1ms", "--folder", folder.farm.path, in: folder.root
            ).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            latents = folder.latents()
        }
        return latents
    }

    @Test func oneThenEightThenTwoWorkersLoseNothing() async throws {
        let expected = try undisturbed()
        #expect(expected.count == Self.segments)
        try await withNodeFarm { farm in
            let agent = try farm.agent("--capacity", "8")
            var seen: [FarmNews] = []
            var news = try await farm.client.events(after: 0).makeAsyncIterator()
            try await farm.submit(farm.folder.story(segments: Self.segments, steps: Self.steps))
            try await farm.follow(&news, into: &seen) { $0.contains { $0.kind == .step } }
            #expect(farm.workers.count == 1)

            try await farm.client.scale(node: farm.node, to: 8)
            // Held until all are there: where they start slowly, the first ones would have rendered everything before.
            try await farm.client.command(.pause, on: 1)
            try await farm.follow(&news, into: &seen) { _ in try await farm.client.workers().count == 8 }
            try await farm.client.command(.resume, on: 1)
            try await farm.follow(&news, into: &seen) { _ in
                try await farm.client.workers().count { $0.denoising != nil } == 8
            }
            #expect(farm.workers.count == 8)

            let start = ContinuousClock.now
            try await farm.client.scale(node: farm.node, to: 2)
            try await farm.follow(&news, into: &seen) { _ in farm.workers.count == 2 }
            print("6 surplus workers had left after \(ContinuousClock.now - start), with steps of 0.1 s")
            let node = try #require(try await farm.client.nodes().first)
            #expect(node.wanted == 2 && node.capacity == 8)
            #expect(try await farm.client.story(1).overview.state == "rendering", "they left before the story's end")

            try await farm.follow(&news, into: &seen) {
                $0.contains { $0.kind == .story && $0.text.hasPrefix("finished") }
            }
            let story = try await farm.client.story(1)
            #expect(story.segments.allSatisfy { $0.state == "finished" && $0.failures == 0 })
            #expect(farm.folder.latents() == expected)
            expectNoStepTwice(seen)
            expectOneStepAtMostAfterADrain(seen)
            agent.send(SIGTERM)
            #expect(agent.finish().status == 143)
            #expect(farm.workers == [])
        }
    }

    /// What was given back went on where it stood.
    private func expectNoStepTwice(_ seen: [FarmNews]) {
        var steps: Set<[Int]> = []
        for news in seen where news.kind == .step {
            #expect(steps.insert([news.segment ?? 0, news.step ?? 0]).inserted, "\(news)")
        }
    }

    private func expectOneStepAtMostAfterADrain(_ seen: [FarmNews]) {
        var drains = 0
        for (index, drain) in seen.enumerated() where drain.text == "recalled: drained" {
            drains += 1
            let worker = seen[..<index].last { $0.kind == .step && $0.segment == drain.segment }?.worker
            let later = seen[index...].filter { $0.kind == .step && $0.worker == worker && worker != nil }
            #expect(later.count <= 1, "\(drain)")
        }
        // All eight had something to do.
        #expect(drains == 6)
    }

    @Test func anAgentThatWasKilledFindsItsWorkersAndStopsThem() async throws {
        try await withNodeFarm { farm in
            let first = try farm.agent("--capacity", "2", "--workers", "2")
            var seen: [FarmNews] = []
            var news = try await farm.client.events(after: 0).makeAsyncIterator()
            try await farm.submit(farm.folder.story(segments: 6, steps: Self.steps))
            try await farm.follow(&news, into: &seen) { _ in
                try await farm.client.workers().count { $0.denoising != nil } == 2
            }
            let orphans = Set(farm.workers)
            #expect(orphans.count == 2)
            first.send(SIGKILL)
            _ = first.finish()
            #expect(Set(farm.workers) == orphans, "they go on meanwhile")

            let second = try farm.agent("--capacity", "2", "--workers", "2")
            var most = 0
            try await farm.follow(&news, into: &seen) { _ in
                let workers = Set(farm.workers)
                most = max(most, workers.count)
                return workers.count == 2 && workers.isDisjoint(with: orphans)
            }
            #expect(most <= 2, "never more than the node can run")
            try await farm.follow(&news, into: &seen) {
                $0.contains { $0.kind == .story && $0.text.hasPrefix("finished") }
            }
            expectNoStepTwice(seen)
            #expect(farm.folder.latents().count == 6)
            second.send(SIGTERM)
            #expect(second.finish().status == 143)
            #expect(farm.workers == [])
        }
    }

    @Test func anotherAgentWithTheSameNameIsRefused() async throws {
        try await withNodeFarm { farm in
            let agent = try farm.agent()
            while try await farm.client.workers().isEmpty { await Task.yield() }
            let outcome = try farm.agent(state: "other").finish()
            #expect(outcome.status == 2)
            let reason = "the coordinator refuses this node: the node \(farm.node) is another agent's"
            #expect(outcome.errors.contains(reason))
            let audit = farm.folder.farm.appending(path: "audit.log")
            #expect(try String(contentsOf: audit, encoding: .utf8).contains("\"nodes/\(farm.node)\""))
            #expect(farm.workers.count == 1)
            // Two agents with one folder are one too many as well.
            let twin = try farm.agent().finish()
            #expect(twin.status == 2 && twin.errors.contains("an agent with this folder runs already"))
            agent.send(SIGTERM)
            _ = agent.finish()
        }
    }

    /// Method: NVIDIA's program and the worker's are scripts that say what they are asked for.
    @Test func aGPUIsAWorkersOwn() async throws {
        try await withNodeFarm { farm in
            let tools = farm.folder.root.appending(path: "tools")
            try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
            let worker = tools.appending(path: "storyfarm-worker").path
            try script("printf 'GPU-aa, H100, 81559\\nGPU-bb, H100, 81559\\n'", at: tools.appending(path: "nvidia-smi"))
            // What the agent starts inherits that SIGTERM is ignored.
            try script(
                "echo \"[$CUDA_VISIBLE_DEVICES] $*\"; exec env --default-signal=TERM tail -f /dev/null",
                at: URL(fileURLWithPath: worker))
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            let agent = try farm.agent("--worker", worker, environment: ["PATH": "\(tools.path):\(path)"])
            while try await farm.client.nodes().first?.running != 2 { await Task.yield() }
            let node = try #require(try await farm.client.nodes().first)
            #expect(node.devices.map(\.uuid) == ["GPU-aa", "GPU-bb"] && node.capacity == 2 && node.wanted == 2)
            agent.waitForErrors(containing: "[worker 1] [GPU-bb] join")
            agent.send(SIGTERM)
            let outcome = agent.finish()
            #expect(outcome.status == 143)
            #expect(outcome.errors.contains("--device cuda:0"))
        }
    }

    /// Method: a worker that says in JSON with what it was started, a line that is none, then that it has no folder.
    @Test func aLogOfObjectsStaysOneBehindAnAgent() async throws {
        try await withNodeFarm { farm in
            let worker = farm.folder.root.appending(path: "storyfarm-worker")
            let said = #"echo "{\"label\":\"worker\",\"message\":\"$*\"}" >&2; echo plain >&2; "#
            let last = #"echo '{"label":"worker","message":"Error: no folder"}' >&2; exit 2"#
            try script(said + last, at: worker)
            let outcome = try farm.agent("--worker", worker.path, "--log-format", "json").finish()
            #expect(outcome.status == 2)
            let lines = try outcome.errors.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String], "\(line)")
            }
            let first = try #require(lines.first { $0["label"] == "worker" })
            #expect(first["slot"] == "0" && first["message"]?.contains("--log-format json") == true)
            #expect(lines.contains { $0["label"] == "storyfarm-node" && $0["message"] == "[worker 0] plain" })
            #expect(lines.last?["message"] == "Error: workers can't be started here: no folder")
        }
    }

    /// Method: a worker that says what is wrong with a model's folder, as the real one does.
    @Test func anAgentEndsWhereItsWorkersCantBeStarted() async throws {
        try await withNodeFarm { farm in
            let worker = farm.folder.root.appending(path: "storyfarm-worker")
            try script("echo 'Error: there is no folder /models/mochi' >&2; exit 2", at: worker)
            let outcome = try farm.agent("--worker", worker.path).finish()
            #expect(outcome.status == 2)
            let words = "Error: workers can't be started here: there is no folder /models/mochi"
            #expect(outcome.errors.split(separator: "\n").last == words[...], "\(outcome.errors)")
            // It has said so; the coordinator may be about to hear it.
            while try await farm.client.nodes().first?.running != 0 { await Task.yield() }
        }
    }

    private func script(_ text: String, at file: URL) throws {
        try Data("#!/bin/sh\n\(text)\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
}
