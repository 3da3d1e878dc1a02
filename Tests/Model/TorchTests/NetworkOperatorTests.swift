import Foundation
import Testing
import Torch

/// Goal: the layers' operators compute their formulas. Method: as in `OperatorTests`, with loops.
@Suite struct NetworkOperatorTests {
    private let generator: Generator

    init() throws { generator = try Generator(seed: 3) }

    private func random(_ shape: [Int]) throws -> (Tensor, [Double]) {
        let tensor = try generator.normal(shape, dtype: .float64)
        return (tensor, try tensor.array())
    }

    @Test func linearIsAProductWithTheTransposedWeight() throws {
        let (x, xs) = try random([2, 3])
        let (w, ws) = try random([4, 3])
        let (b, bs) = try random([4])
        var expected: [Double] = []
        for n in 0..<2 {
            for o in 0..<4 { expected.append((0..<3).map { xs[n * 3 + $0] * ws[o * 3 + $0] }.reduce(bs[o], +)) }
        }
        try expectClose(x.linear(w, bias: b), expected)
        try expectClose((x.matmul(w.transposed(0, 1)) + b), expected)
    }

    @Test func convolutionsSlideTheirKernel() throws {
        let (x, xs) = try random([1, 2, 3, 4, 5])
        let (w, ws) = try random([3, 2, 2, 3, 3])
        var expected: [Double] = []
        for o in 0..<3 {
            for t in 0..<2 {
                for h in 0..<2 {
                    for width in 0..<3 {
                        var sum = 0.0
                        for i in 0..<2 {
                            for (dt, dh, dw) in offsets(2, 3, 3) {
                                let at = ((i * 3 + t + dt) * 4 + h + dh) * 5 + width + dw
                                sum += xs[at] * ws[(((o * 2 + i) * 2 + dt) * 3 + dh) * 3 + dw]
                            }
                        }
                        expected.append(sum)
                    }
                }
            }
        }
        try expectClose(x.convolution3D(w), expected)
        // A kernel of one frame over one frame is a 2-D convolution.
        let flat = try x.selected(2, 0).convolution2D(w.selected(2, 0), stride: [2, 2], padding: [1, 1])
        let deep = try x.narrowed(2, 0..<1).convolution3D(
            w.narrowed(2, 0..<1), stride: [1, 2, 2], padding: [0, 1, 1])
        #expect(flat.shape == [1, 3, 2, 3])
        try expectClose(flat, try deep.squeezed(2).array())
        #expect(try x.convolution3D(Tensor.ones([2, 1, 1, 1, 1], dtype: .float64), groups: 2).array() == xs)
    }

    @Test func normsDivideByTheirStatistics() throws {
        let (x, xs) = try random([2, 4])
        let (w, ws) = try random([4])
        let (b, bs) = try random([4])
        var rms: [Double] = []
        var layer: [Double] = []
        for row in 0..<2 {
            let values = xs[(row * 4)..<(row * 4 + 4)]
            let mean = values.reduce(0, +) / 4
            let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 4
            let square = values.map { $0 * $0 }.reduce(0, +) / 4
            for (i, value) in values.enumerated() {
                rms.append(value / (square + 1e-5).squareRoot() * ws[i])
                layer.append((value - mean) / (variance + 1e-5).squareRoot() * ws[i] + bs[i])
            }
        }
        try expectClose(x.rmsNorm([4], weight: w, epsilon: 1e-5), rms)
        try expectClose(x.layerNorm([4], weight: w, bias: b, epsilon: 1e-5), layer)
        // With one group, the norm over channels and pixels is the layer norm over both.
        let image = try x.reshaped([2, 2, 1, 2])
        try expectClose(image.groupNorm(1, epsilon: 1e-5), x.layerNorm([4], epsilon: 1e-5).array())
    }

