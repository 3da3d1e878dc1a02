internal import CTorch

// Activations.
extension Tensor {
    public func tanh() throws(TorchError) -> Tensor { try unary(CTORCH_TANH, "tanh") }
    public func sigmoid() throws(TorchError) -> Tensor { try unary(CTORCH_SIGMOID, "sigmoid") }
    public func relu() throws(TorchError) -> Tensor { try unary(CTORCH_RELU, "relu") }
    /// `x · sigmoid(x)`.
    public func silu() throws(TorchError) -> Tensor { try unary(CTORCH_SILU, "silu") }
    /// By the error function.
    public func gelu() throws(TorchError) -> Tensor { try unary(CTORCH_GELU, "gelu") }
    /// By the hyperbolic tangent, as T5 has it.
    public func geluTanh() throws(TorchError) -> Tensor { try unary(CTORCH_GELU_TANH, "geluTanh") }
    /// `x · sigmoid(1.702 x)`, as CLIP has it.
    public func quickGelu() throws(TorchError) -> Tensor { try unary(CTORCH_QUICK_GELU, "quickGelu") }
}

// Layers without state: weights are arguments.
extension Tensor {
    /// The matrix product of the last two dimensions, the others broadcast.
    public func matmul(_ other: Tensor) throws(TorchError) -> Tensor {
        try produce("matmul") { ctorch_matmul(handle, other.handle, $0) }
    }

    /// `x Wᵀ + b`: `[…, I]` with `weight` `[O, I]` and `bias` `[O]` gives `[…, O]`.
    public func linear(_ weight: Tensor, bias: Tensor? = nil) throws(TorchError) -> Tensor {
        try produce("linear") { ctorch_linear(handle, weight.handle, bias?.handle, $0) }
    }

    /// 2-D convolution: `[N, I, H, W]` with `weight` `[O, I/groups, kH, kW]`.
    ///
    /// - Parameters:
    ///   - stride: one entry per spatial dimension, as `padding` (with zeros, both sides) and `dilation`.
    public func convolution2D(
        _ weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1, 1], padding: [Int] = [0, 0],
        dilation: [Int] = [1, 1], groups: Int = 1
    ) throws(TorchError) -> Tensor {
        try convolution(weight, bias, Window(stride, padding, dilation, rank: 2), groups, "convolution2D")
    }

    /// 3-D convolution: `[N, I, T, H, W]` with `weight` `[O, I/groups, kT, kH, kW]`.
    ///
    /// - Parameters:
    ///   - stride: one entry per spatial dimension, as `padding` (with zeros, both sides) and `dilation`.
    public func convolution3D(
        _ weight: Tensor, bias: Tensor? = nil, stride: [Int] = [1, 1, 1], padding: [Int] = [0, 0, 0],
        dilation: [Int] = [1, 1, 1], groups: Int = 1
    ) throws(TorchError) -> Tensor {
        try convolution(weight, bias, Window(stride, padding, dilation, rank: 3), groups, "convolution3D")
    }

    /// The rows of this table `[V, D]` that the integer tensor `indices` `[…]` names: `[…, D]`.
    public func embedding(_ indices: Tensor) throws(TorchError) -> Tensor {
        try produce("embedding") { ctorch_embedding(handle, indices.handle, $0) }
    }

    /// Normalised over the last dimensions, whose extents are `shape`.
    public func layerNorm(
        _ shape: [Int], weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double
    ) throws(TorchError) -> Tensor {
        try produce("layerNorm") { out in
            shape.withExtents { ctorch_layer_norm(handle, $0, $1, weight?.handle, bias?.handle, epsilon, out) }
        }
    }

    /// Divided by the root mean square over the last dimensions, whose extents are `shape`.
    public func rmsNorm(_ shape: [Int], weight: Tensor? = nil, epsilon: Double) throws(TorchError) -> Tensor {
        try produce("rmsNorm") { out in
            shape.withExtents { ctorch_rms_norm(handle, $0, $1, weight?.handle, epsilon, out) }
        }
    }

    /// `[N, C, …]`, normalised over groups of channels.
    public func groupNorm(
        _ groups: Int, weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double
    ) throws(TorchError) -> Tensor {
        try produce("groupNorm") {
            ctorch_group_norm(handle, Int64(groups), weight?.handle, bias?.handle, epsilon, $0)
        }
    }

    private func convolution(
        _ weight: Tensor, _ bias: Tensor?, _ window: Window, _ groups: Int, _ name: StaticString
    ) throws(TorchError) -> Tensor {
        try produce(name) { out in
            window.stride.withExtents { stride, rank in
                window.padding.withExtents { padding, _ in
                    window.dilation.withExtents { dilation, _ in
                        ctorch_convolution(
                            handle, weight.handle, bias?.handle, rank, stride, padding, dilation, Int64(groups), out)
                    }
                }
            }
        }
    }
}

/// How a convolution's kernel moves; one entry per spatial dimension.
private struct Window {
    let stride, padding, dilation: [Int]

    init(_ stride: [Int], _ padding: [Int], _ dilation: [Int], rank: Int) {
        precondition(
            stride.count == rank && padding.count == rank && dilation.count == rank,
            "a convolution over \(rank) dimensions takes \(rank) strides, paddings and dilations")
        (self.stride, self.padding, self.dilation) = (stride, padding, dilation)
    }
}
