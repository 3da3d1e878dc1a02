import ArgumentParser
import CLIP
import Console
import Evaluation
import Media
import Mochi
import Script
import Storytelling
import Torch

/// Measures a story's video.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures a story's video: how well it fits its prompts, how it moves, how visible its borders are.",
        discussion: """
            CLIP-add and CLIP-combined say how well frames fit the prompts; the seam score is how much more changes at \
            a border than inside segments (1: no border to be seen), motion how much moves inside. The formulas are in \
            the documentation of the module Evaluation. Frames are compared with the CLIP of the model's folder, or \
            with another one (--clip), which is fairer where the method was steered by the first; in fp32, whatever \
            its weights are stored in.
            """)

    @Argument(help: "The story's MP4.")
    var video: String
    @Argument(help: "The story script.")
    var story: String
    @Option(help: "The folder of the model whose CLIP compares.")
    var model: String?
    @Option(help: "The folder of a CLIP, instead of a model's.")
    var clip: String?
    @OptionGroup
    var compute: ComputeOptions
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Say a value of the story script otherwise.", valueName: "key=value"))
    var overrides: [String] = []
    @Flag(help: "JSON for programs.")
    var json = false

    func validate() throws {
        guard (model == nil) != (clip == nil) else { throw ValidationError("give either --model DIR or --clip DIR") }
    }

    @MainActor
    func run() async throws {
        let segments = try segments()
        let folder = try clipFolder()
        let reader = try opened()
        let (frameCount, chapterCount) = (reader.information.frameCount, reader.information.chapters.count)
        // The film of a story has one for each segment; others need not have any.
        guard chapterCount == 0 || chapterCount == segments.count else {
            throw WrongInput(
                "\(video) has another number of chapters (\(chapterCount)) than \(story) has segments "
                    + "(\(segments.count)): is it another story's video?")
        }
        guard frameCount > 0, frameCount % segments.count == 0 else {
            throw WrongInput(
                "\(video) has \(frameCount) frames, which are not \(segments.count) segments of equal length: "
                    + "is it the video of \(story)?")
        }
        let (_, device) = try compute.start()
        let judge = try judged { try CLIP(folder: folder, dtype: .float32, device: device) }
        let film = StoryFilm(path: video, framesPerSegment: frameCount / segments.count)
        let evaluation = StoryEvaluation(try film.footage(reader, of: segments, by: judge))
        let report = EvaluationReport(
            video: video, story: story, clip: folder, framesPerSegment: film.framesPerSegment, measures: evaluation)
        print(try json ? report.json() : report.text)
    }

    private func segments() throws -> [PromptPair<String>] {
        do throws(ScriptError) {
            let document = try ScriptDocument(contentsOf: story, overrides: overrides)
            return try document.resolved(with: .builtIn).segments.map(PromptPair.init)
        } catch {
            throw WrongInput(error.description)
        }
    }

    private func clipFolder() throws -> String {
        if let clip { return clip }
        let folder = try judged { try ModelFolder(model ?? "") }
        guard let found = folder.clip else {
            throw WrongInput("\(model ?? "") has no clip/: name a folder with one by --clip")
        }
        return found
    }

    private func opened() throws -> VideoReader {
        do throws(MediaError) { return try VideoReader(video) } catch { throw WrongInput(error.description) }
    }
}
