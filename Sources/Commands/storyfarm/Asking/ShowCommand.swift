import ArgumentParser
import Console
import Control
import FarmClient

/// Shows one story with its segments.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a story, its segments, and how to render one of them without the farm.")

    @Argument(help: "The story's number.", completion: .storyNumber)
    var id: UInt64
    @Option(help: "The segment that the replay command renders; else the first that is not finished.")
    var segment: Int?
    @Flag(help: "Print the story's script alone, with every value given.")
    var script = false
    @OptionGroup(title: "Farm")
    var options: FarmOptions

    func run() async throws {
        let story = try await options.ask { client in try await client.story(id) }
        if let segment, !story.segments.contains(where: { $0.number == segment }) {
            throw WrongInput("--segment is \(segment), but story \(id) has \(story.segments.count) segments")
        }
        if script { return print(story.script) }
        try options.show(story, StoryText(story, replay: segment).lines)
    }
}

/// A story in words.
struct StoryText {
    private let story: StoryDetail
    private let replayed: Int

    /// - Parameter replay: the segment that is rendered again; nil for the first that is not finished.
    init(_ story: StoryDetail, replay: Int?) {
        self.story = story
        replayed = replay ?? story.segments.first { $0.state != "finished" }?.number ?? 1
    }

    var lines: [String] {
        let overview = story.overview
        var facts = [
            ("story", "\(overview.id)  \(overview.title)"),
            ("state", overview.isPaused ? "\(overview.state), paused" : overview.state),
            (
                "progress",
                "\(overview.finishedSegments)/\(overview.segments) segments, "
                    + "\(overview.playableSegments) of them playable"
            ),
            ("submitter", overview.submitter + (overview.submitted.map { ", \(LocalTime.text($0))" } ?? "")),
            ("priority", "\(overview.priority)"), ("revision", "\(story.revision)"),
            ("model", story.model), ("steps", "\(story.steps) of each segment"),
        ]
        if story.awaitsDefaults {
            facts.append(("defaults", "built in so far; its model's, once a worker offers it"))
        }
        if let pin = story.pin {
            facts.append(("device", pin.device + (pin.isSimulated ? ", which only pretends to denoise" : "")))
            facts.append(("digest", pin.model))
            facts.append(("encoder", pin.encoder))
        } else {
            facts.append(("device", "not pinned yet: no segment has begun"))
        }
        if let left = story.secondsLeft { facts.append(("left", ProgressLine.clock(.seconds(left)))) }
        if let note = overview.note { facts.append(("note", note)) }
        return facts.map { Self.padded($0.0) + $0.1.printable } + segments + replay
    }

    private var segments: [String] {
        TextTable(
            ["SEGMENT", "STATE", "STEP", "WORKER", "SCENE", "ACTION", "NOTE"],
            story.segments.map { segment in
                [
                    "\(segment.number)", segment.state, "\(segment.step)/\(story.steps)",
                    segment.worker.map { String($0.prefix(8)) } ?? "", segment.scene, segment.action, note(segment),
                ]
            }, rightAligned: ["SEGMENT", "STEP"]
        ).lines(.output)
    }

    private func note(_ segment: StoryDetail.Segment) -> String {
        let failures = segment.failures > 0 ? "failed \(segment.failures)×" : nil
        return [failures, segment.note].compactMap { $0 }.joined(separator: ": ")
    }

    /// What a person debugs a segment with, on any machine that has the model.
    private var replay: [String] {
        let id = story.overview.id
        return [
            Self.padded("replay") + "storyfarm show \(id) --script > story-\(id).json",
            Self.padded("") + "storyfarm-worker segment --story story-\(id).json --segment \(replayed) --model DIR "
                + "-o segment-\(replayed).mp4",
        ]
    }

    private static func padded(_ title: String) -> String {
        title + String(repeating: " ", count: max(1, 11 - title.count))
    }
}
