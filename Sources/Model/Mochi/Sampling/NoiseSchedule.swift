/// The noise levels of a sampling run: linear in small steps while the noise is nearly pure, then quadratic to none.
///
/// `sigma_k` is the share of noise in `z = (1 - sigma) z0 + sigma eps`; `sigma_0 = 1`, `sigma_S = 0`.
///
/// Reference: genmo/mochi `pipelines.py`, `linear_quadratic_schedule`; diffusers 0.42.1 `pipeline_mochi.py`.
public struct NoiseSchedule: Equatable, Sendable {
    /// `S + 1` levels, falling from 1 to 0.
    public let sigmas: [Double]

    /// Number of steps, `S`.
    public var steps: Int { sigmas.count - 1 }

    /// What the linear half, `S/2` steps rounded down, covers of the noise.
    private static let threshold = 0.025

    /// - Precondition: `steps` is in 2…1000.
    public init(steps: Int) {
        precondition(2...1000 ~= steps, "\(steps) steps, expected 2…1000")
        let (total, linear) = (Double(steps), Double(steps / 2))
        let quadratic = total - linear
        let rise = linear - Self.threshold * total
        let square = rise / (linear * quadratic * quadratic)
        let slope = Self.threshold / linear - 2 * rise / (quadratic * quadratic)
        let offset = square * linear * linear
        sigmas =
            (0..<steps).map { index in
                let i = Double(index)
                return index < steps / 2
                    ? 1 - i * Self.threshold / linear : 1 - (square * i * i + slope * i + offset)
            } + [0]
    }

    /// What the transformer is told at a step: 0 at pure noise, towards 1000 without.
    public func timestep(at step: Int) -> Double { Self.timestep(sigma: sigmas[step]) }

    static func timestep(sigma: Double) -> Double { 1000 * (1 - sigma) }
}
