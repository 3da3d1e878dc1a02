import Foundation
import Media
import Programs
import Testing
import Torch

/// Goal: a story becomes one video, and its segments are what they are when rendered one by one with stored
/// boundaries. Method: the real program with a small random model and its CLIP.
@Suite struct StoryTests {
    private static let script = """
        title: Three places
        video: { width: 48, height: 32, frames: 7, fps: 12 }
        sampling: { steps: 5, guidance: 3, seed: 11 }
        blending: { gamma: 0.3 }
        segments:
          - { scene: in the park, action: a dog is running }
          - { scene: in the park, action: two foxes are sitting }
          - { scene: on the beach, action: a dog is running }
        """

    private func run(_ arguments: [String], in folder: URL) throws {
        let outcome = try Program("storyfarm-worker", arguments + ["--model", ModelFixture.folder], in: folder).finish()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func aStoryIsOneVideoOfItsSegments() throws {
        try withFolder { folder in
            try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
            let kinds = ["latents", "boundary", "frames", "embeddings"]
            let saved = kinds.flatMap { ["--save-\($0)", $0] }
            try run(["story", "story.yaml", "-o", "story.mp4", "--trace", "t.json"] + saved, in: folder)
            let video = try VideoReader(folder.path + "/story.mp4").information
            #expect(video.frameCount == 21)
            #expect(video.chapters.map(\.frames) == [0..<7, 7..<14, 14..<21])
            #expect(FileManager.default.fileExists(atPath: folder.path + "/story.png"))

            for number in 1...3 {
                var arguments = ["segment", "--story", "story.yaml", "--segment", "\(number)"]
                arguments += kinds.flatMap { ["--save-\($0)", "\($0)-\(number)"] }
                if number > 1 { arguments += ["--boundary", "boundary-\(number - 1)"] }
                try run(arguments, in: folder)
                for kind in kinds {
                    let together = folder.appending(path: "\(kind)/segment-00\(number).safetensors")
                    let alone = folder.appending(path: "\(kind)-\(number)")
                    #expect(
                        try Data(contentsOf: together) == Data(contentsOf: alone), "\(kind) of segment \(number)")
                }
            }
        }
    }

    /// Goal: the trace says what every preview would have seen, and what was used is among it.
    @Test func previewsAreCompared() throws {
        try withFolder { folder in
            try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
            try run(["story", "story.yaml", "-o", "s.mp4", "--trace", "t.json", "--compare-previews"], in: folder)
            let trace = try JSONDecoder().decode(Trace.self, from: Data(contentsOf: folder.appending(path: "t.json")))
            for segment in trace.segments {
                for (step, next) in zip(segment.steps, segment.steps.dropFirst()) {
                    #expect(step.previews.keys.sorted() == ["exact", "frame0", "linear", "middle"])
                    #expect(step.previews["middle"] == next.weighting.similarity)
                    #expect(step.previews["exact"] != step.previews["linear"])
                }
            }
        }
    }

    /// Method: a CLIP that makes no number of any picture, in a copy of the model.
    @Test func aSimilarityThatIsNoNumberIsTraced() throws {
        try withFolder { folder in
            try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
            let model = try ModelFixture.copy(into: folder)
            try ModelFixture.edit(model + "/clip/model.safetensors") { tensors in
                tensors["visual_projection.weight"] = try Tensor.full([8, 8], .nan)
            }
            let outcome = try Program(
                "storyfarm-worker", "story", "story.yaml", "--model", model, "-o", "s.mp4", "--trace", "t.json",
                "--compare-previews", in: folder
            ).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let trace = try JSONDecoder().decode(
                SpoiltTrace.self, from: Data(contentsOf: folder.appending(path: "t.json")))
            #expect(trace.outcome == "finished" && trace.segments.count == 3)
            for step in trace.segments.flatMap(\.steps) {
                #expect(step.previews["middle"] == ["scene": "nan", "action": "nan"])
                #expect(step.weighting.droppedSimilarity == (step.step > 0))
            }
        }
    }

    private struct SpoiltTrace: Decodable {
        struct Segment: Decodable { let steps: [Step] }
        struct Step: Decodable {
            let step: Int
            let previews: [String: [String: String]]
            let weighting: Weighting
        }
        struct Weighting: Decodable { let droppedSimilarity: Bool }
        let outcome: String
        let segments: [Segment]
    }

    private struct Trace: Decodable {
        struct Segment: Decodable { let steps: [Step] }
        struct Step: Decodable {
            let previews: [String: [String: Double]]
            let weighting: Weighting
        }
        struct Weighting: Decodable { let similarity: [String: Double]? }
        let segments: [Segment]
    }

    @Test(arguments: [
        (["--set", "video.width=50"], "width is 50, expected a multiple of 16 up to 4096: 48 or 64"),
        (["--compare-previews"], "--compare-previews needs --trace"),
        (["--checkpoint-every", "0"], "--checkpoint-every is 0, expected 1 to 1000"),
        (["--checkpoint", "x", "--save-latents", "x"], "--save-latents and --checkpoint are the same file, x"),
        (["--checkpoint", "x", "--resume", "y"], "--checkpoint is x, but a story goes on in --resume y: leave it out"),
        (["--resume", "x"], "--resume is x, which keeps no segment of a story"),
        (["--steps", "1"], "--steps is 1, expected a whole number from 2 to 1000"),
        (["--without", "all"], "--without is all"),
        (["--trace", "./s.mp4"], "--output and --trace are the same file, ./s.mp4"),
        (["--trace", "s.png"], "the contact sheet and --trace are the same file, s.png"),
        (["--trace", "story.yaml"], "--trace and the story are the same file, story.yaml"),
        (["--save-frames", "x", "--save-boundary", "x"], "--save-boundary and --save-frames are the same file, x"),
        (["--save-latents", "s.mp4"], "--output and --save-latents are the same file, s.mp4"),
        (
            ["--set", "segments.2.action=" + String(repeating: "dog ", count: 50)],
            "story.yaml: segment 2: the action: the"
        ),
    ])
    func wrongInputIsOneLineAndLeavesNothing(arguments: [String], says: String) throws {
        try withFolder { folder in
            try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
            let outcome = try Program(
                "storyfarm-worker", ["story", "story.yaml", "--model", ModelFixture.folder, "-o", "s.mp4"] + arguments,
                in: folder
            ).finish()
            #expect(outcome.status == 2)
            #expect(
                outcome.errors.contains(says) && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["story.yaml"])
        }
    }

    @Test func aContactSheetThatCannotBeWrittenIsSaidBefore() throws {
        try withFolder { folder in
            try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
            let sheet = folder.appending(path: "s.png")
            try FileManager.default.createDirectory(at: sheet, withIntermediateDirectories: false)
            let outcome = try Program(
                "storyfarm-worker", "story", "story.yaml", "--model", ModelFixture.folder, "-o", "s.mp4", in: folder
            ).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors == "Error: the contact sheet is s.png, which is no regular file\n")
        }
    }

    @Test func aSegmentThatBlendsWantsItsPredecessorsBoundaries() throws {
        try withFolder { folder in
            try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
            let outcome = try Program(
                "storyfarm-worker", "segment", "--story", "story.yaml", "--segment", "2", "--model",
                ModelFixture.folder, "-o", "s.mp4", in: folder
            ).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains("segment 2 blends with segment 1: give its boundaries with --boundary"))
        }
    }
}
