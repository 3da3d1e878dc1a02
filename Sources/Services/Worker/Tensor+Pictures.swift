public import Media
public import Torch

extension Tensor {
    /// Frames `[f, 3, H, W]` in 0…1 on the CPU as pictures.
    public func rgbFrames() throws -> [RGBFrame] {
        let (height, width) = (extent(2), extent(3))
        return try (0..<extent(0)).map { index in
            let planar: [Float] = try selected(0, index).array()
            return RGBFrame(width: width, height: height, planar: planar.span)
        }
    }
}
