import Foundation
import Media

let smallSize = PixelSize(width: 96, height: 64)

/// Colours that change smoothly with place and time, so that halved chroma costs little and every frame differs.
func pattern(_ size: PixelSize = smallSize, moment: Int, seed: Int = 0) -> RGBFrame {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * size.width * size.height)
    let shift = 5 * moment + 31 * seed
    for y in 0..<size.height {
        for x in 0..<size.width {
            let wave = (x + shift) % 128
            pixels.append(UInt8(255 * x / size.width))
            pixels.append(UInt8(255 * y / size.height))
            pixels.append(UInt8(wave < 64 ? 4 * wave : 4 * (127 - wave)))
        }
    }
    return RGBFrame(width: size.width, height: size.height, pixels: pixels)
}

func settings(_ size: PixelSize = smallSize, _ rate: FrameRate = FrameRate(12)) -> VideoSettings {
    VideoSettings(size: size, frameRate: rate)
}

/// Encodes `frames` frames of the pattern; `seed` makes one segment's content differ from another's.
func encodeSegment(
    to path: String, frames: Int, seed: Int = 0, settings: VideoSettings = settings()
) throws(MediaError) {
    var encoder = try VideoEncoder(to: path, settings: settings)
    for moment in 0..<frames { try encoder.append(pattern(settings.size, moment: moment, seed: seed)) }
    try encoder.finish()
}

/// Peak signal-to-noise ratio in dB over all channels; infinite for equal pictures.
func psnr(_ a: [UInt8], _ b: [UInt8]) -> Double {
    precondition(a.count == b.count)
    var squares = 0
    for (x, y) in zip(a, b) { squares += (Int(x) - Int(y)) * (Int(x) - Int(y)) }
    return 10 * log10(255 * 255 * Double(a.count) / Double(squares))
}
