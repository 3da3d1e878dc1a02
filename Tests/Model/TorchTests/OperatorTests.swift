import Foundation
import Testing
import Torch

/// Goal: every operator computes its formula. Method: small inputs against the formula written out in Swift, in double
/// precision; 1e-6 relative is fp32's rounding with a margin.
@Suite struct OperatorTests {
    @Test func elementwiseOperatorsFollowTheirFormulas() throws {
        let x: [Double] = [-2, -0.5, 0, 0.3, 1.7]
        let tensor = try Tensor(x, shape: [5])
        func check(_ result: Tensor, _ formula: @escaping (Double) -> Double, _ line: Int = #line) throws {
            try expectClose(result, x.map(formula), "line \(line)")
        }
        let sigmoid: (Double) -> Double = { 1 / (1 + exp(-$0)) }
        try check(tensor.negated()) { -$0 }
        try check(tensor.absolute(), abs)
        try check(tensor.exp(), exp)
        try check(tensor.sin(), sin)
        try check(tensor.cos(), cos)
        try check(tensor.tanh(), tanh)
        try check(tensor.rounded()) { $0.rounded(.toNearestOrEven) }
        try check(tensor.sigmoid(), sigmoid)
        try check(tensor.relu()) { max($0, 0) }
        try check(tensor.silu()) { $0 * sigmoid($0) }
        try check(tensor.quickGelu()) { $0 * sigmoid(1.702 * $0) }
        try check(tensor.gelu()) { 0.5 * $0 * (1 + erf($0 / 2.squareRoot())) }
        try check(tensor.geluTanh()) {
            0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
        }
        try check(tensor.clamped(from: -1, to: 0.5)) { min(max($0, -1), 0.5) }
        try check(tensor.clamped(to: 0.5)) { min($0, 0.5) }
        try check(tensor.raised(to: 2)) { $0 * $0 }
        try check(((tensor + 3) * 2 - 1) / 4) { (($0 + 3) * 2 - 1) / 4 }
        let positive = try tensor.absolute() + 0.1
        try check(positive.log()) { log(abs($0) + 0.1) }
        try check(positive.squareRoot()) { (abs($0) + 0.1).squareRoot() }
        try check(positive.reciprocalSquareRoot()) { 1 / (abs($0) + 0.1).squareRoot() }
    }

    @Test func pairsOfTensorsBroadcastAndCombine() throws {
        let a = try Tensor([1, 2, 3, 4] as [Double], shape: [2, 2])
        let b = try Tensor([10, 20] as [Double], shape: [2])
        #expect(try (a + b).array() == [11, 22, 13, 24] as [Double])
        #expect(try (a - b).array() == [-9, -18, -7, -16] as [Double])
        #expect(try (a * b).array() == [10, 40, 30, 80] as [Double])
        #expect(try (b / a).array() == [10, 10, 10 / 3.0, 5] as [Double])
        #expect(try a.adding(b, scaledBy: 0.5).array() == [6, 12, 8, 14] as [Double])
        #expect(try a.adding(productOf: a, b).array() == [11, 42, 33, 84] as [Double])
        #expect(try a.maximum(b / 5).array() == [2, 4, 3, 4] as [Double])
        #expect(try a.minimum(b / 5).array() == [1, 2, 2, 4] as [Double])
    }

    @Test func comparisonsChooseAndFindWhatIsNotFinite() throws {
        let a = try Tensor([1, 2, 3] as [Float], shape: [3])
        let b = try Tensor([3, 2, 1] as [Float], shape: [3])
        #expect(try a.isEqual(to: b).array() == [false, true, false])
        #expect(try a.isLess(than: b).array() == [true, false, false])
        #expect(try a.isAtMost(b).array() == [true, true, false])
        #expect(try a.isGreater(than: 2).and(a.isAtLeast(3)).array() == [false, false, true])
        #expect(try a.isEqual(to: 1).or(a.isLess(than: 0)).not().array() == [false, true, true])
        #expect(try a.isLess(than: b).choosing(a, otherwise: b).array() == [1, 2, 1] as [Float])
        #expect(try a.isFinite())
        #expect(try !Tensor([1, .nan] as [Float], shape: [2]).isFinite())
        #expect(try !Tensor([1, -.infinity] as [Float], shape: [2]).isFinite())
    }

