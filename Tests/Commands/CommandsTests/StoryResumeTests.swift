import Foundation
import Programs
import Testing

/// Goal: a story that was stopped continues to the same film without denoising anything twice. Method: the real program
/// with a small random model.
@Suite struct StoryResumeTests {
    private struct Trace: Decodable {
        struct Segment: Decodable {
            let firstStep: Int
            let steps: [Step]
        }
        struct Step: Decodable { let step: Int }
        let outcome: String
        let segments: [Segment]
    }

    private func script(segments count: Int) -> String {
        let actions = ["a dog is running", "two foxes are sitting", "night"]
        return """
            video: { width: 48, height: 32, frames: 7 }
            sampling: { steps: 200, guidance: 3, seed: 11 }
            weighting: off
            blending: { gamma: 0.3 }
            segments:
            """ + actions.prefix(count).map { "\n  - { scene: in the park, action: \($0) }" }.joined()
    }

    private func start(_ arguments: [String], in folder: URL) throws -> Program {
        try Program(
            "storyfarm-worker", ["story", "--model", ModelFixture.folder, "--threads", "1"] + arguments, in: folder)
    }

    private func run(_ arguments: [String], in folder: URL) throws {
        let outcome = try start(arguments, in: folder).finish()
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    private func trace(_ name: String, in folder: URL) throws -> Trace {
        try JSONDecoder().decode(Trace.self, from: Data(contentsOf: folder.appending(path: name)))
    }

    @Test func aStoppedStoryContinuesToTheSameFilm() throws {
        try withFolder { folder in
            try Data(script(segments: 3).utf8).write(to: folder.appending(path: "story.yaml"))
            try run(["story.yaml", "-o", "whole.mp4"], in: folder)

            let request = ["story.yaml", "-o", "a.mp4", "--previews", "previews", "--preview-every", "100"]
            let stopped = try start(request + ["--checkpoint", "kept", "--trace", "stopped.json"], in: folder)
            // In the second segment.
            stopped.waitForErrors(containing: "240/600")
            stopped.send(SIGINT)
            let outcome = stopped.finish()
            #expect(outcome.status == 130)
            #expect(outcome.errors.contains("stopped; continue with --resume kept"), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/a.mp4"))
            let before = try trace("stopped.json", in: folder)
            #expect(before.outcome == "stopped" && before.segments.first?.steps.count == 200)

            try run(request + ["--resume", "kept", "--trace", "resumed.json"], in: folder)
            for suffix in ["mp4", "png"] {
                let whole = try Data(contentsOf: folder.appending(path: "whole.\(suffix)"))
                #expect(try Data(contentsOf: folder.appending(path: "a.\(suffix)")) == whole, "\(suffix)")
            }
            let after = try trace("resumed.json", in: folder)
            #expect(after.outcome == "finished" && after.segments.count == 3)
            for number in 0..<3 {
                let earlier = number < before.segments.count ? before.segments[number].steps : []
                #expect(after.segments[number].firstStep == earlier.count)
                #expect((earlier + after.segments[number].steps).map(\.step) == Array(0..<200))
                let pictures = try FileManager.default.contentsOfDirectory(
                    atPath: "\(folder.path)/previews/segment-00\(number + 1)")
                #expect(pictures.sorted() == ["step-0099.jpg", "step-0199.jpg"])
            }
        }
    }

    /// Also where no segment blends with another's.
    @Test func aStoppedStorySavesTheBoundariesOfAllSteps() throws {
        try withFolder { folder in
            try Data(script(segments: 2).utf8).write(to: folder.appending(path: "story.yaml"))
            let request = ["story.yaml", "-o", "a.mp4", "--without", "blending", "--save-boundary"]
            try run(request + ["whole"], in: folder)

            let stopped = try start(request + ["saved", "--checkpoint", "kept"], in: folder)
            // In the second segment.
            stopped.waitForErrors(containing: "240/400")
            stopped.send(SIGINT)
            #expect(stopped.finish().status == 130)
            try run(request + ["saved", "--resume", "kept"], in: folder)
            for name in ["segment-001.safetensors", "segment-002.safetensors"] {
                let whole = try Data(contentsOf: folder.appending(path: "whole/\(name)"))
                #expect(try Data(contentsOf: folder.appending(path: "saved/\(name)")) == whole, "\(name)")
            }
        }
    }

    @Test func boundariesThatNobodyKeptCannotBeSaved() throws {
        try withFolder { folder in
            try Data(script(segments: 2).utf8).write(to: folder.appending(path: "story.yaml"))
            let request = ["story.yaml", "-o", "a.mp4", "--without", "blending", "--steps", "4"]
            try run(request + ["--checkpoint", "kept"], in: folder)
            let outcome = try start(request + ["--resume", "kept", "--save-boundary", "saved"], in: folder).finish()
            #expect(outcome.status == 2)
            #expect(
                outcome.errors == "Error: --save-boundary wants the boundaries of all steps, but "
                    + "kept/segment-001.safetensors was written without: leave it out, or render the story anew\n")
            try run(request + ["--resume", "kept"], in: folder)
        }
    }

    /// What is finished stays finished, also where the story has become longer; another story does not go on with it.
    @Test func whatIsKeptIsOfItsStory() throws {
        try withFolder { folder in
            for count in [2, 3] {
                try Data(script(segments: count).utf8).write(to: folder.appending(path: "\(count).yaml"))
            }
            func refusal(_ arguments: [String]) throws -> String {
                let outcome = try start(arguments, in: folder).finish()
                #expect(outcome.status == 2)
                return outcome.errors
            }
            let steps = ["--steps", "4"]
            try run(["2.yaml", "-o", "a.mp4", "--checkpoint", "kept"] + steps, in: folder)
            let again = try refusal(["2.yaml", "-o", "a.mp4", "--checkpoint", "kept"] + steps)
            #expect(again.contains("which keeps a story: continue it with --resume kept, or remove it\n"))
            let resumed = ["3.yaml", "-o", "b.mp4", "--resume", "kept"]
            #expect(
                try refusal(resumed + steps + ["--set", "segments.2.action=night"])
                    == "Error: kept/segment-002.safetensors: is of a run with action two foxes are sitting, "
                    + "this one has night\n")
            #expect(
                try refusal(resumed + steps + ["--seed", "3"]).contains("segment-001.safetensors: is of a run with"))
            try run(resumed + steps + ["--trace", "t.json"], in: folder)
            #expect(try trace("t.json", in: folder).segments.map(\.firstStep) == [4, 4, 0])
            try run(["3.yaml", "-o", "whole.mp4"] + steps, in: folder)
            let whole = try Data(contentsOf: folder.appending(path: "whole.mp4"))
            #expect(try Data(contentsOf: folder.appending(path: "b.mp4")) == whole)
        }
    }
}
