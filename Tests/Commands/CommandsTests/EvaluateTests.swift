import Foundation
import Media
import Programs
import Testing
import Torch

/// Goal: a video is measured against its story, and what does not belong together is refused. Method: the real
/// program on a video drawn here, with the CLIP of the small random model.
@Suite struct EvaluateTests {
    private static let script = """
        segments:
          - { scene: in the park, action: a dog is running }
          - { scene: on the beach, action: a dog is sitting }
        """

    /// A square that moves by two pixels from frame to frame; with the second segment it starts anew on another ground.
    private func prepare(_ folder: URL, frames: Int = 14) throws {
        try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
        let size = PixelSize(width: 64, height: 48)
        let settings = VideoSettings(size: size, frameRate: FrameRate(12))
        var encoder = try VideoEncoder(to: folder.path + "/story.mp4", settings: settings, metadata: VideoMetadata())
        for index in 0..<frames {
            let ground: UInt8 = index < frames / 2 ? 40 : 200
            var pixels = [UInt8](repeating: ground, count: 3 * size.width * size.height)
            for row in 16..<32 {
                for column in (2 * (index % 7))..<(2 * (index % 7) + 16) {
                    let first = 3 * (row * size.width + column)
                    pixels.replaceSubrange(first..<(first + 3), with: repeatElement(255 - ground, count: 3))
                }
            }
            try encoder.append(RGBFrame(width: size.width, height: size.height, pixels: pixels))
        }
        try encoder.finish()
    }

    private func evaluate(_ arguments: [String], in folder: URL) throws -> Program.Outcome {
        try Program("storyfarm-worker", ["evaluate", "story.mp4", "story.yaml"] + arguments, in: folder).finish()
    }

    @Test func aBorderIsSeenAndMotionMeasured() throws {
        try withFolder { folder in
            try prepare(folder)
            let outcome = try evaluate(["--model", ModelFixture.folder, "--json"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: any Sendable])
            let measures = try #require(report["measures"] as? [String: any Sendable])
            let story = try #require(measures["story"] as? [String: Double])
            // Two columns of 16 rows change on each side of the square, of 64 × 48 pixels.
            #expect(abs((story["movingArea"] ?? 0) - 64.0 / 3072) < 0.005)
            #expect((story["seam"] ?? 0) > 10)
            #expect((-1...1).contains(story["clipAdd"] ?? 9) && (story["frameConsistency"] ?? 0) > 0.8)
            #expect((measures["segments"] as? [Any])?.count == 2)

            let alike = try evaluate(["--clip", ModelFixture.folder + "/clip"], in: folder)
            #expect(alike.status == 0 && alike.output.contains("1 ▸ 2") && alike.output.contains("CLIP-combined"))
        }
    }

    /// Figures are printed to four decimals, more than bf16 has.
    @Test func aModelStoredInBFloat16MeasuresInFP32() throws {
        try withFolder { folder in
            try prepare(folder)
            var stories: [[String: Double]] = []
            for isStored in [true, false] {
                let clip = folder.appending(path: isStored ? "bf16" : "fp32")
                try FileManager.default.createDirectory(at: clip, withIntermediateDirectories: false)
                let source = URL(filePath: ModelFixture.folder + "/clip")
                for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
                    // Some are links, which would lead nowhere.
                    try Data(contentsOf: source.appending(path: name)).write(to: clip.appending(path: name))
                }
                try ModelFixture.edit(clip.path + "/model.safetensors") { tensors in
                    tensors = try tensors.mapValues { tensor in
                        guard tensor.dtype == .float32 else { return tensor }
                        let rounded = try tensor.converted(to: .bfloat16)
                        return isStored ? rounded : try rounded.converted(to: .float32)
                    }
                }
                let outcome = try evaluate(["--clip", clip.lastPathComponent, "--json"], in: folder)
                #expect(outcome.status == 0, "\(outcome.errors)")
                let report = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
                let measures = (report as? [String: any Sendable])?["measures"] as? [String: any Sendable]
                stories.append(try #require(measures?["story"] as? [String: Double]))
            }
            // How weights lie in memory decides on the order of sums, and so on the last digits.
            for (name, value) in stories[0] {
                #expect(abs(value - (stories[1][name] ?? .infinity)) < 1e-5, "\(name)")
            }
        }
    }

    @Test(arguments: [
        ([], 14, "give either --model DIR or --clip DIR"),
        (["--model", ModelFixture.folder], 13, "story.mp4 has 13 frames, which are not 2 segments of equal length"),
        (["--clip", "nowhere"], 14, "nowhere"),
        (["--model", "nowhere"], 14, "nowhere"),
        (["--model", ModelFixture.folder, "--set", "segment.2.scene=x"], 14, "segment"),
    ])
    func wrongInputIsOneLine(arguments: [String], frames: Int, says: String) throws {
        try withFolder { folder in
            try prepare(folder, frames: frames)
            let outcome = try evaluate(arguments, in: folder)
            #expect(outcome.status == 2)
            #expect(
                outcome.errors.contains(says) && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
    }

    /// Its frames may be as many as those of two segments.
    @Test func aStoryOfAnotherLengthIsRefused() throws {
        try withFolder { folder in
            try prepare(folder)
            let path = folder.path + "/story.mp4"
            try StoryAssembly(segments: [.init(file: path, title: "one")]).write(to: path)
            let outcome = try evaluate(["--model", ModelFixture.folder], in: folder)
            #expect(outcome.status == 2)
            #expect(
                outcome.errors
                    == "Error: story.mp4 has another number of chapters (1) than story.yaml has segments (2): "
                    + "is it another story's video?\n")
            try StoryAssembly(segments: [.init(file: path, title: "one"), .init(file: path, title: "two")])
                .write(to: path)
            #expect(try evaluate(["--model", ModelFixture.folder], in: folder).status == 0)
        }
    }

    @Test func aVideoThatIsNoneIsRefused() throws {
        try withFolder { folder in
            try prepare(folder)
            try Data("no video".utf8).write(to: folder.appending(path: "story.mp4"))
            let outcome = try evaluate(["--model", ModelFixture.folder], in: folder)
            #expect(outcome.status == 2 && outcome.errors.contains("story.mp4"), "\(outcome.errors)")
        }
    }
}
