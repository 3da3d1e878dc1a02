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

    /// - Parameters:
    ///   - seed: of the stripes' colour.
    ///   - shift: in pixels, so that something moves.
    static func frame(width: Int, height: Int, seed: UInt8, shift: Int) -> RGBFrame {
        let scale = max(1, width / (6 * word.count))
        let (left, top) = ((width - 6 * word.count * scale) / 2, (height - 7 * scale) / 2)
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        for y in 0..<height {
            for x in 0..<width {
                let isInk = isInk((x - left), (y - top), scale)
                let isStripe = (x + y + shift) / 16 % 2 == 0
                let colour: (UInt8, UInt8, UInt8) =
                    isInk ? (255, 255, 255) : isStripe ? (seed | 0x40, 0, 0x60) : (0x20, 0x20, 0x20)
                let place = 3 * (y * width + x)
                (pixels[place], pixels[place + 1], pixels[place + 2]) = colour
            }
        }
        return RGBFrame(width: width, height: height, pixels: pixels)
    }

    private static func isInk(_ x: Int, _ y: Int, _ scale: Int) -> Bool {
        guard x >= 0, y >= 0, y < 7 * scale, x < 6 * word.count * scale else { return false }
        let (column, row, number) = (x / scale % 6, y / scale, x / scale / 6)
        guard column < 5, let rows = letters[word[number]] else { return false }
        return rows[row] >> UInt8(4 - column) & 1 == 1
    }
}
