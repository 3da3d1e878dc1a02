import Torch

/// `fc2(activation(fc1(x)))`.
///
/// Shapes: `B` batch, `L` tokens, `D` width.
/// Reference: transformers 5.23 `modeling_clip.py`, class `CLIPMLP`.
struct MLP: Sendable {
    private let width: Int
    private let widen, narrow: Linear
    private let activation: CLIPActivation

    init(_ tower: CLIPTowerConfiguration, weights: WeightScope) throws(LoadError) {
        width = tower.width
        widen = try Linear(tower.width, tower.hiddenWidth, weights: weights / "fc1")
        narrow = try Linear(tower.hiddenWidth, tower.width, weights: weights / "fc2")
        activation = tower.activation
    }

    /// - Parameter x: `[B, L, D]`.
    /// - Returns: `[B, L, D]`.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        precondition(x.rank == 3 && x.extent(2) == width, "expected [B, L, \(width)], got \(x.shape)")
        let hidden = try widen(x)
        switch activation {
        case .quickGelu: return try narrow(hidden.quickGelu())
        case .gelu: return try narrow(hidden.gelu())
        }
    }
}
