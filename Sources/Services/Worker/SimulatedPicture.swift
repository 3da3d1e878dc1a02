import Media

/// A picture that nobody takes for a rendered one: stripes, and the word across them.
enum SimulatedPicture {
    /// Letters of five by seven dots, a row each, the left dot highest.
    private static let letters: [Character: [UInt8]] = [
        "S": [0x0F, 0x10, 0x10, 0x0E, 0x01, 0x01, 0x1E], "I": [0x0E, 0x04, 0x04, 0x04, 0x04, 0x04, 0x0E],
        "M": [0x11, 0x1B, 0x15, 0x15, 0x11, 0x11, 0x11], "U": [0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x0E],
        "L": [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1F], "A": [0x0E, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11],
        "T": [0x1F, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04], "E": [0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x1F],
        "D": [0x1E, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1E],
    ]
    private static let word = Array("SIMULATED")

    private static let stripe = 16

    /// Painted by rows and blocks: a load test's workers make such videos beside those that are measured.
    ///
    /// - Parameters:
    ///   - seed: of the stripes' colour.
    ///   - shift: in pixels, so that something moves.
    static func frame(width: Int, height: Int, seed: UInt8, shift: Int) -> RGBFrame {
        let stripes = stripes(width: width + 2 * stripe, seed: seed)
        var pixels: [UInt8] = []
        pixels.reserveCapacity(3 * width * height)
        for y in 0..<height {
            let start = 3 * ((y + shift) % (2 * stripe))
            pixels += stripes[start..<(start + 3 * width)]
        }
        write(onto: &pixels, width: width, height: height)
        return RGBFrame(width: width, height: height, pixels: pixels)
    }

    private static func stripes(width: Int, seed: UInt8) -> [UInt8] {
        (0..<width).flatMap { $0 / stripe % 2 == 0 ? [seed | 0x40, 0, 0x60] : [0x20, 0x20, 0x20] }
    }

    private static func write(onto pixels: inout [UInt8], width: Int, height: Int) {
        let scale = max(1, width / (6 * word.count))
        let (left, top) = ((width - 6 * word.count * scale) / 2, (height - 7 * scale) / 2)
        for (number, letter) in word.enumerated() {
            for (row, dots) in letters[letter]!.enumerated() {
                for column in 0..<5 where dots >> UInt8(4 - column) & 1 == 1 {
                    let (x, y) = (left + (6 * number + column) * scale, top + row * scale)
                    // A small picture has no room for all of the word.
                    let xs = max(0, x)..<max(0, min(width, x + scale))
                    for y in max(0, y)..<max(0, min(height, y + scale)) where !xs.isEmpty {
                        let place = 3 * (y * width + xs.lowerBound)
                        for index in place..<(place + 3 * xs.count) { pixels[index] = 255 }
                    }
                }
            }
        }
    }
}
