import Foundation
import Programs
import Testing
import Torch

/// Goal: a segment that is continued has the same neighbour as before, and leaves the next one all of its boundaries.
/// Method: the real program with a small random model; a story of two segments.
@Suite struct NeighbourTests {
    private static let script = """
        video: { width: 48, height: 32, frames: 7 }
        sampling: { steps: 4, guidance: 3, seed: 11 }
        blending: { gamma: 0.3 }
        segments:
          - { scene: in the park, action: a dog is running }
          - { scene: on the beach, action: two foxes are sitting }
        """
    private static let pair = [
        "--scene", "on the beach", "--action", "a dog", "--width", "48", "--height", "32", "--frames", "7", "--steps",
        "4",
    ]

    private func start(_ arguments: [String], in folder: URL) throws -> Program {
        try Program("storyfarm-worker", ["segment", "--model", ModelFixture.folder] + arguments, in: folder)
    }

    private func run(_ arguments: [String], in folder: URL) throws {
        let outcome = try start(arguments, in: folder).finish()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    private func expectRefusal(_ arguments: [String], says: String, in folder: URL) throws {
        let outcome = try start(arguments, in: folder).finish()
        #expect(outcome.status == 2, "\(arguments)")
        #expect(
            outcome.errors.contains(says) && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }

    private func withStory(_ body: (URL) throws -> Void) throws {
        try withFolder { folder in
            try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
            try body(folder)
        }
    }

    @Test func aStoppedRunLeavesAllItsBoundaries() throws {
        try withStory { folder in
            let request = ["--story", "story.yaml", "--steps", "300", "--without", "weighting", "--threads", "1"]
            try run(request + ["--segment", "1", "--save-boundary", "b1"], in: folder)
            let second = request + ["--segment", "2", "--boundary", "b1"]
            try run(second + ["--save-boundary", "whole"], in: folder)

            let stopped = try start(second + ["--save-boundary", "b2", "--checkpoint", "c"], in: folder)
            stopped.waitForErrors(containing: "/300")
            stopped.send(SIGINT)
            #expect(stopped.finish().status == 130)
            try run(second + ["--save-boundary", "b2", "--resume", "c"], in: folder)
            let whole = try Data(contentsOf: folder.appending(path: "whole"))
            #expect(try Data(contentsOf: folder.appending(path: "b2")) == whole)
        }
    }

    @Test func boundariesThatNobodyKeptCannotBeSaved() throws {
        try withStory { folder in
            try run(Self.pair + ["--save-latents", "l", "--checkpoint", "c"], in: folder)
            try expectRefusal(
                Self.pair + ["--resume", "c", "--save-boundary", "b"],
                says: "--save-boundary wants the boundaries of all steps, but c was written without: leave it out",
                in: folder)
            try run(Self.pair + ["--resume", "c", "--save-latents", "l"], in: folder)
        }
    }

    @Test func aCheckpointIsOfItsNeighbour() throws {
        try withStory { folder in
            let request = ["--story", "story.yaml", "--set", "sar.pairing=across", "--save-latents", "l"]
            for (name, seed) in [("b1", "1"), ("other", "2")] {
                let first = ["--story", "story.yaml", "--segment", "1", "--seed", seed]
                try run(first + ["--save-boundary", name], in: folder)
            }
            let second = request + ["--segment", "2"]
            try run(second + ["--boundary", "b1", "--checkpoint", "c"], in: folder)
            let resumed = second + ["--boundary", "b1", "--resume", "c"]
            try run(resumed, in: folder)
            try expectRefusal(
                second + ["--boundary", "other", "--resume", "c"], says: "c: is of a run with boundaries ", in: folder)
            try expectRefusal(
                resumed + ["--set", "segments.1.action=night"],
                says: "c: is of a run with previous action a dog is running, this one has night", in: folder)

            // What a blend does not depend on may be another.
            let within = resumed.map { $0 == "sar.pairing=across" ? "sar.pairing=within" : $0 == "c" ? "w" : $0 }
            try run(within.map { $0 == "--resume" ? "--checkpoint" : $0 }, in: folder)
            try run(within + ["--set", "segments.1.action=night"], in: folder)

            try run(Self.pair + ["--boundary", "b1", "--save-latents", "l", "--checkpoint", "p"], in: folder)
            try expectRefusal(
                Self.pair + ["--resume", "p", "--save-latents", "l"], says: "this one has none", in: folder)
        }
    }

    /// Method: another CLIP of the same shape in a copy of the model.
    @Test func aCheckpointIsOfItsCLIP() throws {
        try withFolder { folder in
            let model = try ModelFixture.copy(into: folder)
            let run = Self.pair + ["--save-latents", "l", "--model", model]
            let program = { try Program("storyfarm-worker", ["segment"] + run + $0, in: folder).finish() }
            #expect(try program(["--checkpoint", "c"]).status == 0)
            #expect(try program(["--resume", "c"]).status == 0)
            try ModelFixture.edit(model + "/clip/model.safetensors") { tensors in
                tensors["logit_scale"] = try Tensor([Float(1)], shape: [])
            }
            let other = try program(["--resume", "c"])
            #expect(other.status == 2 && other.errors.contains("c: is of a run with model "), "\(other.errors)")
        }
    }

    @Test(arguments: ["sar.pairing=across", "sar.gate=scene"])
    func aBlendThatComparesNeighboursWantsBoth(setting: String) throws {
        try withStory { folder in
            try run(["--story", "story.yaml", "--segment", "1", "--save-boundary", "b1"], in: folder)
            try expectRefusal(
                Self.pair + ["--boundary", "b1", "--set", setting, "--save-latents", "l"],
                says: "--boundary is blended by the prompts of the segment before", in: folder)
        }
    }
}
