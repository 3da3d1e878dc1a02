internal import CTorch

// Comparisons give boolean tensors.
extension Tensor {
    public func isEqual(to other: Tensor) throws(TorchError) -> Tensor { try binary(CTORCH_EQUAL, other, "isEqual") }
    public func isEqual(to value: Double) throws(TorchError) -> Tensor { try scalar(CTORCH_EQUAL, value, "isEqual") }
    public func isLess(than other: Tensor) throws(TorchError) -> Tensor { try binary(CTORCH_LESS, other, "isLess") }
    public func isLess(than value: Double) throws(TorchError) -> Tensor { try scalar(CTORCH_LESS, value, "isLess") }
    public func isAtMost(_ other: Tensor) throws(TorchError) -> Tensor {
        try binary(CTORCH_LESS_OR_EQUAL, other, "isAtMost")
    }
    public func isGreater(than value: Double) throws(TorchError) -> Tensor {
        try scalar(CTORCH_GREATER, value, "isGreater")
    }
    public func isAtLeast(_ value: Double) throws(TorchError) -> Tensor {
        try scalar(CTORCH_GREATER_OR_EQUAL, value, "isAtLeast")
    }
    public func and(_ other: Tensor) throws(TorchError) -> Tensor { try binary(CTORCH_LOGICAL_AND, other, "and") }
    public func or(_ other: Tensor) throws(TorchError) -> Tensor { try binary(CTORCH_LOGICAL_OR, other, "or") }
    public func not() throws(TorchError) -> Tensor { try unary(CTORCH_LOGICAL_NOT, "not") }

    /// `a` where this boolean tensor is true, `b` elsewhere.
    public func choosing(_ a: Tensor, otherwise b: Tensor) throws(TorchError) -> Tensor {
        try produce("choosing") { ctorch_where(handle, a.handle, b.handle, $0) }
    }

    /// Whether every element is true or not zero; waits for the device.
    public func all() throws(TorchError) -> Bool {
        var value = false
        try perform("all") { ctorch_all(handle, &value) }
        return value
    }

    /// Whether no element is NaN or infinite; waits for the device.
    public func isFinite() throws(TorchError) -> Bool { try unary(CTORCH_IS_FINITE, "isFinite").all() }
}
