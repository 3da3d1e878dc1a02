import Foundation
import Media
import Programs
import Testing

/// Goal: a model without CLIP is named in one line that says what to do, and does all that needs none. Method: the real
/// program with a small random model whose `clip/` is taken away.
@Suite struct MissingCLIPTests {
    private static let script = """
        video: { width: 48, height: 32, frames: 7 }
        sampling: { steps: 2 }
        segments:
          - { scene: in the park, action: a dog is running }
          - { scene: on the beach, action: two foxes are sitting }
        """

    private func withModel(_ body: (URL) throws -> Void) throws {
        try withFolder { folder in
            try Data(Self.script.utf8).write(to: folder.appending(path: "story.yaml"))
            try FileManager.default.removeItem(atPath: ModelFixture.copy(into: folder) + "/clip")
            try body(folder)
        }
    }

    @Test(arguments: [
        (["story", "story.yaml", "-o", "a.mp4"], "add one, or give --without weighting,sar"),
        (["story", "story.yaml", "-o", "a.mp4", "--without", "sar"], "add one, or give --without weighting"),
        (
            ["story", "story.yaml", "-o", "a.mp4", "--without", "weighting,sar", "--trace", "t", "--compare-previews"],
            "add one, or give no --compare-previews"
        ),
        (
            ["story", "story.yaml", "-o", "a.mp4", "--trace", "t", "--compare-previews"],
            "add one, or give --without weighting,sar and no --compare-previews"
        ),
        (
            ["segment", "--story", "story.yaml", "--segment", "1", "-o", "a.mp4"],
            "add one, or give --without weighting"
        ),
        (["evaluate", "story.mp4", "story.yaml"], "name a folder with one by --clip"),
    ])
    func theFolderIsNamedWithWhatToDo(arguments: [String], says: String) throws {
        try withModel { folder in
            if arguments[0] == "evaluate" { try drawVideo(folder.path + "/story.mp4") }
            let outcome = try Program("storyfarm-worker", arguments + ["--model", "model"], in: folder).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors == "Error: model has no clip/: \(says)\n")
        }
    }

    @Test func withoutWeightingAndSARNoneIsNeeded() throws {
        try withModel { folder in
            let outcome = try Program(
                "storyfarm-worker", "story", "story.yaml", "-o", "a.mp4", "--model", "model", "--without",
                "weighting,sar", in: folder
            ).finish()
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    private func drawVideo(_ path: String) throws {
        let size = PixelSize(width: 48, height: 32)
        var encoder = try VideoEncoder(
            to: path, settings: VideoSettings(size: size, frameRate: FrameRate(12)), metadata: VideoMetadata())
        let pixels = [UInt8](repeating: 40, count: 3 * size.width * size.height)
        for _ in 0..<4 { try encoder.append(RGBFrame(width: size.width, height: size.height, pixels: pixels)) }
        try encoder.finish()
    }
}
