import Foundation
import Torch

/// What the network knows of the noise level: a sinusoid of `t = 1000 (1 - sigma)` through a small MLP.
///
/// Reference: diffusers 0.42.1 `embeddings.py`, classes `Timesteps` (cosines first) and `TimestepEmbedding`.
struct TimestepEmbedding {
    private let frequencies: [Float]
    private let first: Linear
    private let second: Linear
    private let device: Device

    /// - Parameters:
    ///   - width: of the sinusoid, even.
    ///   - output: width of the embedding.
    init(width: Int, output: Int, device: Device, weights: WeightScope) throws(LoadError) {
        let half = width / 2
        frequencies = (0..<half).map { Float(Foundation.exp(-Foundation.log(10_000) * Double($0) / Double(half))) }
        first = try Linear(width, output, weights: weights / "linear_1")
        second = try Linear(output, output, weights: weights / "linear_2")
        self.device = device
    }

    /// - Parameter timestep: 0 at pure noise, 1000 without noise; never rounded to bf16 before the sinusoid.
    /// - Returns: `[1, output]`.
    func callAsFunction(_ timestep: Double) throws(TorchError) -> Tensor {
        let angles = frequencies.map { Float(timestep) * $0 }
        let sinusoid = angles.map { cosf($0) } + angles.map { sinf($0) }
        let input = try Tensor(sinusoid, shape: [1, sinusoid.count]).moved(to: device)
        return try second(first(input).silu())
    }
}
