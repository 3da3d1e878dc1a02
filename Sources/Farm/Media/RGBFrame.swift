/// Width and height in pixels.
public struct PixelSize: Hashable, Sendable, CustomStringConvertible {
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int

    /// - Precondition: both are positive.
    public init(width: Int, height: Int) {
        precondition(width > 0 && height > 0, "a picture of \(width)×\(height) pixels")
        self.width = width
        self.height = height
    }

    /// As people write it: `848×480`.
    public var description: String { "\(width)×\(height)" }
}

/// One picture: 8-bit red, green, blue per pixel, rows from the top without padding; values as displays take them.
public struct RGBFrame: Hashable, Sendable {
    /// In pixels.
    public let size: PixelSize
    /// `3 · width · height` bytes, R G B of the top left pixel first.
    public let pixels: [UInt8]

    /// Columns.
    public var width: Int { size.width }
    /// Rows.
    public var height: Int { size.height }

    /// Takes interleaved bytes as they are.
    ///
    /// - Precondition: `pixels` has `3 · width · height` bytes.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        size = PixelSize(width: width, height: height)
        precondition(pixels.count == 3 * width * height, "\(pixels.count) bytes for \(width)×\(height) RGB pixels")
        self.pixels = pixels
    }

    /// A picture of one colour.
    public init(width: Int, height: Int, red: UInt8, green: UInt8, blue: UInt8) {
        var pixels = [UInt8](repeating: red, count: 3 * width * height)
        for pixel in stride(from: 0, to: pixels.count, by: 3) {
            pixels[pixel + 1] = green
            pixels[pixel + 2] = blue
        }
        self.init(width: width, height: height, pixels: pixels)
    }

    /// Takes a decoder's output: planes R, G, B of `height · width` values in 0…1 each (`[3, H, W]`, contiguous).
    ///
    /// A value becomes `255 · value` rounded to the nearest integer, ties to even as in NumPy and torch; what lies
    /// outside 0…1 is clamped, NaN becomes 0.
    ///
    /// - Precondition: `planar` has `3 · width · height` values.
    public init(width: Int, height: Int, planar: Span<Float>) {
        let plane = width * height
        precondition(planar.count == 3 * plane, "\(planar.count) values for [3, \(height), \(width)]")
        let pixels = [UInt8](unsafeUninitializedCapacity: 3 * plane) { bytes, count in
            for pixel in 0..<plane {
                bytes[3 * pixel] = RGBFrame.quantized(planar[pixel])
                bytes[3 * pixel + 1] = RGBFrame.quantized(planar[plane + pixel])
                bytes[3 * pixel + 2] = RGBFrame.quantized(planar[2 * plane + pixel])
            }
            count = 3 * plane
        }
        self.init(width: width, height: height, pixels: pixels)
    }

    private static func quantized(_ value: Float) -> UInt8 {
        guard value > 0 else { return 0 }  // NaN too
        return UInt8((255 * min(value, 1)).rounded(.toNearestOrEven))
    }
}
