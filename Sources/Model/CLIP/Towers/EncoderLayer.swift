import Torch

/// Attention, then an MLP, each after a LayerNorm and added to what came in.
///
/// Shapes: `B` batch, `L` tokens, `D` width.
/// Reference: transformers 5.23 `modeling_clip.py`, class `CLIPEncoderLayer`.
struct EncoderLayer: Sendable {
    private let attentionNorm, mlpNorm: LayerNorm
    private let attention: SelfAttention
    private let mlp: MLP

    init(_ tower: CLIPTowerConfiguration, isCausal: Bool, weights: WeightScope) throws(LoadError) {
        attentionNorm = try LayerNorm(tower.width, epsilon: tower.epsilon, weights: weights / "layer_norm1")
        attention = try SelfAttention(
            width: tower.width, headCount: tower.headCount, isCausal: isCausal, weights: weights / "self_attn")
        mlpNorm = try LayerNorm(tower.width, epsilon: tower.epsilon, weights: weights / "layer_norm2")
        mlp = try MLP(tower, weights: weights / "mlp")
    }

    /// - Parameter x: `[B, L, D]`.
    /// - Returns: `[B, L, D]`.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let attended = try x + attention(attentionNorm(x))
        return try attended + mlp(mlpNorm(attended))
    }

    /// The layers of a tower under `layers.0`, `layers.1`, ….
    ///
    /// Reference: class `CLIPEncoder`.
    static func stack(
        _ tower: CLIPTowerConfiguration, isCausal: Bool, weights: WeightScope
    ) throws(LoadError) -> [EncoderLayer] {
        var layers: [EncoderLayer] = []
        for index in 0..<tower.layerCount {
            layers.append(try EncoderLayer(tower, isCausal: isCausal, weights: weights / "layers" / index))
        }
        return layers
    }
}