    @Test func reductionsGoOverTheNamedDimensionsOrAll() throws {
        let x = try Tensor([1, 2, 3, 4, 5, 9] as [Double], shape: [2, 3])
        #expect(try x.sum().item() == 24)
        #expect(try x.sum([1]).array() == [6, 18] as [Double])
        #expect(try x.mean([0], keeping: true).shape == [1, 3])
        #expect(try x.mean().item() == 4)
        #expect(try x.maximum(over: [0]).array() == [4, 5, 9] as [Double])
        #expect(try x.minimum(over: [-1]).array() == [1, 4] as [Double])
        try expectClose(x.standardDeviation(), [(20.0 / 3 * 6 / 6).squareRoot()])
        #expect(try x.indexOfMaximum(1).array() == [2, 2] as [Int64])
        let row = [1.0, 2, 3].map { exp($0 - 3) }
        try expectClose(x.softmax(1).selected(0, 0), row.map { $0 / row.reduce(0, +) })
        #expect(try x.converted(to: .bfloat16).softmax(1, dtype: .float32).dtype == .float32)
    }

    @Test func shapesAreRearrangedWithoutChangingElements() throws {
        let x = try Tensor(Array(0..<6).map(Float.init), shape: [2, 3])
        #expect(try x.transposed(0, -1).array() == [0, 3, 1, 4, 2, 5] as [Float])
        #expect(try x.reshaped([3, -1]).shape == [3, 2])
        #expect(try x.permuted([1, 0]).shape == [3, 2])
        #expect(try x.unsqueezed(1).shape == [2, 1, 3])
        #expect(try x.unsqueezed(0).squeezed(0).shape == [2, 3])
        #expect(try x.flipped(1).array() == [2, 1, 0, 5, 4, 3] as [Float])
        #expect(try x.narrowed(1, 1..<3).array() == [1, 2, 4, 5] as [Float])
        #expect(try x.narrowed(0, 0..<1).expanded(to: [2, -1]).array() == [0, 1, 2, 0, 1, 2] as [Float])
        #expect(try x.chunked(3, dimension: -1).map { try $0.array() } == [[0, 3], [1, 4], [2, 5]] as [[Float]])
        #expect(try x.gathered(1, Tensor([2, 0] as [Int64], shape: [2])).array() == [2, 0, 5, 3] as [Float])
        #expect(try Tensor.concatenated([x, x], dimension: 0).shape == [4, 3])
        #expect(try Tensor.stacked([x, x], dimension: 1).array() == [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5] as [Float])
        #expect(try x.padded([1, 0], with: .constant(9)).array() == [9, 0, 1, 2, 9, 3, 4, 5] as [Float])
        let image = try x.reshaped([1, 2, 3])
        #expect(try image.padded([1, 1], with: .replicate).array() == [0, 0, 1, 2, 2, 3, 3, 4, 5, 5] as [Float])
        #expect(try image.padded([1, 1], with: .reflect).array() == [1, 0, 1, 2, 1, 4, 3, 4, 5, 4] as [Float])
    }
}

/// Compares element by element in double precision, relative to the largest expected magnitude.
func expectClose(
    _ tensor: Tensor, _ expected: [Double], tolerance: Double = 1e-6, _ comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let values: [Double] = try tensor.converted(to: .float64).array()
    #expect(values.count == expected.count, comment, sourceLocation: sourceLocation)
    let scale = max(expected.map(abs).max() ?? 0, 1e-30)
    let worst = zip(values, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= tolerance * scale, comment, sourceLocation: sourceLocation)
}
