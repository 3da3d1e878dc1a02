import Torch

/// A vector for the whole image (the class embedding), then one for each patch in rows, plus those of their positions.
///
/// Shapes: `F` images, `S` their size, `N` patches, `D` width.
/// Reference: transformers 5.23 `modeling_clip.py`, class `CLIPVisionEmbeddings` without interpolation.
struct VisionEmbeddings: Sendable {
    private let configuration: CLIPVisionConfiguration
    private let classEmbedding, patchKernel, positions: Tensor

    init(_ configuration: CLIPVisionConfiguration, weights: WeightScope) throws(LoadError) {
        self.configuration = configuration
        let (width, patch) = (configuration.tower.width, configuration.patchSize)
        classEmbedding = try weights.tensor("class_embedding", [width])
        patchKernel = try (weights / "patch_embedding").tensor(
            "weight", [width, configuration.channelCount, patch, patch])
        positions = try (weights / "position_embedding").tensor("weight", [configuration.patchCount + 1, width])
    }

    /// - Parameter pixels: `[F, 3, S, S]`, normalised.
    /// - Returns: `[F, N + 1, D]` in the dtype of the weights.
    func callAsFunction(_ pixels: Tensor) throws(TorchError) -> Tensor {
        let (size, patch) = (configuration.imageSize, configuration.patchSize)
        let expected = [configuration.channelCount, size, size]
        precondition(
            pixels.rank == 4 && Array(pixels.shape.dropFirst()) == expected,
            "expected [F] + \(expected), got \(pixels.shape)")
        let (count, width) = (pixels.extent(0), configuration.tower.width)
        let patches = try pixels.converted(to: patchKernel.dtype)
            .convolution2D(patchKernel, stride: [patch, patch])  // [F, D, S/patch, S/patch]
            .reshaped([count, width, configuration.patchCount]).transposed(1, 2)  // [F, N, D]
        let whole = try classEmbedding.reshaped([1, 1, width]).expanded(to: [count, 1, width])
        return try Tensor.concatenated([whole, patches], dimension: 1) + positions
    }
}
