import Torch

/// Pillow's bicubic resampling of 8-bit images along one dimension, bit for bit.
///
/// Pillow computes in integers: weights as multiples of 2⁻²², a sum per pixel, rounded to 8 bits after each of the two
/// passes. All of these are integers below 2⁵³, so one product of float64 matrices computes the same sums, in any order
/// and on any device.
///
/// Reference: Pillow 12.0 `src/libImaging/Resample.c`, functions `precompute_coeffs`, `normalize_coeffs_8bpc` and
/// `ImagingResampleHorizontal_8bpc`.
struct PILBicubic {
    private static let precision = Double(1 << 22)

    /// Resamples the last dimension.
    ///
    /// - Parameter x: float64 `[…, W]` with integers from 0 to 255.
    /// - Returns: float64 `[…, width]` with integers from 0 to 255; `x` itself where the width is already that.
    static func resampled(_ x: Tensor, to width: Int) throws(TorchError) -> Tensor {
        precondition(x.dtype == .float64 && width > 0, "expected float64, got \(x)")
        let source = x.extent(-1)
        guard source != width else { return x }
        let weights = try Tensor(weights(from: source, to: width), shape: [source, width]).moved(to: x.device)
        let sums = try x.matmul(weights)
        // Pillow rounds halves up, `rounded` to even: what is added is less than the distance of two sums.
        return try (sums / precision + 1 / (4 * precision)).rounded().clamped(from: 0, to: 255)
    }

    /// Row-major `[source, target]`: how much of each pixel goes into each new one, times 2²².
    static func weights(from source: Int, to target: Int) -> [Double] {
        let scale = Double(source) / Double(target)
        let filterScale = max(scale, 1)
        let support = 2 * filterScale
        var result = Array(repeating: 0.0, count: source * target)
        for column in 0..<target {
            let center = (Double(column) + 0.5) * scale
            let first = max(Int(center - support + 0.5), 0)
            let last = min(Int(center + support + 0.5), source)
            let raw = (first..<last).map { kernel((Double($0) - center + 0.5) * (1 / filterScale)) }
            let total = raw.reduce(0, +)
            for (offset, weight) in raw.enumerated() {
                let share = (total == 0 ? weight : weight / total) * precision
                result[(first + offset) * target + column] = (share < 0 ? share - 0.5 : share + 0.5).rounded(
                    .towardZero)
            }
        }
        return result
    }

    /// Keys' cubic with a = -0.5, which is 0 from 2 on.
    private static func kernel(_ x: Double) -> Double {
        let (x, a) = (abs(x), -0.5)
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
        return 0
    }
}
