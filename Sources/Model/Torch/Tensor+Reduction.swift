internal import CTorch

// No dimension means all of them. `keeping`: a reduced dimension stays with extent 1.
extension Tensor {
    public func sum(_ dimensions: [Int] = [], keeping: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTORCH_SUM, dimensions, keeping, "sum")
    }

    public func mean(_ dimensions: [Int] = [], keeping: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTORCH_MEAN, dimensions, keeping, "mean")
    }

    public func maximum(over dimensions: [Int], keeping: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTORCH_AMAX, dimensions, keeping, "maximum(over:)")
    }

    public func minimum(over dimensions: [Int], keeping: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTORCH_AMIN, dimensions, keeping, "minimum(over:)")
    }

    /// Of the population: divided by the number of elements.
    public func standardDeviation(_ dimensions: [Int] = [], keeping: Bool = false) throws(TorchError) -> Tensor {
        try reduced(CTORCH_STANDARD_DEVIATION, dimensions, keeping, "standardDeviation")
    }

    /// The int64 position of the largest element along a dimension; the first of equals.
    public func indexOfMaximum(_ dimension: Int, keeping: Bool = false) throws(TorchError) -> Tensor {
        try produce("indexOfMaximum") { ctorch_argmax(handle, Int64(dimension), keeping, $0) }
    }

    /// `exp(x) / Σ exp(x)` along a dimension, the maximum subtracted first.
    ///
    /// - Parameter dtype: what the input is converted to before, and the type of the result; nil for the input's own.
    public func softmax(_ dimension: Int, dtype: DType? = nil) throws(TorchError) -> Tensor {
        try produce("softmax") { ctorch_softmax(handle, Int64(dimension), dtype?.raw ?? CTORCH_KEEP_DTYPE, $0) }
    }

    private func reduced(
        _ operation: ctorch_reduction, _ dimensions: [Int], _ keeping: Bool, _ name: StaticString
    ) throws(TorchError) -> Tensor {
        try produce(name) { out in
            dimensions.withExtents { ctorch_reduce(operation, handle, $0, $1, keeping, out) }
        }
    }
}
