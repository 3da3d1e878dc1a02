import Foundation
import Media
import Testing

/// Goal: frames come back in order, in RGB, as ffmpeg decodes them.
/// Method: read what the encoder and the assembly wrote, and files of other programs.
struct VideoReaderTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func frames(of path: String) throws(MediaError) -> [RGBFrame] {
        var reader = try VideoReader(path)
        var frames: [RGBFrame] = []
        while let frame = try reader.next() { frames.append(frame) }
        return frames
    }

    @Test func everyFrameComesBackInOrderAndLooksTheSame() throws {
        let path = directory.file("segment.mp4")
        try encodeSegment(to: path, frames: 20)
        let frames = try frames(of: path)
        #expect(frames.count == 20)
        for (moment, frame) in frames.enumerated() {
            #expect(frame.size == smallSize)
            #expect(psnr(frame.pixels, pattern(moment: moment).pixels) > 38)
        }
        #expect(try psnr(Judge.rgb(path), frames.flatMap(\.pixels)) > 50)
    }

    @Test func aStoryReadsAsItsSegments() throws {
        let names = ["a.mp4", "b.mp4"].map { directory.file($0) }
        for (seed, name) in names.enumerated() { try encodeSegment(to: name, frames: 5, seed: seed) }
        let story = directory.file("story.mp4")
        try StoryAssembly(segments: names.map { .init(file: $0, title: "") }).write(to: story)
        #expect(try frames(of: story) == frames(of: names[0]) + frames(of: names[1]))
    }

    /// Frames that another program stored out of order come in the order they are shown.
    @Test func aForeignVideoWithReorderedFramesIsRead() throws {
        let path = directory.file("foreign.mp4")
        let source = ["-f", "lavfi", "-i", "testsrc=size=96x64:rate=12", "-frames:v", "12"]
        let codec = ["-c:v", "libx264", "-bf", "2", "-pix_fmt", "yuv420p", "-f", "mp4", path]
        _ = try Judge.run("ffmpeg", source + codec)
        let frames = try frames(of: path)
        #expect(frames.count == 12)
        #expect(try psnr(Judge.rgb(path), frames.flatMap(\.pixels)) > 35)
    }

    @Test func informationIsReadWithoutDecoding() throws {
        let path = directory.file("segment.mp4")
        try encodeSegment(to: path, frames: 18)
        let information = try VideoReader(path).information
        #expect(try information == VideoInformation(of: path))
        #expect(information.codec == "h264" && information.pixelFormat == "yuv420p")
        #expect(information.size == smallSize && information.frameRate == FrameRate(12))
        #expect(information.frameCount == 18 && information.duration == 1.5)
        #expect(information.chapters.isEmpty && information.metadata == VideoMetadata())
    }

    @Test func aFileWithoutVideoIsRefused() throws {
        let path = directory.file("sound.mp4")
        _ = try Judge.run("ffmpeg", ["-f", "lavfi", "-i", "sine=duration=0.1", "-c:a", "aac", "-f", "mp4", path])
        let error = #expect(throws: MediaError.self) { _ = try VideoReader(path) }
        #expect(error?.reason == .noVideo && error?.file == path)
    }

    @Test func damageInAPictureIsAnError() throws {
        let path = directory.file("segment.mp4")
        try encodeSegment(to: path, frames: 12)
        var data = try bytes(of: path)
        for offset in data.count - 900..<data.count - 500 { data[offset] = 0xA5 }
        try write(data, to: path)
        #expect(throws: MediaError.self) { try frames(of: path) }
    }
}
