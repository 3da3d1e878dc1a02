internal import Torch

/// Gated feed-forward layer: `wo(gelu(wi_0(x)) · wi_1(x))`, with the hyperbolic tangent's gelu.
///
/// Shapes: `D` width, `F` hidden width.
/// Source: transformers `modeling_t5.py`, `T5DenseGatedActDense`; `gelu_new`.
struct T5FeedForward: Sendable {
    private let gate: Linear
    private let input: Linear
    private let output: Linear
    private let width: Int

    /// - Parameter weights: hold `wi_0` and `wi_1` `[F, D]` and `wo` `[D, F]`, none with a bias.
    init(_ configuration: T5Configuration, weights: WeightScope) throws(LoadError) {
        width = configuration.width
        let hidden = configuration.hiddenWidth
        gate = try Linear(width, hidden, bias: false, weights: weights / "wi_0")
        input = try Linear(width, hidden, bias: false, weights: weights / "wi_1")
        output = try Linear(hidden, width, bias: false, weights: weights / "wo")
    }

    /// - Parameter x: `[…, D]`, normalised.
    /// - Returns: `[…, D]`.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        precondition(x.shape.last == width, "expected D = \(width), got \(x.shape)")
        return try output(gate(x).geluTanh() * input(x))
    }
}
