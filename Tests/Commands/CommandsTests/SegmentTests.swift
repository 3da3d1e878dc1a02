import Foundation
import Media
import Programs
import Safetensors
import Testing
import Torch

/// Goal: one segment goes from prompt to video, in the numbers of the library; a stopped run continues to the same
/// bytes. Method: the real program with a small random model.
@Suite struct SegmentTests {
    private func segment(_ arguments: [String], in folder: URL) throws -> Program {
        try Program(
            "storyfarm-worker",
            ["segment", "--model", ModelFixture.folder, "--prompt", "a corgi dog", "--width", "48", "--height", "32"]
                + arguments, in: folder)
    }

    private func tensor(_ key: String, _ name: String, in folder: URL) throws -> [Float] {
        try Tensor.load(key, from: SafetensorsFile(path: folder.path + "/" + name)).array()
    }

    @Test func everyOutputIsWritten() throws {
        try withFolder { folder in
            let outcome = try segment(
                [
                    "--frames", "13", "--steps", "4", "--fps", "24", "-o", "a.mp4", "--save-latents", "l.safetensors",
                    "--save-frames", "f.safetensors", "--save-embeddings", "e.safetensors", "--trace", "t.json",
                    "--previews", "previews", "--preview-every", "2", "--checkpoint", "c.safetensors",
                ], in: folder
            ).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("a.mp4: 13 frames of 48×32 at 24 fps"))
            #expect(outcome.errors.contains("4/4"))

            let video = try VideoReader(folder.path + "/a.mp4").information
            #expect(video.frameCount == 13)
            #expect(try tensor("frames", "f.safetensors", in: folder).count == 13 * 3 * 32 * 48)
            #expect(try tensor("latents", "l.safetensors", in: folder).count == 12 * 3 * 4 * 6)
            #expect(try tensor("prompt_embeds", "e.safetensors", in: folder).count % 24 == 0)
            let previews = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/previews").sorted()
            #expect(previews == ["step-0001.jpg", "step-0003.jpg"])
            let json = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: "t.json")))
            let trace = try #require(json as? [String: Any])
            #expect(trace["outcome"] as? String == "finished")
            #expect((trace["steps"] as? [[String: Any]])?.map { $0["step"] as? Int } == [0, 1, 2, 3])
        }
    }

    /// The recording holds what diffusers' pipeline makes of the same latents.
    @Test func givenLatentsGiveTheReferencesFrames() throws {
        try withFolder { folder in
            let recording = try SafetensorsFile(path: ModelFixture.recordings.path + "/pipeline-1.safetensors")
            try Tensor.save(
                ["latents": Tensor.load("in.latents", from: recording)], to: folder.path + "/in.safetensors")
            let outcome = try Program(
                "storyfarm-worker", "segment", "--model", ModelFixture.folder, "--prompt", "running the the dog dog",
                "--width", "48", "--height", "32", "--frames", "7", "--steps", "5", "--guidance", "4.5",
                "--precision", "fp32", "--initial-latents", "in.safetensors", "--save-frames", "f.safetensors",
                "--save-latents", "l.safetensors", "--vae-form", "diffusers", in: folder
            ).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            for (key, file, name) in [("latents", "l", "out.latents"), ("frames", "f", "out.frames.diffusers")] {
                let expected: [Float] = try Tensor.load(name, from: recording).array()
                let found = try tensor(key, "\(file).safetensors", in: folder)
                let difference = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
                #expect(difference <= 1e-3 * (expected.map(abs).max() ?? 0), "\(key): \(difference)")
            }
        }
    }

    @Test func aStoppedRunContinuesToTheSameBytes() throws {
        try withFolder { folder in
            let request = ["--frames", "7", "--steps", "600", "--threads", "1"]
            let run = request + ["--checkpoint", "c.safetensors"]
            let undisturbed = try segment(request + ["--save-latents", "whole.safetensors"], in: folder).finish()
            #expect(undisturbed.status == 0, "\(undisturbed.errors)")

            let stopped = try segment(run + ["--save-latents", "never.safetensors"], in: folder)
            stopped.waitForErrors(containing: "/600")
            stopped.send(SIGINT)
            let outcome = stopped.finish()
            #expect(outcome.status == 130)
            #expect(outcome.errors.contains("continue with --resume c.safetensors"), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/never.safetensors"))

            let resumed = try segment(
                run + ["--resume", "c.safetensors", "--save-latents", "resumed.safetensors"], in: folder
            ).finish()
            #expect(resumed.status == 0, "\(resumed.errors)")
            let whole = try Data(contentsOf: folder.appending(path: "whole.safetensors"))
            #expect(try Data(contentsOf: folder.appending(path: "resumed.safetensors")) == whole)
        }
    }

    @Test func aCheckpointOfAnotherRunIsRefused() throws {
        try withFolder { folder in
            let run = ["--frames", "7", "--steps", "4", "--save-latents", "l.safetensors"]
            #expect(try segment(run + ["--checkpoint", "c.safetensors"], in: folder).finish().status == 0)
            let outcome = try segment(run + ["--seed", "5", "--resume", "c.safetensors"], in: folder).finish()
            #expect(outcome.status == 2)
            #expect(
                outcome.errors.hasSuffix(
                    "Error: c.safetensors: is of a run with start noise of seed 0, segment 1, "
                        + "this one has noise of seed 5, segment 1\n"),
                "\(outcome.errors)")
            // Its prompt fits, so its tokenizer and weights are all that differs.
            let other = try Program(
                "storyfarm-worker", "segment", "--model", ModelFixture.recordings.path + "/model-2", "--prompt",
                "a corgi dog", "--width", "48", "--height", "32", "--frames", "7", "--steps", "4", "--resume",
                "c.safetensors", "--save-latents", "l.safetensors", in: folder
            ).finish()
            #expect(other.status == 2)
            #expect(other.errors.contains("c.safetensors: is of a run with model "), "\(other.errors)")
        }
    }

    /// What hours of work left behind is not overwritten by the same command given again.
    @Test func aCheckpointThatExistsIsKept() throws {
        try withFolder { folder in
            let run = [
                "--frames", "7", "--steps", "4", "--save-latents", "l.safetensors", "--checkpoint", "c.safetensors",
            ]
            #expect(try segment(run, in: folder).finish().status == 0)
            let before = try Data(contentsOf: folder.appending(path: "c.safetensors"))
            let outcome = try segment(run, in: folder).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("continue it with --resume c.safetensors, or remove it"))
            #expect(try Data(contentsOf: folder.appending(path: "c.safetensors")) == before)
            #expect(try segment(run + ["--resume", "c.safetensors"], in: folder).finish().status == 0)
        }
    }

    @Test func aCheckpointOfValuesThatAreNoneIsRefused() throws {
        try withFolder { folder in
            let run = ["--frames", "7", "--steps", "4", "--save-latents", "l.safetensors"]
            #expect(try segment(run + ["--checkpoint", "c.safetensors"], in: folder).finish().status == 0)
            let path = folder.path + "/c.safetensors"
            let metadata = try SafetensorsFile(path: path).header.metadata
            try Tensor.save(["latents": Tensor.full([1, 12, 2, 4, 6], .nan)], metadata: metadata, to: path)
            let outcome = try segment(run + ["--resume", "c.safetensors"], in: folder).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors == "Error: c.safetensors: latents: has values that are not finite\n")
        }
    }

    /// The user must hear of it: the status alone says only that a signal came.
    @Test func aFailureOnStoppingIsReported() throws {
        try withFolder { folder in
            let inner = folder.appending(path: "inner")
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
            let program = try segment(
                [
                    "--frames", "7", "--steps", "1000", "--save-latents", "l.safetensors", "--checkpoint", "inner/c",
                    "--checkpoint-every", "1000",
                ], in: folder)
            program.waitForErrors(containing: "/1000")
            try FileManager.default.removeItem(at: inner)
            program.send(SIGINT)
            let outcome = program.finish()
            #expect(outcome.status == 130)
            #expect(outcome.errors.contains("Error: inner/c"), "\(outcome.errors)")
        }
    }

    @Test(arguments: ["[blurry]", "{ dark: night", "'night", "\"night\" \\n", "off", ""])
    func aNegativePromptIsTakenAsItIsWritten(text: String) throws {
        try withFolder { folder in
            let outcome = try segment(
                [
                    "--frames", "7", "--steps", "2", "--save-latents", "l.safetensors", "--trace", "t.json",
                    "--negative", text,
                ], in: folder
            ).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let trace = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: "t.json")))
            let request = try #require((trace as? [String: Any])?["request"] as? [String: String])
            let settings = try JSONSerialization.jsonObject(with: Data((request["settings"] ?? "").utf8))
            #expect(((settings as? [String: Any])?["sampling"] as? [String: Any])?["negative"] as? String == text)
        }
    }

    /// The seed decides, and nothing else does.
    @Test func theSameRequestGivesTheSameBytes() throws {
        try withFolder { folder in
            func latents(_ arguments: String...) throws -> [Float] {
                let outcome = try segment(
                    ["--frames", "7", "--steps", "3", "--save-latents", "l.safetensors"] + arguments, in: folder
                ).finish()
                #expect(outcome.status == 0, "\(outcome.errors)")
                return try tensor("latents", "l.safetensors", in: folder)
            }
            let first = try latents()
            #expect(try latents() == first)
            #expect(try latents("--seed", "1") != first)
            #expect(try latents("--negative", "night") != first)
            #expect(try latents("--guidance", "4.5,4.5,4.5") == first)
            #expect(try latents("--guidance", "4.5,1,4.5") != first)
        }
    }
}
