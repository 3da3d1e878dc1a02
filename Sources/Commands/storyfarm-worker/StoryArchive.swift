import Console
import Foundation
import Mochi
import Script
import Storytelling

/// What a story's run keeps to be continued: of each segment that was begun a checkpoint with its own boundaries.
struct StoryArchive {
    let folder: String
    /// Segments that an earlier run began; the last one may be unfinished.
    let begunCount: Int
    /// Steps of them that are done.
    let stepCount: Int
    /// Device, libtorch and threads of that run.
    let setting: [String: String]
    private let reader: Reader

    /// Reads what an earlier run kept, which has to be of the same story.
    ///
    /// - Parameter savesBoundaries: whether the run wants all boundaries also where no segment reads another's.
    /// - Throws: `WrongInput` where there is nothing to continue, or a story that would be overwritten, or where
    ///   boundaries are wanted that were not kept; `LatentsFileError`.
    init(
        _ folder: String, isContinued: Bool, story: ResolvedStory, model: [String: String], recipe: SegmentRecipe,
        shape: [Int], savesBoundaries: Bool
    ) throws {
        self.folder = folder
        reader = Reader(
            folder: folder, story: story, model: model, recipe: recipe, shape: shape,
            keepsBoundaries: recipe.blending != nil || savesBoundaries)
        let isBegun = FileManager.default.fileExists(atPath: reader.path(of: 1))
        guard isContinued || !isBegun else {
            throw WrongInput(
                "--checkpoint is \(folder), which keeps a story: continue it with --resume \(folder), or remove it")
        }
        guard isBegun || !isContinued else {
            throw WrongInput("--resume is \(folder), which keeps no segment of a story")
        }
        var (begunCount, stepCount, setting) = (0, 0, [String: String]())
        while begunCount * recipe.flow.schedule.steps == stepCount, begunCount < story.segments.count,
            FileManager.default.fileExists(atPath: reader.path(of: begunCount + 1))
        {
            let checkpoint = try reader.checkpoint(of: begunCount + 1)
            (begunCount, stepCount, setting) = (begunCount + 1, stepCount + checkpoint.state.step, checkpoint.setting)
        }
        (self.begunCount, self.stepCount, self.setting) = (begunCount, stepCount, setting)
    }

    /// Where a segment stands; nil where it was not begun.
    ///
    /// - Parameter number: from 1.
    func checkpoint(of number: Int) throws -> SegmentCheckpoint? {
        number <= begunCount ? try reader.checkpoint(of: number) : nil
    }

    /// Keeps a segment as it stands, with its boundaries so far where anybody wants them.
    func keep(
        _ state: SegmentState, of number: Int, _ channel: BoundaryChannel, setting: [String: String]
    ) throws {
        let boundaries = reader.keepsBoundaries ? try channel.records(before: state.step) : nil
        try SegmentCheckpoint(
            state, conditions: reader.conditions(of: number), setting: setting, boundaries: boundaries
        ).write(to: reader.path(of: number))
    }

    private struct Reader {
        let folder: String
        let story: ResolvedStory
        let model: [String: String]
        let recipe: SegmentRecipe
        let shape: [Int]
        let keepsBoundaries: Bool

        func path(of number: Int) -> String { "\(folder)/segment-\(String(format: "%03d", number)).safetensors" }

        func conditions(of number: Int) -> [String: String] {
            var conditions = SegmentPlan.conditions(
                story.settings, PromptPair(story.segments[number - 1]),
                start: SegmentPlan.noise(of: story.noiseSeed(of: number), segment: number)
            ).merging(model) { $1 }
            if number > 1, recipe.comparesNeighbours {
                let previous = story.segments[number - 2]
                conditions["previous scene"] = previous.scene
                conditions["previous action"] = previous.action
            }
            return conditions
        }

        func checkpoint(of number: Int) throws -> SegmentCheckpoint {
            let checkpoint = try SegmentCheckpoint(
                contentsOf: path(of: number), shape: shape, recipe: recipe, conditions: conditions(of: number))
            guard !keepsBoundaries || checkpoint.state.step == 0 || checkpoint.boundaries != nil else {
                guard recipe.blending == nil else {
                    throw LatentsFileError(file: path(of: number), "boundaries: there is no such tensor")
                }
                throw WrongInput(
                    "--save-boundary wants the boundaries of all steps, but \(path(of: number)) was written without: "
                        + "leave it out, or render the story anew")
            }
            return checkpoint
        }
    }
}
