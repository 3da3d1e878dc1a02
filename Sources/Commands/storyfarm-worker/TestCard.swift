import Foundation
import Torch

/// A moving test picture, drawn with libtorch on the device under test: colour bars, a grey ramp, a ball that swings
/// once through the whole story, and the frame's number in binary along the lower edge.
struct TestCard {
    let width: Int
    let height: Int
    /// Of the whole story; the ball's way is continuous across segments, so that a bad border would show.
    let frameCount: Int
    let device: Device

    private static let palette: [Float] = [
        // White, yellow, cyan, green, magenta, red, blue, black at 75 %, by channel.
        0.75, 0.75, 0, 0, 0.75, 0.75, 0, 0,
        0.75, 0.75, 0.75, 0.75, 0, 0, 0, 0,
        0.75, 0, 0.75, 0, 0.75, 0, 0.75, 0,
    ]
    /// Bits of the frame's number that are drawn.
    static let numberBits = 16

    /// - Parameter index: 0 to `frameCount - 1`.
    /// - Returns: `[3, height, width]`, fp32 in 0…1, on the CPU, contiguous.
    func frame(_ index: Int) throws(TorchError) -> Tensor {
        let x = try Tensor.range(to: Double(width), device: device).reshaped([1, width])
        let y = try Tensor.range(to: Double(height), device: device).reshaped([height, 1])
        let ramp = try (x / Double(max(width - 1, 1))).expanded(to: [3, height, width])
        var picture = try y.isLess(than: Double(height) * 0.6).choosing(bars(), otherwise: ramp)
        picture = try ball(index, x, y).choosing(Tensor.ones([3, 1, 1], device: device), otherwise: picture)
        picture = try number(index, over: picture, x, y)
        return try picture.moved(to: .cpu).contiguous()
    }

    private func bars() throws(TorchError) -> Tensor {
        let positions = (0..<width).map { Int64($0 * 8 / width) }
        let indices = try Tensor(positions, shape: [width]).moved(to: device)
        let palette = try Tensor(Self.palette, shape: [3, 8]).moved(to: device)
        return try palette.gathered(1, indices).unsqueezed(1)
    }

    private func ball(_ index: Int, _ x: Tensor, _ y: Tensor) throws(TorchError) -> Tensor {
        let phase = 2 * Double.pi * Double(index) / Double(max(frameCount, 1))
        let centre = (x: Double(width) * (0.5 + 0.4 * sin(phase)), y: Double(height) * (0.5 - 0.25 * cos(phase)))
        let radius = Double(min(width, height)) / 9
        let distance = try (x - centre.x).raised(to: 2) + (y - centre.y).raised(to: 2)
        return try distance.isLess(than: radius * radius)
    }

    private func number(_ index: Int, over picture: Tensor, _ x: Tensor, _ y: Tensor) throws(TorchError) -> Tensor {
        let side = Double(width) / Double(Self.numberBits)
        let bits = (0..<width).map { position in
            let bit = Self.numberBits - 1 - min(Int(Double(position) / side), Self.numberBits - 1)
            return Float((index >> bit) & 1)
        }
        let row = try Tensor(bits, shape: [1, 1, width]).moved(to: device).expanded(to: [3, height, width])
        return try y.isAtLeast(Double(height) - side.rounded()).choosing(row, otherwise: picture)
    }
}
