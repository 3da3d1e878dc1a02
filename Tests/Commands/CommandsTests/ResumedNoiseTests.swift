import Foundation
import Media
import Programs
import Testing
import Torch

/// Goal: a run that is continued says where its noise came from, and nobody continues it as one of other noise. Method:
/// the real program with a small random model.
@Suite struct ResumedNoiseTests {
    private static let script = """
        video: { width: 48, height: 32, frames: 7 }
        sampling: { steps: 4, seed: 11 }
        segments:
          - { scene: in the park, action: a dog is running }
        """
    private static let prompt = ["--prompt", "a dog", "--width", "48", "--height", "32", "--frames", "7"]

    private func start(_ arguments: [String], in folder: URL) throws -> Program {
        try Program("storyfarm-worker", ["segment", "--model", ModelFixture.folder] + arguments, in: folder)
    }

    private func run(_ arguments: [String], in folder: URL) throws {
        let outcome = try start(arguments, in: folder).finish()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    private func refusal(_ arguments: [String], in folder: URL) throws -> String {
        let outcome = try start(arguments, in: folder).finish()
        #expect(outcome.status == 2, "\(arguments)")
        return outcome.errors
    }

    @Test func aRunWithoutASeedGoesOnWithThatOfItsCheckpoint() throws {
        try withFolder { folder in
            let request = Self.prompt + ["--steps", "600", "--threads", "1", "-o", "a.mp4"]
            let stopped = try start(request + ["--seed", "7", "--checkpoint", "c"], in: folder)
            stopped.waitForErrors(containing: "/600")
            stopped.send(SIGINT)
            #expect(stopped.finish().status == 130)
            try run(request + ["--resume", "c", "--checkpoint", "c"], in: folder)
            let comment = try VideoInformation(of: folder.path + "/a.mp4").metadata.comment
            #expect(comment == "StoryFarm, noise of seed 7, segment 1")
            // The checkpoint was written again by a run that was told no seed.
            try run(request + ["--seed", "7", "--resume", "c"], in: folder)
            #expect(
                try refusal(request + ["--set", "sampling.seed=0", "--resume", "c"], in: folder)
                    == "Error: c: is of a run with start noise of seed 7, segment 1, "
                    + "this one has noise of seed 0, segment 1\n")
        }
    }

    @Test func aStoryThatSaysAnotherSeedIsRefused() throws {
        try withFolder { folder in
            try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
            let request = ["--segment", "1", "--save-latents", "l"]
            try run(request + ["--story", "story.yaml", "--checkpoint", "c"], in: folder)
            try run(request + ["--story", "story.yaml", "--resume", "c"], in: folder)
            let own = "{ seed: 12, scene: in the park, action: a dog is running }"
            for (name, edited) in [
                ("story.yaml", Self.script.replacing("seed: 11", with: "seed: 12")),
                ("own.yaml", Self.script.replacing("{ scene: in the park, action: a dog is running }", with: own)),
            ] {
                try Data(edited.utf8).write(to: folder.appending(path: name))
                let errors = try refusal(request + ["--story", name, "--resume", "c"], in: folder)
                let says = "start noise of seed 11, segment 1, this one has noise of seed 12, segment 1\n"
                #expect(errors.hasSuffix(says), "\(errors)")
            }
        }
    }

    @Test func otherGivenLatentsAreRefused() throws {
        try withFolder { folder in
            for (name, seed) in [("a", 1), ("b", 2)] {
                let latents = try Generator(seed: UInt64(seed)).normal([1, 12, 2, 4, 6])
                try Tensor.save(["latents": latents], to: "\(folder.path)/\(name)")
            }
            let request = Self.prompt + ["--steps", "4", "--save-latents", "l"]
            try run(request + ["--initial-latents", "a", "--checkpoint", "c"], in: folder)
            try run(request + ["--initial-latents", "a", "--resume", "c"], in: folder)
            try run(request + ["--resume", "c"], in: folder)
            let errors = try refusal(request + ["--initial-latents", "b", "--resume", "c"], in: folder)
            #expect(errors.hasPrefix("Error: c: is of a run with start given latents "), "\(errors)")
        }
    }
}
