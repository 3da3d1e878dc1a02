internal import Torch

/// `W x + b` at every pixel.
///
/// Shapes: `I` channels in, `O` out. As a matrix product over all pixels it needs no channels-last copy.
/// Reference: torch `nn.Linear` over the channels, or `nn.Conv3d` with kernel 1.
struct PointwiseProjection: Sendable {
    let input, output: Int
    private let weight: Tensor
    private let bias: Tensor?

    /// - Parameter kernel: `[]` for a linear layer's weight `[O, I]`, `[1, 1, 1]` for a convolution's.
    init(
        _ input: Int, _ output: Int, kernel: [Int] = [], bias: Bool = true, weights: WeightScope
    ) throws(LoadError) {
        (self.input, self.output) = (input, output)
        weight = try weights.tensor("weight", [output, input] + kernel)
        self.bias = bias ? try weights.tensor("bias", [output]) : nil
    }

    private init(input: Int, output: Int, weight: Tensor, bias: Tensor?) {
        (self.input, self.output, self.weight, self.bias) = (input, output, weight, bias)
    }

    /// - Parameter x: `[I, n, H, W]`.
    /// - Returns: `[O, n, H, W]` in the weight's dtype.
    func callAsFunction(_ x: Tensor) throws(TorchError) -> Tensor {
        let shape = x.shape
        precondition(shape.count == 4 && shape[0] == input, "expected [\(input), n, H, W], got \(shape)")
        let result = try Tensor.empty([output] + shape.dropFirst(), dtype: weight.dtype, device: x.device)
        for frame in 0..<shape[1] {
            try result.selected(1, frame).copy(from: projected(x.selected(1, frame)))
        }
        return result
    }

    /// One frame `[I, H, W]` to `[O, H, W]`.
    ///
    /// A product of all frames at once would add up in an order that depends on their number.
    func projected(_ frame: Tensor) throws(TorchError) -> Tensor {
        let pixels = try frame.converted(for: .products, weights: weight.dtype).reshaped([input, -1])
        var y = try weight.reshaped([output, input]).matmul(pixels)
        if let bias { y = try y + bias.unsqueezed(-1) }
        return try y.reshaped([output] + frame.shape.dropFirst())
    }

    /// The projection onto a part of the outputs.
    ///
    /// - Parameter part: of `[O]`, seen in the shape `outputs`, positions in one dimension.
    func restricted(
        to part: Range<Int>, ofDimension dimension: Int, outputs: [Int]
    ) throws(TorchError) -> PointwiseProjection {
        let count = output / outputs[dimension] * part.count
        let rows = try weight.reshaped(outputs + [input]).narrowed(dimension, part).reshaped([count, input])
        let shifts: Tensor? =
            if let bias { try bias.reshaped(outputs).narrowed(dimension, part).reshaped([count]) } else { nil }
        return PointwiseProjection(input: input, output: count, weight: rows, bias: shifts)
    }
}
