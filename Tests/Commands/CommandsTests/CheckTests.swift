import Foundation
import Programs
import Testing

/// Goal: who checks a story reads what it means, or the one line that says what is wrong. Method: the real program.
@Suite struct CheckTests {
    private let story = """
        title: A corgi's day
        video: { width: 192, height: 128, frames: 25, fps: 12 }
        blending: off
        segments:
          - { scene: a corgi dog is in the park, action: a corgi dog is running }
          - { scene: a corgi dog is on the beach, action: a corgi dog is jumping }

        """

    private func check(_ arguments: String..., of text: String? = nil) throws -> Program.Outcome {
        var outcome: Program.Outcome?
        try withFolder { folder in
            try Data((text ?? story).utf8).write(to: folder.appending(path: "story.yaml"))
            try Data(#"{"sampling": {"steps": 32}}"#.utf8).write(to: folder.appending(path: "storyfarm.json"))
            outcome = try Program("storyfarm", ["check", "story.yaml"] + arguments, in: folder).finish()
        }
        return try #require(outcome)
    }

    @Test func everyValueAndPromptIsPrinted() throws {
        let outcome = try check("--set", "sampling.negative=dark, blurred")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.output == """
                title      A corgi's day
                model      embedded
                video      192×128, 25 frames at 12 a second per segment, 4.2 s in all
                sampling   steps 64, guidance 4.5, seed 0, negative: dark, blurred
                weighting  alignment 1, smoothness 1, prior 1, temperature 0.5, preview middle every 1, mask dominant
                blending   off
                sar        off, because blending is
                work       128 steps, with Mochi-1 about 2.5 GPU-seconds (arithmetic, at 556 TFLOP/s of an H100)
                limits     segments 2 of 10000, longest prompt in bytes 27 of 8192
                segments
                  1  scene   a corgi dog is in the park
                     action  a corgi dog is running
                  2  scene   a corgi dog is on the beach
                     action  a corgi dog is jumping

                """)
    }

    @Test func programsGetTheCanonicalStory() throws {
        let overrides = ["--set", "blending.gamma=0.1", "--set", "weighting=off"]
        let outcome = try check("--json", overrides[0], overrides[1], overrides[2], overrides[3], "--model", ".")
        let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
        let story = try #require(json?["story"] as? [String: Any])
        #expect((story["blending"] as? [String: Any])?["gamma"] as? Double == 0.1)
        #expect((story["weighting"] as? [String: Any])?["prompt"] as? String == "joined")
        #expect((story["sampling"] as? [String: Any])?["steps"] as? Int == 32)
        #expect((story["segments"] as? [[String: String]])?.last?["action"] == "a corgi dog is jumping")
        let work = json?["work"] as? [String: Double]
        #expect(work?["steps"] == 64 && work?["gpuSeconds"] == 1.2)
        let limits = json?["limits"] as? [String: [String: Int]]
        #expect(limits?["segments"]?["value"] == 2)
        #expect(limits?["segments"]?["limit"] == 10_000)
    }

    /// The figure that others count too: 3.3 PFLOP a step with guidance.
    @Test func aSegmentOfMochiTakesSixSecondsAStep() throws {
        let text = "video: { width: 848, height: 480, frames: 163 }\nsegments: [{ scene: a, action: b }]\n"
        let outcome = try check("--set", "sampling.steps=64", of: text)
        #expect(outcome.output.contains("64 steps, with Mochi-1 about 381 GPU-seconds"), "\(outcome.output)")
    }

    @Test(arguments: [
        (
            "video: { width: 0 }", [],
            "Error: story.yaml:1:17: video.width: is 0, expected a whole number from 1 to 4096\n"
        ),
        ("vidoe: {}", [], "Error: story.yaml:1:1: 'vidoe': is no key of a story; did you mean 'video'?\n"),
        ("title: a", ["--set", "video.fps=x"], "Error: --set video.fps=x: video.fps: is 'x', expected a whole number"),
        ("title: a", ["--model", "absent"], "Error: absent: there is no such folder, expected a model's\n"),
        ("title: a", ["--nonsense"], "Error: Unknown option '--nonsense'"),
    ])
    func wrongInputIsOneLineAndStatusTwo(line: String, arguments: [String], says: String) throws {
        try withFolder { folder in
            let text = line + "\nsegments: [{ scene: a, action: b }]\n"
            try Data(text.utf8).write(to: folder.appending(path: "story.yaml"))
            let outcome = try Program("storyfarm", ["check", "story.yaml"] + arguments, in: folder).finish()
            #expect(outcome.status == 2)
            #expect(outcome.output == "")
            #expect(outcome.errors.hasPrefix(says), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        }
    }

    @Test func aLargeFileIsRefusedUnread() throws {
        let outcome = try check(of: String(repeating: "a", count: 10_000_000))
        #expect(outcome.status == 2)
        #expect(outcome.errors == "Error: story.yaml: has 10000000 bytes, over the limit of 1048576\n")
    }

    /// All that the data set's templates give, by the program that people would ask.
    @Test func everyStoryOfTheDataSetIsSound() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().path + "/../../.."
        try withFolder { folder in
            let substitution = Process()
            substitution.executableURL = URL(filePath: "\(root)/ops/stories/substitute")
            substitution.arguments = [folder.path + "/stories"]
            try substitution.run()
            substitution.waitUntilExit()
            #expect(substitution.terminationStatus == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/stories")
            #expect(names.count == 32)
            for name in names {
                let outcome = try Program("storyfarm", "check", "stories/\(name)", in: folder).finish()
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
        }
    }
}
