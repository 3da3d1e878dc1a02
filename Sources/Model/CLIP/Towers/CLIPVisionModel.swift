public import Torch

/// The image tower with its projection: pixels to one vector per image.
///
/// Shapes: `F` images, `S` their size, `N` patches, `D` width, `P` projected width.
/// Reference: transformers 5.23 `modeling_clip.py`, classes `CLIPVisionModel` and `CLIPModel.get_image_features`.
public struct CLIPVisionModel: Sendable {
    let embeddings: VisionEmbeddings
    private let preNorm, postNorm: LayerNorm
    let layers: [EncoderLayer]
    private let projection: Linear

    /// - Parameter weights: where `vision_model` and `visual_projection` are.
    /// - Throws: `LoadError` naming the weight that is missing or of another shape.
    public init(
        _ configuration: CLIPVisionConfiguration, projectionWidth: Int, weights: WeightScope
    ) throws(LoadError) {
        let (tower, scope) = (configuration.tower, weights / "vision_model")
        embeddings = try VisionEmbeddings(configuration, weights: scope / "embeddings")
        // The name is misspelt in every published file.
        preNorm = try LayerNorm(tower.width, epsilon: tower.epsilon, weights: scope / "pre_layrnorm")
        layers = try EncoderLayer.stack(tower, isCausal: false, weights: scope / "encoder")
        postNorm = try LayerNorm(tower.width, epsilon: tower.epsilon, weights: scope / "post_layernorm")
        projection = try Linear(tower.width, projectionWidth, bias: false, weights: weights / "visual_projection")
    }

    /// - Parameter pixels: `[F, 3, S, S]` as `CLIPPreprocessing` makes them.
    /// - Returns: `[F, P]` in the dtype of the weights, not normalised.
    public func callAsFunction(_ pixels: Tensor) throws(TorchError) -> Tensor {
        try projection(pooled(states(of: pixels)))
    }

    /// What enters the first layer: `[F, 3, S, S]` to `[F, N + 1, D]`.
    func entry(of pixels: Tensor) throws(TorchError) -> Tensor { try preNorm(embeddings(pixels)) }

    /// The output of the last layer: `[F, 3, S, S]` to `[F, N + 1, D]`.
    func states(of pixels: Tensor) throws(TorchError) -> Tensor {
        var x = try entry(of: pixels)
        for layer in layers { x = try layer(x) }
        return x
    }

    /// The normalised state of the class embedding: `[F, N + 1, D]` to `[F, D]`.
    func pooled(_ states: Tensor) throws(TorchError) -> Tensor { try postNorm(states.selected(1, 0)) }
}
