import Foundation
import Testing
import Torch

/// Goal: operators that do several things in one pass do exactly these things, wherever the rows begin and end. Method:
/// the formula written out in Swift, in fp64; widths that fill vector registers and some that do not.
@Suite struct FusedOperatorTests {
    private static let widths = [1, 15, 16, 48, 67, 200]
    private let generator: Generator

    init() throws { generator = try Generator(seed: 3) }

    private func random(_ shape: [Int], _ dtype: DType) throws -> Tensor {
        try generator.normal(shape).converted(to: dtype)
    }

    private func values(_ tensor: Tensor) throws -> [Double] { try tensor.converted(to: .float64).array() }

    private func tolerance(_ dtype: DType) -> Double { dtype == .float32 ? 2e-6 : 5e-3 }

    private func expect(_ found: [Double], _ formula: [Double], _ dtype: DType, times factor: Double = 1) {
        #expect(found.count == formula.count)
        for (a, b) in zip(found, formula) where abs(a - b) > factor * tolerance(dtype) * max(1, abs(b)) {
            Issue.record("\(a) is not \(b)")
            return
        }
    }

    private func normalised(_ row: ArraySlice<Double>, _ epsilon: Double) -> [Double] {
        let meanSquare = row.map { $0 * $0 }.reduce(0, +) / Double(row.count)
        return row.map { $0 / (meanSquare + epsilon).squareRoot() }
    }

    private func silu(_ x: Double) -> Double { x / (1 + exp(-x)) }

    @Test(arguments: [DType.float32, .bfloat16], widths) func modulation(dtype: DType, width: Int) throws {
        let (x, base) = (try random([1, 7, width], dtype), try random([1, 7, width], dtype))
        let scale = try random([1, 1, width], .float32)
        let (a, b, s) = (try values(x), try values(base), try values(scale))
        let formula = (0..<7).flatMap { row in
            zip(normalised(a[(row * width)..<((row + 1) * width)], 1e-6), s).map { $0 * $1 }
        }
        expect(try values(x.modulated(by: scale, epsilon: 1e-6)), formula, dtype)
        try x.modulate(by: scale, onto: base, epsilon: 1e-6)
        expect(try values(x), zip(formula, b).map { $0 + $1 }, dtype)
    }

    @Test(arguments: [DType.float32, .bfloat16], [2, 16, 48, 134]) func heads(dtype: DType, width: Int) throws {
        let (count, heads) = (5, 3)
        let x = try random([1, count, heads, width], dtype)
        let weight = try random([width], dtype)
        let angles = try random([count, heads, width / 2], .float32)
        let (cosine, sine) = (try angles.cos(), try angles.sin())
        let whole = try Tensor.zeros([1, count + 2, heads, width], dtype: dtype)
        let part = try whole.narrowed(1, 1..<(count + 1))
        let (a, w, angle) = (try values(x), try values(weight), try values(angles))
        var plain: [Double] = []
        var rotated: [Double] = []
        for row in 0..<(count * heads) {
            let y = zip(normalised(a[(row * width)..<((row + 1) * width)], 1e-5), w).map { $0 * $1 }
            plain += y
            for pair in 0..<(width / 2) {
                let (c, s) = (cos(angle[row * width / 2 + pair]), sin(angle[row * width / 2 + pair]))
                rotated += [y[2 * pair] * c - y[2 * pair + 1] * s, y[2 * pair] * s + y[2 * pair + 1] * c]
            }
        }
        try x.normaliseHeads(by: weight, rotatedBy: nil, epsilon: 1e-5, into: part)
        expect(try values(part), plain, dtype)
        try x.normaliseHeads(by: weight, rotatedBy: (cosine, sine), epsilon: 1e-5, into: part)
        expect(try values(part), rotated, dtype)
        #expect(try values(whole).prefix(heads * width).allSatisfy { $0 == 0 }, "nothing before the part")
        #expect(try values(whole).suffix(heads * width).allSatisfy { $0 == 0 }, "nothing after it")
        try x.normaliseHeads(by: weight, rotatedBy: (cosine, sine), epsilon: 1e-5, into: x)
        expect(try values(x), rotated, dtype)
    }

