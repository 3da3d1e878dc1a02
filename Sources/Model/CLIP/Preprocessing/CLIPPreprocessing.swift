public import Torch

/// Turns images of any size into what the image tower takes: resized, cropped in the middle, normalised.
///
/// Shapes: `F` images of one size, `H` × `W` pixels.
/// Reference: transformers 5.23 `image_processing_pil_clip.py`, class `CLIPImageProcessorPil`; equal to it on 8-bit
/// images. Images are brought to 8 bits first, as if they had been saved and loaded. Widths are resized before heights,
/// as in every Pillow before 13; Pillow 13 begins with the height of images that are more than twice as tall as wide,
/// whose pixels then differ from ours where contrasts are hard.
public struct CLIPPreprocessing: Equatable, Sendable {
    /// What the resized image measures.
    public enum Size: Equatable, Sendable {
        /// The shorter side in pixels; the other follows from the proportions, rounded down.
        case shortestEdge(Int)
        case exactly(height: Int, width: Int)
    }

    public var size = Size.shortestEdge(224)
    public var cropHeight = 224
    public var cropWidth = 224
    /// Red, green, blue, on the scale from 0 to 1.
    public var mean = [0.48145466, 0.4578275, 0.40821073]
    public var standardDeviation = [0.26862954, 0.26130258, 0.27577711]

    public init() {}

    /// - Parameter images: floating-point `[F, 3, H, W]`, RGB from 0 to 1; values beyond are clamped.
    /// - Returns: float32 `[F, 3, cropHeight, cropWidth]` on the same device.
    public func callAsFunction(_ images: Tensor) throws(TorchError) -> Tensor {
        try normalized(cropped(resized(bytes(of: images))))
    }

    /// The images on the scale of bytes: float64 `[F, 3, H, W]` with integers from 0 to 255.
    func bytes(of images: Tensor) throws(TorchError) -> Tensor {
        precondition(
            images.rank == 4 && images.extent(1) == 3 && images.extent(2) > 0 && images.extent(3) > 0,
            "expected [F, 3, H, W], got \(images.shape)")
        return try (images.converted(to: .float64).clamped(from: 0, to: 1) * 255).rounded()
    }

    /// The same in the size that `size` says: first the width, then the height, each rounded to bytes.
    func resized(_ bytes: Tensor) throws(TorchError) -> Tensor {
        let (height, width) = target(height: bytes.extent(2), width: bytes.extent(3))
        let wide = try PILBicubic.resampled(bytes, to: width)
        return try PILBicubic.resampled(wide.transposed(2, 3), to: height).transposed(2, 3)
    }

    func target(height: Int, width: Int) -> (height: Int, width: Int) {
        switch size {
        case .exactly(let height, let width): return (height, width)
        case .shortestEdge(let edge):
            let long = Int(Double(edge * max(height, width)) / Double(min(height, width)))
            return width <= height ? (long, edge) : (edge, long)
        }
    }

    /// The middle; an image that is smaller than the crop gets a black border.
    ///
    /// Reference: `image_transforms.py`, function `center_crop`.
    func cropped(_ bytes: Tensor) throws(TorchError) -> Tensor {
        let vertical = Crop(of: bytes.extent(2), to: cropHeight)
        let horizontal = Crop(of: bytes.extent(3), to: cropWidth)
        let padded = try bytes.padded([horizontal.before, horizontal.after, vertical.before, vertical.after])
        return try padded.narrowed(2, vertical.range).narrowed(3, horizontal.range)
    }

    private struct Crop {
        let before, after: Int
        let range: Range<Int>

        init(of extent: Int, to crop: Int) {
            let missing = max(crop - extent, 0)
            before = (missing + 1) / 2
            after = missing - before
            let start = missing > 0 ? 0 : (extent - crop) / 2
            range = start..<(start + crop)
        }
    }

    private func normalized(_ bytes: Tensor) throws(TorchError) -> Tensor {
        // float32 after the division, as NumPy has it.
        let scaled = try (bytes * (1 / 255.0)).converted(to: .float32)
        let mean = try Tensor(mean.map(Float.init), shape: [3, 1, 1]).moved(to: bytes.device)
        let deviation = try Tensor(standardDeviation.map(Float.init), shape: [3, 1, 1]).moved(to: bytes.device)
        return try ((scaled - mean) / deviation).contiguous()
    }
}
