public import Torch

/// What Mochi computes in fp32 whatever its weights are stored in, and what follows the weights (fp32 or bf16).
///
/// bf16 keeps 8 bits of a number. That is enough for what is summed over many elements or added to a stream whose norm
/// is taken again, and it is what the published model was trained to bear. It is not enough for what is accumulated
/// over 64 steps, for angles, or for a divisor that a whole row shares.
public enum Precision: CaseIterable, Sendable {
    // fp32, whatever the weights are.

    /// The video between two steps, guidance and Euler steps: half of the steps move an element by 0.001 near 1, where
    /// bf16 numbers are 0.008 apart.
    case latents
    /// What the sampler gets: rounded once by the last projection, never while it is combined and accumulated.
    case velocity
    /// Positions, learned frequencies, their products and the cosines and sines: angles reach ±125 times a frequency.
    case rotation
    /// Mean squares, means and variances, and everything up to the normalised and scaled element.
    case norms
    /// Scales and gates that the conditioning makes of a stream: 1 + s would lose the last bits of a small s.
    case modulation
    /// The sinusoid of the timestep: bf16 could not tell neighbouring steps of the linear half.
    case timestep
    /// The prompt's features as they come in, and their mean, the query of the pooled caption.
    case features
    /// Softmax's exponentials and sums in every attention, by libtorch's kernels.
    case softmax
    /// Mean and variance of the latents' channels, and the sines of an encoder's Fourier features.
    case statistics
    /// A still decoder's kernels while they are added up over time.
    case kernelSums
    /// Frames as they are shown, 0…1.
    case colours

    // As the weights.

    /// Visual tokens, text tokens, T5's tokens and the autoencoder's frames between the blocks.
    case stream
    /// Factors of matrix products; the sums are fp32 inside libtorch's kernels.
    case products
    /// Queries, keys, values and what attention makes of them.
    case attention
    /// Factors of convolutions, as for products.
    case convolutions

    /// The type that a quantity has in a network whose weights have type `weights`.
    public func dtype(weights: DType) -> DType {
        switch self {
        case .latents, .velocity, .rotation, .norms, .modulation, .timestep, .features, .softmax, .statistics,
            .kernelSums, .colours:
            return .float32
        case .stream, .products, .attention, .convolutions:
            return weights
        }
    }
}

extension Tensor {
    /// This tensor as `precision` wants it, next to weights of type `weights`.
    func converted(for precision: Precision, weights: DType) throws(TorchError) -> Tensor {
        try converted(to: precision.dtype(weights: weights))
    }

    /// This tensor as `precision` wants it whatever the weights are.
    ///
    /// - Precondition: `precision` does not follow the weights.
    func converted(for precision: Precision) throws(TorchError) -> Tensor {
        let dtype = precision.dtype(weights: .bfloat16)
        precondition(dtype == precision.dtype(weights: .float32), "\(precision) follows the weights: name their type")
        return try converted(to: dtype)
    }
}
