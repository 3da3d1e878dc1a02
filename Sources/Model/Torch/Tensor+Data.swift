internal import CTorch

extension Tensor {
    /// Lends the bytes of a contiguous CPU tensor, row-major.
    ///
    /// - Throws: `TorchError` if the tensor is a strided view or lives elsewhere (see `contiguous()`, `moved(to:)`).
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) throws(TorchError) -> R {
        try withUnsafeMutableBytes { body(UnsafeRawBufferPointer($0)) }
    }

    /// Lends the bytes of a contiguous CPU tensor for writing; the caller must be the only user of the memory.
    public func withUnsafeMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) -> R) throws(TorchError) -> R {
        var address: UnsafeMutableRawPointer?
        var count = 0
        try perform("withUnsafeBytes") { ctorch_tensor_data(handle, &address, &count) }
        return withExtendedLifetime(self) {
            body(UnsafeMutableRawBufferPointer(start: address, count: count))
        }
    }

    /// The elements, row-major, copied from wherever the tensor lives.
    ///
    /// - Throws: `TorchError` if the tensor is of another dtype than `Element`.
    public func array<Element: TensorElement>(of type: Element.Type = Element.self) throws(TorchError) -> [Element] {
        guard dtype == Element.dtype else {
            throw TorchError(
                kind: .invalidArgument, operation: "array", message: "the tensor is \(dtype), not \(Element.dtype)")
        }
        return try moved(to: .cpu).contiguous().withUnsafeBytes { Array($0.bindMemory(to: Element.self)) }
    }

    /// The value of a tensor with one element; waits for the device.
    public func item() throws(TorchError) -> Double {
        var value = 0.0
        try perform("item") { ctorch_tensor_item(handle, &value) }
        return value
    }

    /// This tensor on `device`; itself where it already is.
    public func moved(to device: Device) throws(TorchError) -> Tensor {
        if device == self.device { return self }
        return try produce("moved") { ctorch_to(handle, CTORCH_KEEP_DTYPE, device.raw, false, $0) }
    }

    /// This tensor with its elements converted; itself where they already are.
    public func converted(to dtype: DType) throws(TorchError) -> Tensor {
        if dtype == self.dtype { return self }
        return try produce("converted") { ctorch_to(handle, dtype.raw, device.raw, false, $0) }
    }

    /// A tensor of its own memory with the same elements.
    public func copy() throws(TorchError) -> Tensor {
        try produce("copy") { ctorch_to(handle, CTORCH_KEEP_DTYPE, device.raw, true, $0) }
    }

    /// This tensor in row-major order without gaps; itself where it already is.
    public func contiguous() throws(TorchError) -> Tensor {
        if isContiguous { return self }
        return try produce("contiguous") { ctorch_contiguous(handle, $0) }
    }

    /// Writes the elements of `source`, broadcast and converted, into this tensor's memory (often a slice of a larger
    /// one); the caller must be the only user of the memory.
    public func copy(from source: Tensor) throws(TorchError) {
        try perform("copy(from:)") { ctorch_copy(handle, source.handle) }
    }
}
