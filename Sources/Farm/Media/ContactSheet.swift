/// Many small pictures in one: a row per segment, say, a column per moment.
public struct ContactSheet: Hashable, Sendable {
    /// From the top; rows may differ in length, and frames in size.
    public let rows: [[RGBFrame]]
    /// Pixels between pictures and around the sheet.
    public let gap: Int

    /// - Precondition: there is at least one frame, and `gap` is not negative.
    public init(rows: [[RGBFrame]], gap: Int = 4) {
        precondition(rows.contains { !$0.isEmpty }, "a contact sheet without pictures")
        precondition(gap >= 0, "a gap of \(gap) pixels")
        self.rows = rows
        self.gap = gap
    }

    /// The sheet; every cell is as large as the largest frame, frames lie at their cell's top left, the rest is dark.
    public func frame() -> RGBFrame {
        let all = rows.joined()
        let cellWidth = (all.map(\.width).max() ?? 0) + gap
        let cellHeight = (all.map(\.height).max() ?? 0) + gap
        let width = gap + cellWidth * (rows.map(\.count).max() ?? 0)
        let height = gap + cellHeight * rows.count
        var pixels = [UInt8](repeating: 24, count: 3 * width * height)
        for (row, frames) in rows.enumerated() {
            for (column, frame) in frames.enumerated() {
                let corner = (gap + row * cellHeight) * width + gap + column * cellWidth
                for line in 0..<frame.height {
                    let source = 3 * line * frame.width..<3 * (line + 1) * frame.width
                    let target = 3 * (corner + line * width)
                    pixels.replaceSubrange(target..<target + source.count, with: frame.pixels[source])
                }
            }
        }
        return RGBFrame(width: width, height: height, pixels: pixels)
    }
}
