import Foundation
import Testing

@testable import Media

/// Goal: the story is its segments, bit for bit, at exactly k/fps, with a chapter for each.
/// Method: join small segments; ffprobe and ffmpeg compare the story with the segments' own files.
struct StoryAssemblyTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Segments of different content, one per entry of `lengths`.
    private func segments(_ lengths: [Int], _ settings: VideoSettings = settings()) throws -> [StoryAssembly.Segment] {
        try lengths.enumerated().map { index, frames in
            let file = directory.file("segment-\(index).mp4")
            try encodeSegment(to: file, frames: frames, seed: index, settings: settings)
            return StoryAssembly.Segment(file: file, title: "chapter \(index)")
        }
    }

    @Test func packetsAreTheSegmentsPacketsByteForByte() throws {
        let segments = try segments([25, 25, 25])
        let story = directory.file("story.mp4")
        #expect(try StoryAssembly(segments: segments).write(to: story) == 75)
        let packets = try Judge.packets(story)
        let parts = try segments.flatMap { try Judge.packets($0.file) }
        #expect(packets.map(\.dataHash) == parts.map(\.dataHash))
        #expect(packets.map(\.isKey) == parts.map(\.isKey))
        #expect(Set(packets.map(\.dataHash)).count == 75)
    }

    @Test func decodedFramesAreTheSegmentsDecodedFrames() throws {
        let segments = try segments([7, 1, 1, 12])
        let story = directory.file("story.mp4")
        try StoryAssembly(segments: segments).write(to: story)
        let hashes = try Judge.frameHashes(story)
        #expect(hashes.count == 21)
        #expect(try hashes == segments.flatMap { try Judge.frameHashes($0.file) })
    }

    @Test(arguments: [FrameRate(12), FrameRate(30), FrameRate(24_000, per: 1001)])
    func timestampsAreKOverFpsAcrossEveryBorder(rate: FrameRate) throws {
        let segments = try segments([5, 1, 8, 5], settings(smallSize, rate))
        let story = directory.file("story.mp4")
        try StoryAssembly(segments: segments).write(to: story)
        let ticks = rate.timescale * rate.denominator / rate.numerator
        let packets = try Judge.packets(story)
        #expect(packets.map(\.pts) == (0..<19).map { $0 * ticks })
        #expect(packets.map(\.dts) == packets.map(\.pts))
        #expect(packets.allSatisfy { $0.duration == ticks })
        let expected = (0..<19).map { String(format: "%.6f", rate.seconds(ofFrame: $0)) }
        #expect(try Judge.frameTimes(story) == expected)
        let stream = try Judge.stream(story)
        #expect(stream.nbFrames == "19" && stream.nbReadFrames == "19")
        #expect(stream.durationTs == 19 * ticks && stream.startPts == 0)
        #expect(stream.avgFrameRate == "\(rate.numerator)/\(rate.denominator)")
        #expect(stream.rFrameRate == stream.avgFrameRate)
    }

    @Test func theStoryKeepsCodecColoursAndAnIndexInFront() throws {
        let segments = try segments([3, 3])
        let story = directory.file("story.mp4")
        try StoryAssembly(segments: segments).write(to: story)
        let stream = try Judge.stream(story)
        #expect(stream.codecName == "h264" && stream.pixFmt == "yuv420p")
        #expect((stream.width, stream.height) == (96, 64))
        #expect(stream.colorSpace == "bt709" && stream.colorRange == "tv")
        let boxes = try Judge.boxes(story)
        #expect(boxes.firstIndex(of: "moov")! < boxes.firstIndex(of: "mdat")!)
        let (whole, part) = try (VideoInformation(of: story), VideoInformation(of: segments[0].file))
        #expect(whole.parameterSets == part.parameterSets)
    }

    @Test func everySegmentIsAChapterWithItsTitleAndExactBorders() throws {
        var segments = try segments([5, 7, 4, 1])
        let long = String(repeating: "Ein Corgi läuft über den Strand — 🐕 ", count: 40)
        segments[0].title = "Dünen, 海辺 — a corgi is running"
        segments[1].title = long
        segments[2].title = ""
        segments[3].title = "scene; action = #7 \\ \"end\""
        let story = directory.file("story.mp4")
        try StoryAssembly(segments: segments).write(to: story)
        let chapters = try Judge.chapters(story)
        #expect(chapters.map { $0.title ?? "" } == segments.map(\.title))
        let ticks = FrameRate(12).timescale / 12
        #expect(chapters.allSatisfy { $0.timeBase == "1/\(FrameRate(12).timescale)" })
        #expect(chapters.map(\.start) == [0, 5, 12, 16].map { $0 * ticks })
        #expect(chapters.map(\.end) == [5, 12, 16, 17].map { $0 * ticks })
        let read = try VideoInformation(of: story).chapters
        #expect(read.map(\.title) == segments.map(\.title))
        #expect(read.map(\.frames) == [0..<5, 5..<12, 12..<16, 16..<17])
    }

    /// More than Nero's chapter box holds, and many borders between single keyframes.
    @Test func aStoryMayHaveHundredsOfChapters() throws {
        let segment = try segments([1])[0]
        let all = (0..<300).map { StoryAssembly.Segment(file: segment.file, title: "n \($0)") }
        let story = directory.file("story.mp4")
        #expect(try StoryAssembly(segments: all).write(to: story) == 300)
        let chapters = try Judge.chapters(story)
        #expect(chapters.map(\.title) == all.map(\.title))
        #expect(try Judge.stream(story).nbReadFrames == "300")
    }

    @Test func aGrowingPrefixIsPlayableEachTime() throws {
        let segments = try segments([6, 6, 6])
        let story = directory.file("story.mp4")
        for count in 1...3 {
            let prefix = StoryAssembly(segments: Array(segments.prefix(count)), framesPerSegment: 6)
            #expect(try prefix.write(to: story) == 6 * count)
            #expect(try Judge.stream(story).nbReadFrames == "\(6 * count)")
            #expect(try Judge.chapters(story).count == count)
        }
        #expect(try directory.contents().count == 4)
    }

    @Test func theSameSegmentsGiveTheSameBytes() throws {
        let metadata = VideoMetadata(title: "A corgi's day", comment: "seed 7")
        let assembly = StoryAssembly(segments: try segments([4, 4]), metadata: metadata)
        try assembly.write(to: directory.file("a.mp4"))
        try assembly.write(to: directory.file("b.mp4"))
        let data = try bytes(of: directory.file("a.mp4"))
        #expect(try bytes(of: directory.file("b.mp4")) == data)
        #expect(data.range(of: Data("Lavf".utf8)) == nil)
        let tags = try Judge.tags(directory.file("a.mp4"))
        #expect(tags["title"] == metadata.title && tags["comment"] == metadata.comment)
        #expect(tags["creation_time"] == nil && tags["encoder"] == nil)
    }
}
