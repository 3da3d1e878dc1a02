import DurableFile
import Foundation

/// What a story's rendering did, segment by segment and step by step.
struct StoryTrace: Encodable {
    struct Segment: Encodable {
        /// From 1.
        let number: Int
        let scene, action: String
        /// Where a continued run began, S for a segment that was finished before; 0 for others.
        let firstStep: Int
        let milliseconds: Double
        let steps: [SegmentTrace.Step]
    }

    var version = 1
    /// Model, device, libtorch, threads.
    let setting: [String: String]
    /// The resolved story as JSON.
    let story: String
    var segments: [Segment] = []
    /// "finished", or what ended it.
    var outcome = "running"

    init(setting: [String: String], story: String) {
        self.setting = setting
        self.story = story
    }

    func write(to path: String) throws {
        try PartialFile.write([UInt8](JSONEncoder.report.encode(self)), to: path)
    }
}
