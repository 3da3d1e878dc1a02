import DurableFile
import Foundation
import Testing

@testable import Media

/// Goal: a segment is a correct, plain H.264 MP4 whose bytes depend on the frames and settings alone.
/// Method: encode a small moving pattern; ffprobe and ffmpeg judge the file.
struct VideoEncoderTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test func aSegmentIsH264In420OfTheGivenSizeWithEveryFrame() throws {
        let path = directory.file("segment.mp4")
        try encodeSegment(to: path, frames: 25)
        let stream = try Judge.stream(path)
        #expect(stream.codecName == "h264")
        #expect(stream.profile == "High")
        #expect(stream.pixFmt == "yuv420p")
        #expect((stream.width, stream.height) == (96, 64))
        #expect(stream.nbFrames == "25")
        #expect(stream.nbReadFrames == "25")
        #expect(stream.hasBFrames == 0)
        #expect(try Judge.boxes(path).firstIndex(of: "moov")! < Judge.boxes(path).firstIndex(of: "mdat")!)
    }

    @Test(arguments: [FrameRate(1), FrameRate(12), FrameRate(30), FrameRate(24_000, per: 1001), FrameRate(60)])
    func frameKLiesAtExactlyKOverFps(rate: FrameRate) throws {
        let path = directory.file("segment.mp4")
        try encodeSegment(to: path, frames: 9, settings: settings(smallSize, rate))
        let ticks = rate.timescale * rate.denominator / rate.numerator
        let packets = try Judge.packets(path)
        #expect(packets.map(\.pts) == (0..<9).map { $0 * ticks })
        #expect(packets.allSatisfy { $0.dts == $0.pts && $0.duration == ticks })
        let stream = try Judge.stream(path)
        #expect(stream.avgFrameRate == "\(rate.numerator)/\(rate.denominator)")
        #expect(stream.timeBase == "1/\(rate.timescale)")
        #expect(stream.durationTs == 9 * ticks)
        #expect(stream.startPts == 0)
    }

    @Test func coloursComeBackAsTheyWere() throws {
        let path = directory.file("segment.mp4")
        try encodeSegment(to: path, frames: 5)
        let stream = try Judge.stream(path)
        #expect(stream.colorSpace == "bt709" && stream.colorRange == "tv")
        #expect(stream.colorTransfer == "bt709" && stream.colorPrimaries == "bt709")
        #expect(stream.chromaLocation == "left")
        let original = (0..<5).flatMap { pattern(moment: $0).pixels }
        #expect(try psnr(Judge.rgb(path), original) > 38)
    }

    /// With the wrong matrix pure green would come back off by more than 20, with the wrong range by 16.
    @Test(
        arguments: [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0], [200, 120, 40]] as [[UInt8]])
    func aFlatColourComesBackWithinThreeSteps(colour: [UInt8]) throws {
        let path = directory.file("segment.mp4")
        var encoder = try VideoEncoder(to: path, settings: settings())
        try encoder.append(RGBFrame(width: 96, height: 64, red: colour[0], green: colour[1], blue: colour[2]))
        try encoder.finish()
        let centre = 3 * (32 * 96 + 48)
        for (decoded, given) in zip(try Judge.rgb(path)[centre..<centre + 3], colour) {
            #expect(abs(Int(decoded) - Int(given)) <= 3)
        }
    }

    @Test func theSameFramesGiveTheSameBytes() throws {
        for name in ["a.mp4", "b.mp4"] { try encodeSegment(to: directory.file(name), frames: 30) }
        let data = try bytes(of: directory.file("a.mp4"))
        #expect(try bytes(of: directory.file("b.mp4")) == data)
        for trace in ["Lavf", "Lavc"] { #expect(data.range(of: Data(trace.utf8)) == nil) }
        #expect(try Judge.tags(directory.file("a.mp4"))["creation_time"] == nil)
    }

    @Test func otherContentHasTheSameParameterSets() throws {
        try encodeSegment(to: directory.file("pattern.mp4"), frames: 30)
        var encoder = try VideoEncoder(to: directory.file("flat.mp4"), settings: settings())
        try encoder.append(RGBFrame(width: 96, height: 64, red: 9, green: 9, blue: 9))
        try encoder.finish()
        let information = try VideoInformation(of: directory.file("pattern.mp4"))
        #expect(try VideoInformation(of: directory.file("flat.mp4")).parameterSets == information.parameterSets)
        #expect(information.parameterSets.count > 20)
    }

    @Test func titleAndCommentAreStored() throws {
        let path = directory.file("segment.mp4")
        let metadata = VideoMetadata(title: "Ein Tag im Park 🐕", comment: "seed 7\nsteps 64")
        var encoder = try VideoEncoder(to: path, settings: settings(), metadata: metadata)
        try encoder.append(pattern(moment: 0))
        try encoder.finish()
        let tags = try Judge.tags(path)
        #expect(tags["title"] == metadata.title && tags["comment"] == metadata.comment)
        #expect(try VideoInformation(of: path).metadata == metadata)
    }

    @Test func pathsThatLookLikeProtocolsAreFiles() throws {
        let path = directory.file("pipe:1 – 50%d#ü.mp4")
        try encodeSegment(to: path, frames: 2)
        #expect(try VideoInformation(of: path).frameCount == 2)
        #expect(try directory.contents().count == 1)
    }

    @Test func aMissingEncoderIsNamedWithWhatToInstall() {
        let path = directory.file("segment.mp4")
        let error = #expect(throws: MediaError.self) {
            _ = try VideoEncoder(
                to: path, settings: settings(), metadata: VideoMetadata(), encoderName: "libx999")
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("the encoder libx999 is missing in this libavcodec"))
        #expect(text.contains("install Debian's libavcodec59"))
        #expect(text.contains("segment.mp4"))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test(arguments: [PixelSize(width: 95, height: 64), PixelSize(width: 96, height: 63)])
    func anOddSideIsRefused(size: PixelSize) throws {
        let path = directory.file("segment.mp4")
        #expect(throws: MediaError(.encode, path, .oddSize(size))) {
            _ = try VideoEncoder(to: path, settings: settings(size))
        }
        #expect(try directory.contents().isEmpty)
    }

    @Test func aFrameOfAnotherSizeIsRefusedAndTheEncoderGoesOn() throws {
        let path = directory.file("segment.mp4")
        let other = PixelSize(width: 64, height: 96)
        var encoder = try VideoEncoder(to: path, settings: settings())
        try encoder.append(pattern(moment: 0))
        do throws(MediaError) {
            try encoder.append(pattern(other, moment: 1))
            Issue.record("a frame of \(other) was taken")
        } catch {
            #expect(error == MediaError(.encode, path, .wrongFrameSize(expected: smallSize, found: other)))
            #expect("\(error)".contains("64×96") && "\(error)".contains("96×64"))
        }
        try encoder.append(pattern(moment: 1))
        try encoder.finish()
        #expect(try VideoInformation(of: path).frameCount == 2)
    }

    @Test func noFramesAreAnErrorThatLeavesNothingAndKeepsTheEarlierFile() throws {
        let path = directory.file("segment.mp4")
        try encodeSegment(to: path, frames: 3)
        let earlier = try bytes(of: path)
        #expect(throws: MediaError(.encode, path, .noFrames)) {
            try VideoEncoder(to: path, settings: settings()).finish()
        }
        #expect(try directory.contents() == ["segment.mp4"])
        #expect(try bytes(of: path) == earlier)
    }

    @Test func anAbandonedEncoderLeavesNothing() throws {
        var encoder = try VideoEncoder(to: directory.file("segment.mp4"), settings: settings())
        for moment in 0..<60 { try encoder.append(pattern(moment: moment)) }
        #expect(try directory.contents().map { $0.hasSuffix(PartialFile.suffix) } == [true])
        _ = consume encoder
        #expect(try directory.contents().isEmpty)
    }

    @Test func aMissingDirectoryIsNamed() {
        let path = directory.file("nowhere/segment.mp4")
        let error = #expect(throws: MediaError.self) { try encodeSegment(to: path, frames: 1) }
        #expect(error?.operation == .write && error?.file == path)
        #expect(error.map { "\($0)" }?.contains("No such file or directory") == true)
    }
}
