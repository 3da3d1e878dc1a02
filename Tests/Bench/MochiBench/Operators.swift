import Torch

/// The operators that do several things in one pass over memory: what a device makes of them, against the CPU, and how
/// long it takes, at a transformer's sizes in bf16.
struct Operators {
    private let device: Device
    private let generator: Generator
    private let tokens: Int
    private let heads = 24, headWidth = 128, hiddenWidth = 8192

    init(tokens: Int, device: Device) throws {
        (self.tokens, self.device) = (tokens, device)
        generator = try Generator(seed: 7)
    }

    func measure(rounds: Int) throws {
        let width = heads * headWidth
        let x = try normal([1, tokens, width]), residual = try normal([1, tokens, width])
        let factors = try normal([1, 1, width], .float32)
        try compare("modulated", [x, factors], rounds, bytesPerToken: 4 * width) { given throws(TorchError) in
            try given[0].modulated(by: given[1], epsilon: 1e-6)
        }
        try compare("modulated onto", [x, factors, residual], rounds, bytesPerToken: 6 * width) {
            given throws(TorchError) in
            // In place, as blocks use it.
            let target = try given[0].copy()
            try target.modulate(by: given[1], onto: given[2], epsilon: 1e-6)
            return target
        }
        let weight = try normal([headWidth], .float32), angle = try normal([tokens, heads, headWidth / 2], .float32)
        let angles = (try angle.cos(), try angle.sin())
        try compare("heads, rotated", [x, weight, angles.0, angles.1], rounds, bytesPerToken: 8 * width) {
            given throws(TorchError) in try normalised(given, (given[2], given[3]))
        }
        try compare("heads", [x, weight], rounds, bytesPerToken: 4 * width) { given throws(TorchError) in
            try normalised(given, nil)
        }
        try compare("gated", [normal([1, tokens, 2 * hiddenWidth])], rounds, bytesPerToken: 6 * hiddenWidth) {
            given throws(TorchError) in try given[0].gated()
        }
    }

    /// Into a part of a longer tensor, as where text follows.
    private func normalised(_ given: [Tensor], _ angles: (cosine: Tensor, sine: Tensor)?) throws(TorchError) -> Tensor {
        let whole = try Tensor.empty(
            [1, tokens + 3, heads, headWidth], dtype: given[0].dtype, device: given[0].device)
        let target = try whole.narrowed(1, 0..<tokens)
        try given[0].reshaped([1, tokens, heads, headWidth]).normaliseHeads(
            by: given[1], rotatedBy: angles, epsilon: 1e-5, into: target)
        return target
    }

    private func normal(_ shape: [Int], _ dtype: DType = .bfloat16) throws -> Tensor {
        try generator.normal(shape).converted(to: dtype)
    }

    private func compare(
        _ name: String, _ given: [Tensor], _ rounds: Int, bytesPerToken: Int,
        _ body: ([Tensor]) throws(TorchError) -> Tensor
    ) throws {
        let moved = try given.map { try $0.moved(to: device) }
        let expected = try body(given).converted(to: .float32), found = try body(moved).moved(to: .cpu)
        let difference = try found.converted(to: .float32) - expected
        let relative = try ((difference * difference).sum().item() / (expected * expected).sum().item()).squareRoot()
        var seconds: [Double] = []
        for _ in 0..<rounds {
            seconds.append(try device.seconds { for _ in 0..<10 { _ = try body(moved) } } / 10)
        }
        let median = seconds.sorted()[seconds.count / 2]
        print(
            "\(name): \(relative) from the CPU, \(median * 1e3) ms,",
            "\(Double(tokens * bytesPerToken) / median / 1e12) TB/s")
    }
}

extension Device {
    /// Until the device has done it.
    func seconds(_ body: () throws -> Void) throws -> Double {
        try synchronize()
        let start = ContinuousClock.now
        try body()
        try synchronize()
        let elapsed = ContinuousClock.now - start
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }
}
