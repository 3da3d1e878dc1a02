import Torch

/// SwiGLU feed-forward: `w2(a · silu(b))`, where one projection produces `a` and `b`, in this order.
///
/// The original layout has the halves the other way round. Reference: diffusers 0.42.1 `attention.py`, class
/// `FeedForward` with `activation_fn="swiglu"`; genmo/mochi `layers.py`, class `FeedForward`.
struct FeedForward {
    private let expansion: Linear
    private let contraction: Linear

    /// - Parameter width: `D`; the hidden width is `⌊8 D / 3⌋`.
    init(width: Int, weights: WeightScope) throws(LoadError) {
        let hidden = TransformerConfiguration.hiddenWidth(of: width)
        expansion = try Linear(width, 2 * hidden, bias: false, weights: weights / "net" / 0 / "proj")
        contraction = try Linear(hidden, width, bias: false, weights: weights / "net" / 2)
    }

    /// - Parameter x: `[1, N, D]`.
    /// - Returns: `[1, N, D]`.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        // The projection is [1, N, 2 hidden].
        try contraction(expansion(x).gated())
    }
}
