internal import Torch

/// Makes `st` frames of each and `s`×`s` pixels of each, from as many times more channels.
///
/// Shapes: `I` channels in, `C` out; the projection's `C·st·s·s` outputs are in the order (C, st, height, width).
/// Reference: the second half of diffusers `MochiUpBlock3D`.
struct SpaceTimeExpansion: Sendable {
    /// Frames per frame.
    let temporal: Int
    private let spatial: Int
    private let channels: Int
    private let projection: PointwiseProjection

    init(_ input: Int, _ output: Int, temporal: Int, spatial: Int, weights: WeightScope) throws(LoadError) {
        (self.temporal, self.spatial, channels) = (temporal, spatial, output)
        projection = try PointwiseProjection(input, output * temporal * spatial * spatial, weights: weights)
    }

    /// Only the last of the `st` frames: what the first frame of a video becomes in genmo's form.
    init(lastFrameOf whole: SpaceTimeExpansion) throws(TorchError) {
        (temporal, spatial, channels) = (1, whole.spatial, whole.channels)
        projection = try whole.projection.restricted(
            to: (whole.temporal - 1)..<whole.temporal, ofDimension: 1,
            outputs: [whole.channels, whole.temporal, whole.spatial * whole.spatial])
    }

    /// - Parameter x: `[I, T, H, W]`.
    /// - Returns: `[C, T·st, H·s, W·s]`.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let (count, height, width) = (x.extent(1), x.extent(2), x.extent(3))
        let result = try Tensor.empty(
            [channels, count * temporal, height * spatial, width * spatial], dtype: x.dtype, device: x.device)
        let places = try result.reshaped([channels, count, temporal, height, spatial, width, spatial])
        for frame in 0..<count {
            let y = try projection.projected(x.selected(1, frame))
                .reshaped([channels, temporal, spatial, spatial, height, width])
            try places.selected(1, frame).copy(from: y.permuted([0, 1, 4, 2, 5, 3]))
        }
        return result
    }
}
