import Synchronization
import Torch

/// Cosines and sines of the rotations that tell the visual tokens where they are; fp32 throughout, since angles reach
/// ±125 times a frequency.
///
/// Positions: the latent frame's number, unscaled, and the centres of h and w bins of an interval that is symmetric
/// about 0 and scaled so that every size covers the same area. The frequencies are learned, per axis and head. Even and
/// odd elements of a head are rotated as pairs.
///
/// Reference: diffusers 0.42.1 `transformer_mochi.py`, class `MochiRoPE`.
struct RotaryEmbedding: Sendable {
    /// `[N, H, D/2]`, fp32, with `N` tokens in order (t, h, w), w fastest; as `sine`.
    let cosine: Tensor
    let sine: Tensor

    private static let area = 192.0 * 192.0

    /// - Parameters:
    ///   - frequencies: `[3, H, D/2]`.
    ///   - frames: latent frames; `height` and `width` in tokens.
    init(frequencies: Tensor, frames: Int, height: Int, width: Int) throws(TorchError) {
        let (heads, half) = (frequencies.extent(1), frequencies.extent(2))
        let positions = try Self.positions(frames: frames, height: height, width: width)
            .moved(to: frequencies.device)
        let angles = try positions.matmul(frequencies.converted(for: .rotation).reshaped([3, heads * half]))
            .reshaped([frames * height * width, heads, half])
        cosine = try angles.cos()
        sine = try angles.sin()
    }

    /// `[N, 3]`: t, h, w of every token.
    private static func positions(frames: Int, height: Int, width: Int) throws(TorchError) -> Tensor {
        let scale = (area / Double(height * width)).squareRoot()
        let rows = centres(of: height, scale: scale)
        let columns = centres(of: width, scale: scale)
        var values: [Float] = []
        values.reserveCapacity(frames * height * width * 3)
        for frame in 0..<frames {
            for row in rows {
                for column in columns { values += [Float(frame), row, column] }
            }
        }
        return try Tensor(values, shape: [frames * height * width, 3])
    }

    /// The middles of `count` bins; in fp32 and from both ends, as `torch.linspace` makes the bins' edges.
    static func centres(of count: Int, scale: Double) -> [Float] {
        let end = Float(Double(count) * scale / 2)
        let start = -end
        let step = (end - start) / Float(count)
        let edges = (0...count).map { index in
            index < (count + 1) / 2 ? start + step * Float(index) : end - step * Float(count - index)
        }
        return zip(edges, edges.dropFirst()).map { ($0 + $1) / 2 }
    }
}

/// The rotations of the size that was asked for last: they are the same at every step and in both branches of guidance.
final class RotationCache: Sendable {
    private struct Entry: Sendable {
        let size: [Int]
        let rotation: RotaryEmbedding
    }

    private let frequencies: Tensor
    private let latest = Mutex<Entry?>(nil)

    /// - Parameter frequencies: `[3, H, D/2]`.
    init(frequencies: Tensor) { self.frequencies = frequencies }

    /// As `RotaryEmbedding`'s initialiser.
    func rotation(frames: Int, height: Int, width: Int) throws(TorchError) -> RotaryEmbedding {
        let size = [frames, height, width]
        if let entry = latest.withLock({ $0 }), entry.size == size { return entry.rotation }
        // The old tables are let go before the new ones take memory.
        latest.withLock { $0 = nil }
        let rotation = try RotaryEmbedding(frequencies: frequencies, frames: frames, height: height, width: width)
        latest.withLock { $0 = Entry(size: size, rotation: rotation) }
        return rotation
    }
}