    @Test(arguments: [AttentionBackend.automatic, .math, .flash])
    func attentionIsASoftmaxOverTheScores(backend: AttentionBackend) throws {
        let (q, qs) = try random([1, 2, 3, 4])
        let (k, ks) = try random([1, 2, 5, 4])
        let (v, vs) = try random([1, 2, 5, 4])
        func expected(scale: Double, sees: (Int, Int) -> Bool) -> [Double] {
            var result: [Double] = []
            for h in 0..<2 {
                for l in 0..<3 {
                    let scores = (0..<5).map { m in
                        sees(l, m)
                            ? exp(
                                scale * (0..<4).map { qs[(h * 3 + l) * 4 + $0] * ks[(h * 5 + m) * 4 + $0] }.reduce(0, +)
                            ) : 0
                    }
                    let total = scores.reduce(0, +)
                    for d in 0..<4 {
                        result.append((0..<5).map { scores[$0] / total * vs[(h * 5 + $0) * 4 + d] }.reduce(0, +))
                    }
                }
            }
            return result
        }
        try expectClose(q.attention(key: k, value: v, backend: backend), expected(scale: 0.5) { _, _ in true })
        try expectClose(q.attention(key: k, value: v, scale: 1, backend: backend), expected(scale: 1) { _, _ in true })
        try expectClose(
            q.attention(key: k, value: v, isCausal: true, backend: backend),
            expected(scale: 0.5) { l, m in m <= l })
        let seen = [true, true, false, true, false]
        let boolean = try Tensor(seen, shape: [1, 1, 1, 5])
        try expectClose(
            q.attention(key: k, value: v, mask: boolean, backend: backend),
            expected(scale: 0.5) { _, m in seen[m] })
        let added = try Tensor(seen.map { $0 ? 0 : -Double.infinity }, shape: [1, 1, 1, 5])
        try expectClose(
            q.attention(key: k, value: v, mask: added, backend: backend),
            expected(scale: 0.5) { _, m in seen[m] })
    }

    @Test(arguments: [AttentionBackend.efficient, .cudnn])
    func aBackendThatTheDeviceLacksIsAnError(backend: AttentionBackend) throws {
        let q = try Tensor.ones([1, 1, 2, 8])
        let error = #expect(throws: TorchError.self) { try q.attention(key: q, value: q, backend: backend) }
        #expect(error?.operation == "attention")
    }

    @Test func embeddingLooksRowsUp() throws {
        let (table, rows) = try random([4, 2])
        let picked = try table.embedding(Tensor([3, 0] as [Int64], shape: [2]))
        #expect(try picked.array() == [rows[6], rows[7], rows[0], rows[1]])
        #expect(throws: TorchError.self) { try table.embedding(Tensor([4] as [Int64], shape: [1])) }
    }

    @Test(arguments: Resampling.allCases) func resizingKeepsAConstantImage(resampling: Resampling) throws {
        let image = try Tensor.full([1, 3, 8, 10], 0.25)
        let small = try image.resized(height: 5, width: 4, by: resampling)
        #expect(small.shape == [1, 3, 5, 4])
        try expectClose(small, Array(repeating: 0.25, count: 60))
    }

    /// PIL 13, `Image.fromarray(x, "F").resize((2, 1), Image.BICUBIC)` and the same with BILINEAR on 0…7 in one row.
    @Test func antialiasedResizingWidensItsKernelAsPILDoes() throws {
        let row = try Tensor(Array(0..<8).map(Float.init), shape: [1, 1, 1, 8])
        try expectClose(
            row.resized(height: 1, width: 2, by: .bicubicAntialiased),
            [1.680_062_65, 5.319_937_23],
            tolerance: 1e-5)
        try expectClose(
            row.resized(height: 1, width: 2, by: .bilinearAntialiased),
            [1.892_857_19, 5.107_142_93],
            tolerance: 1e-5)
    }

    private func offsets(_ t: Int, _ h: Int, _ w: Int) -> [(Int, Int, Int)] {
        (0..<t).flatMap { a in (0..<h).flatMap { b in (0..<w).map { c in (a, b, c) } } }
    }
}
