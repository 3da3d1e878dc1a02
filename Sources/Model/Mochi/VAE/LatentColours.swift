public import Torch

/// Latents as colours by one matrix: small, without detail, and free.
public struct LatentColours: Equatable, Sendable {
    /// By channel of the latents: red, green, blue of -1…1.
    public let factors: [[Double]]
    /// Red, green, blue.
    public let bias: [Double]

    /// - Precondition: every channel has three factors, as has the bias.
    public init(factors: [[Double]], bias: [Double]) {
        precondition(bias.count == 3 && factors.allSatisfy { $0.count == 3 }, "a matrix to three colours")
        (self.factors, self.bias) = (factors, bias)
    }

    /// Fitted for the published Mochi-1. Source: ComfyUI `comfy/latent_formats.py`, class `Mochi`.
    public static let published = LatentColours(
        factors: [
            [-0.0069, -0.0045, 0.0018], [0.0154, -0.0692, -0.0274], [0.0333, 0.0019, 0.0206],
            [-0.1390, 0.0628, 0.1678], [-0.0725, 0.0134, -0.1898], [0.0074, -0.0270, -0.0209],
            [-0.0176, -0.0277, -0.0221], [0.5294, 0.5204, 0.3852], [-0.0326, -0.0446, -0.0143],
            [-0.0659, 0.0153, -0.0153], [0.0185, -0.0217, 0.0014], [-0.0396, -0.0495, -0.0281],
        ],
        bias: [-0.0940, -0.1418, -0.1453])

    /// - Parameter latents: of the transformer, `[N, C, h, w]`.
    /// - Returns: `[N, 3, h, w]`, fp32, 0…1.
    /// - Throws: `TorchError` also if the latents have another number of channels.
    public func callAsFunction(_ latents: Tensor) throws(TorchError) -> Tensor {
        precondition(latents.rank == 4, "expected [N, C, h, w], got \(latents)")
        let columns = (0..<3).flatMap { colour in factors.map { Float($0[colour]) } }
        let matrix = try Tensor(columns, shape: [3, factors.count, 1, 1]).moved(to: latents.device)
        let shift = try Tensor(bias.map { Float($0) }, shape: [3]).moved(to: latents.device)
        return try latents.converted(to: .float32).convolution2D(matrix, bias: shift, stride: [1, 1]).displayed()
    }
}
