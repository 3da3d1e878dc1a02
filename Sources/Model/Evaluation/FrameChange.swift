/// How much a frame differs from the one before it.
public struct FrameChange: Equatable, Sendable, Codable {
    /// Mean over pixels and channels of |a − b|, on the scale from 0 to 1.
    public let mean: Double
    /// Share of the pixels of which a channel differs by more than ``threshold``, 0 to 1.
    public let area: Double

    /// Of 255; twice what H.264 at the farm's quality adds to still pictures.
    public static let threshold = 12

    public init(mean: Double, area: Double) {
        (self.mean, self.area) = (mean, area)
    }

    /// - Parameters:
    ///   - a: interleaved 8-bit RGB.
    ///   - b: likewise.
    /// - Precondition: `a` and `b` have the same number of bytes, three per pixel.
    public init(from a: [UInt8], to b: [UInt8]) {
        precondition(
            a.count == b.count && a.count % 3 == 0 && !a.isEmpty, "frames of \(a.count) and \(b.count) bytes")
        var (sum, changed) = (0, 0)
        for pixel in stride(from: 0, to: a.count, by: 3) {
            let red = abs(Int(a[pixel]) - Int(b[pixel]))
            let green = abs(Int(a[pixel + 1]) - Int(b[pixel + 1]))
            let blue = abs(Int(a[pixel + 2]) - Int(b[pixel + 2]))
            sum += red + green + blue
            changed += max(red, green, blue) > Self.threshold ? 1 : 0
        }
        self.init(mean: Double(sum) / Double(255 * a.count), area: Double(changed) / Double(a.count / 3))
    }
}
