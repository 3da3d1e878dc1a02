public import Torch

/// The text tower with its projection: token ids to one vector per text.
///
/// Shapes: `B` texts, `L` tokens, `D` width, `P` projected width.
/// Reference: transformers 5.23 `modeling_clip.py`, classes `CLIPTextModel` and `CLIPModel.get_text_features`.
public struct CLIPTextModel: Sendable {
    private let configuration: CLIPTextConfiguration
    let embeddings: TextEmbeddings
    let layers: [EncoderLayer]
    private let finalNorm: LayerNorm
    private let projection: Linear

    /// - Parameter weights: where `text_model` and `text_projection` are.
    /// - Throws: `LoadError` naming the weight that is missing or of another shape.
    public init(
        _ configuration: CLIPTextConfiguration, projectionWidth: Int, weights: WeightScope
    ) throws(LoadError) {
        self.configuration = configuration
        let (tower, scope) = (configuration.tower, weights / "text_model")
        embeddings = try TextEmbeddings(configuration, weights: scope / "embeddings")
        layers = try EncoderLayer.stack(tower, isCausal: true, weights: scope / "encoder")
        finalNorm = try LayerNorm(tower.width, epsilon: tower.epsilon, weights: scope / "final_layer_norm")
        projection = try Linear(tower.width, projectionWidth, bias: false, weights: weights / "text_projection")
    }

    /// What follows the end-of-text token has no influence, since no token sees what comes after it: texts of different
    /// lengths may be padded with that token or with 0.
    ///
    /// - Parameter ids: int64 `[B, L]`, each with the end-of-text token.
    /// - Returns: `[B, P]` in the dtype of the weights, not normalised.
    public func callAsFunction(_ ids: Tensor) throws(TorchError) -> Tensor {
        try projection(pooled(states(of: ids), ids: ids))
    }

    /// The normalised output of the last layer: `[B, L]` to `[B, L, D]`.
    func states(of ids: Tensor) throws(TorchError) -> Tensor {
        var x = try embeddings(ids)
        for layer in layers { x = try layer(x) }
        return try finalNorm(x)
    }

    /// The state of each text's end-of-text token: `[B, L, D]` to `[B, D]`.
    func pooled(_ states: Tensor, ids: Tensor) throws(TorchError) -> Tensor {
        let (count, length) = (ids.extent(0), ids.extent(1))
        precondition(Array(states.shape.prefix(2)) == [count, length], "states \(states.shape) of ids \(ids.shape)")
        // Of equals the first one counts, so that padding with the end token changes nothing.
        let end = Double(configuration.endTokenID)
        let isEnd = end == 2 ? ids : try ids.isEqual(to: end).converted(to: .int64)
        let ends = try isEnd.indexOfMaximum(1)  // [B]
        let starts = try Tensor.range(
            to: Double(count * length), by: Double(length), dtype: .int64, device: ids.device)
        return try states.reshaped([count * length, states.extent(2)]).gathered(0, starts + ends)
    }
}