    @Test(arguments: [DType.float32, .bfloat16], widths) func gate(dtype: DType, width: Int) throws {
        let x = try random([1, 6, 2 * width], dtype)
        let a = try values(x)
        let formula = (0..<6).flatMap { row in
            (0..<width).map { a[row * 2 * width + $0] * silu(a[row * 2 * width + width + $0]) }
        }
        expect(try values(x.gated()), formula, dtype)
    }

    /// Where e^x leaves fp32, and beyond numbers.
    @Test func theEndsOfTheGate() throws {
        let b: [Float] = [-.infinity, -1000, -90, -87, 0, 88, 90, 1000, .infinity, .nan]
        let x = try Tensor(Array(repeating: Float(1), count: b.count) + b, shape: [1, 2 * b.count])
        let found = try x.gated().array(of: Float.self)
        for (value, y) in zip(b, found) where value.isFinite {
            #expect(abs(Double(y) - silu(Double(value))) <= 1e-30 + 1e-6 * abs(Double(value)), "silu(\(value)) = \(y)")
        }
        #expect(found[8] == .infinity && found[9].isNaN)
    }

    @Test(arguments: [DType.float32, .bfloat16], [(1, 3), (5, 7), (16, 33)])
    func frames(dtype: DType, size: (height: Int, width: Int)) throws {
        let (channels, count, groups) = (8, 3, 4)
        let plane = size.height * size.width
        // Means far from zero, where a variance taken as a difference would have no digits left.
        let x = try (random([channels, count, size.height, size.width], .float32) + 30).converted(to: dtype)
        let (weight, bias) = (try random([channels], dtype), try random([channels], dtype))
        let whole = try Tensor.zeros([channels, count, size.height + 2, size.width + 2], dtype: dtype)
        let middle = try whole.narrowed(2, 1..<(size.height + 1)).narrowed(3, 1..<(size.width + 1))
        try x.activateFrames(groups, weight: weight, bias: bias, epsilon: 1e-5, into: middle)
        let (a, w, b, y) = (try values(x), try values(weight), try values(bias), try values(middle))
        let each = channels / groups
        for frame in 0..<count {
            for group in 0..<groups {
                let members = (group * each)..<((group + 1) * each)
                let at = { (channel: Int, pixel: Int) in (channel * count + frame) * plane + pixel }
                let all = members.flatMap { channel in (0..<plane).map { a[at(channel, $0)] } }
                let mean = all.reduce(0, +) / Double(all.count)
                let variance = all.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(all.count)
                for channel in members {
                    let formula = (0..<plane).map {
                        silu((a[at(channel, $0)] - mean) / (variance + 1e-5).squareRoot() * w[channel] + b[channel])
                    }
                    // A mean of 30 in fp32 is 2e-6 off at most, and then scaled by up to 3 weights.
                    expect((0..<plane).map { y[at(channel, $0)] }, formula, dtype, times: 5)
                }
            }
        }
    }

    @Test func accumulationIsWhereTheTensorIs() throws {
        let x = try Tensor([1, 2, 3] as [Float], shape: [3])
        try x.accumulate(Tensor([10] as [Float], shape: [1]))
        #expect(try x.array(of: Float.self) == [11, 12, 13])
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let x = try Tensor.zeros([1, 4, 6])
        #expect(throws: TorchError.self) { try x.modulated(by: Tensor.zeros([5]), epsilon: 1e-6) }
        #expect(throws: TorchError.self) {
            try x.modulate(by: Tensor.zeros([6]), onto: Tensor.zeros([6]), epsilon: 1e-6)
        }
        #expect(throws: TorchError.self) { try Tensor.zeros([3]).gated() }
        let frames = try Tensor.zeros([6, 1, 2, 2])
        let one = try Tensor.ones([6])
        #expect(throws: TorchError.self) {
            try frames.activateFrames(4, weight: one, bias: one, epsilon: 1e-5, into: frames)
        }
    }
}
