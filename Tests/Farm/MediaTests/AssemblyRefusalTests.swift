import Foundation
import Testing

@testable import Media

/// Goal: what cannot be joined without re-encoding is refused by the file's name, and costs nothing that was there.
/// Method: put one unfit file behind a good segment and write over an earlier story.
struct AssemblyRefusalTests {
    let directory: TemporaryDirectory
    let good: String
    let unfit: String
    let story: String
    let earlier: Data

    init() throws {
        directory = try TemporaryDirectory()
        good = directory.file("good.mp4")
        unfit = directory.file("unfit.mp4")
        story = directory.file("story.mp4")
        try encodeSegment(to: good, frames: 12)
        try StoryAssembly(segments: [.init(file: good, title: "")]).write(to: story)
        earlier = try bytes(of: story)
    }

    /// Joins the good and the unfit file; the error must name the latter and the earlier story must stay.
    private func refusal(framesPerSegment: Int? = nil) throws -> MediaError.Reason? {
        let segments = [good, unfit].map { StoryAssembly.Segment(file: $0, title: "") }
        let before = try directory.contents()
        let error = #expect(throws: MediaError.self) {
            try StoryAssembly(segments: segments, framesPerSegment: framesPerSegment).write(to: story)
        }
        #expect(error?.file == unfit)
        #expect(try directory.contents() == before)
        #expect(try bytes(of: story) == earlier)
        return error?.reason
    }

    @Test func anotherSizeIsRefused() throws {
        let size = PixelSize(width: 64, height: 64)
        try encodeSegment(to: unfit, frames: 2, settings: settings(size))
        #expect(try refusal() == .mismatch(property: "size", expected: "96×64", found: "64×64"))
    }

    @Test func anotherFrameRateIsRefused() throws {
        try encodeSegment(to: unfit, frames: 2, settings: settings(smallSize, FrameRate(24)))
        #expect(try refusal() == .mismatch(property: "frame rate", expected: "12", found: "24"))
    }

    @Test func otherParameterSetsAreRefused() throws {
        let other = VideoSettings(size: smallSize, frameRate: FrameRate(12), preset: .ultrafast)
        try encodeSegment(to: unfit, frames: 12, settings: other)
        guard case .mismatch(let property, let expected, let found) = try refusal() else {
            Issue.record("not a mismatch")
            return
        }
        #expect(property == "SPS/PPS" && expected != found)
    }

    @Test func anotherCodecIsRefused() throws {
        let size = ["-f", "lavfi", "-i", "testsrc=size=96x64:rate=12"]
        _ = try Judge.run("ffmpeg", size + ["-frames:v", "3", "-c:v", "mpeg4", "-f", "mp4", unfit])
        #expect(try refusal() == .mismatch(property: "codec", expected: "h264", found: "mpeg4"))
    }

    @Test func anotherNumberOfFramesIsRefusedWhereItIsKnown() throws {
        try encodeSegment(to: unfit, frames: 11)
        #expect(
            try refusal(framesPerSegment: 12)
                == .mismatch(property: "number of frames", expected: "12", found: "11"))
    }

    /// Reordered frames have timestamps that no concatenation keeps; such a file is refused even on its own.
    @Test func reorderedFramesAreRefused() throws {
        let source = ["-f", "lavfi", "-i", "testsrc=size=96x64:rate=12", "-frames:v", "12"]
        let codec = ["-c:v", "libx264", "-bf", "2", "-pix_fmt", "yuv420p", "-f", "mp4", unfit]
        _ = try Judge.run("ffmpeg", source + codec)
        let error = #expect(throws: MediaError.self) {
            try StoryAssembly(segments: [.init(file: unfit, title: "")]).write(to: story)
        }
        #expect(error?.reason == .unevenTiming(index: 0))
        #expect(try bytes(of: story) == earlier)
    }

    @Test(arguments: [1, 60, 600]) func aFileCutInItsPicturesIsRefused(missing: Int) throws {
        try write(bytes(of: good).dropLast(missing), to: unfit)
        switch try refusal() {
        case .truncated(announced: 1...12, found: 0..<12), .library: break
        case let reason: Issue.record("\(String(describing: reason))")
        }
    }

    @Test(arguments: [100, 300, 500, 700, 900]) func aFileCutInItsIndexIsRefused(length: Int) throws {
        try write(bytes(of: good).prefix(length), to: unfit)
        #expect(try refusal() != nil)
    }

    @Test func aFileCutBeforeItsIndexIsRefusedInLibavsWords() throws {
        try write(bytes(of: good).prefix(32), to: unfit)
        let reason = try refusal()
        guard case .library(_, let text, let detail) = reason else {
            Issue.record("\(String(describing: reason))")
            return
        }
        #expect(text == "Invalid data found when processing input")
        #expect(detail == "moov atom not found")
    }

    @Test func anEmptyFileIsRefused() throws {
        try write(Data(), to: unfit)
        guard case .library = try refusal() else {
            Issue.record("not libav's error")
            return
        }
    }

    /// libav's guessing would open what a playlist names.
    @Test func aPlaylistIsRefused() throws {
        try write(Data("#EXTM3U\n#EXTINF:1,\n\(good)\n#EXT-X-ENDLIST\n".utf8), to: unfit)
        guard case .library = try refusal() else {
            Issue.record("not libav's error")
            return
        }
    }

    @Test func aMissingFileIsRefused() throws {
        guard case .library(_, let text, _) = try refusal() else {
            Issue.record("not libav's error")
            return
        }
        #expect(text == "No such file or directory")
    }

    @Test func noSegmentsAreRefused() {
        #expect(throws: MediaError(.write, story, .noSegments)) { try StoryAssembly(segments: []).write(to: story) }
    }

    @Test func aTitleThatNoChapterHoldsIsRefused() throws {
        let segment = StoryAssembly.Segment(file: good, title: String(repeating: "é", count: 32_501))
        let reason = MediaError.Reason.chapterTitleTooLong(bytes: 65_002, bytesMax: 65_000)
        #expect(throws: MediaError(.write, story, reason)) { try StoryAssembly(segments: [segment]).write(to: story) }
        #expect(try bytes(of: story) == earlier)
        #expect(try directory.contents() == ["good.mp4", "story.mp4"])
    }

    @Test func theLongestTitleIsHeldWhole() throws {
        let title = String(repeating: "é", count: 32_500)
        try StoryAssembly(segments: [.init(file: good, title: title)]).write(to: story)
        #expect(try Judge.chapters(story).map(\.title) == [title])
    }
}
