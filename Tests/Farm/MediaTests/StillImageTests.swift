import Foundation
import Media
import Testing

/// Goal: previews are image files that any program shows, of the right size and content.
/// Method: ffmpeg decodes them.
struct StillImageTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func decoded(_ frame: RGBFrame, _ format: StillImage.Format) throws -> (String, PixelSize, [UInt8]) {
        struct Answer: Decodable {
            struct Stream: Decodable {
                let codecName: String
                let width: Int
                let height: Int
            }
            let streams: [Stream]
        }
        let path = directory.file("image")
        try write(Data(StillImage.encode(frame, as: format)), to: path)
        let answer: Answer = try Judge.probe(path, ["-show_streams"])
        let size = PixelSize(width: answer.streams[0].width, height: answer.streams[0].height)
        return (answer.streams[0].codecName, size, try Judge.rgb(path, isImage: true))
    }

    @Test(arguments: [smallSize, PixelSize(width: 95, height: 63), PixelSize(width: 1, height: 1)])
    func pngKeepsEveryPixel(size: PixelSize) throws {
        let frame = pattern(size, moment: 3)
        let (codec, found, pixels) = try decoded(frame, .png)
        #expect(codec == "png" && found == size && pixels == frame.pixels)
    }

    @Test(arguments: [smallSize, PixelSize(width: 95, height: 63)])
    func jpegLooksTheSame(size: PixelSize) throws {
        let frame = pattern(size, moment: 3)
        let (codec, found, pixels) = try decoded(frame, .jpeg)
        #expect(codec == "mjpeg" && found == size)
        #expect(psnr(pixels, frame.pixels) > 32)
    }

    @Test(arguments: [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0]] as [[UInt8]])
    func jpegKeepsColours(colour: [UInt8]) throws {
        let frame = RGBFrame(width: 32, height: 32, red: colour[0], green: colour[1], blue: colour[2])
        for (decoded, given) in try zip(decoded(frame, .jpeg).2, frame.pixels) {
            #expect(abs(Int(decoded) - Int(given)) <= 3)
        }
    }

    @Test(arguments: StillImage.Format.allCases) func theSamePictureGivesTheSameBytes(format: StillImage.Format) throws
    {
        let frame = pattern(moment: 1)
        #expect(try StillImage.encode(frame, as: format) == StillImage.encode(frame, as: format))
    }

    @Test func aThumbnailKeepsTheAspectAndTheColours() throws {
        let frame = RGBFrame(width: 848, height: 480, red: 200, green: 120, blue: 40)
        let thumbnail = try frame.scaled(toWidth: 320)
        #expect(thumbnail.size == PixelSize(width: 320, height: 181))
        for (scaled, given) in zip(thumbnail.pixels, frame.pixels) { #expect(abs(Int(scaled) - Int(given)) <= 1) }
        #expect(try frame.scaled(toWidth: 848) == frame)
        #expect(try frame.scaled(toWidth: 1).size == PixelSize(width: 1, height: 1))
    }

    @Test func aThumbnailShowsTheSamePicture() throws {
        let small = try pattern(PixelSize(width: 384, height: 256), moment: 0).scaled(toWidth: 96)
        let corner = 3 * (60 * 96 + 90)
        #expect(abs(Int(small.pixels[corner]) - 255 * 90 / 96) <= 4)
        #expect(abs(Int(small.pixels[corner + 1]) - 255 * 60 / 64) <= 4)
    }

    @Test func aContactSheetHoldsEveryFrameAtItsPlace() throws {
        let rows = (0..<2).map { seed in (0..<3).map { pattern(moment: 6 * $0, seed: seed) } }
        let sheet = ContactSheet(rows: [rows[0], [rows[1][0]]], gap: 4).frame()
        #expect(sheet.size == PixelSize(width: 4 + 3 * 100, height: 4 + 2 * 68))
        for (frame, x, y) in [(rows[0][0], 4, 4), (rows[0][2], 204, 4), (rows[1][0], 4, 72)] {
            for line in 0..<frame.height {
                let start = 3 * ((y + line) * sheet.width + x)
                let shown = sheet.pixels[start..<start + 3 * frame.width]
                #expect(shown == frame.pixels[3 * line * frame.width..<3 * (line + 1) * frame.width])
            }
        }
        #expect(Array(sheet.pixels.prefix(3)) == [24, 24, 24])
    }
}
