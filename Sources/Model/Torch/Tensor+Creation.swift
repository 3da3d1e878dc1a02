internal import CTorch

extension Tensor {
    /// A tensor of undefined content.
    public static func empty(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try produce("empty") { out in
            shape.withExtents { ctorch_empty($0, $1, dtype.raw, device.raw, out) }
        }
    }

    /// A tensor with `value` everywhere.
    public static func full(
        _ shape: [Int], _ value: Double, dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try produce("full") { out in
            shape.withExtents { ctorch_full($0, $1, value, dtype.raw, device.raw, out) }
        }
    }

    public static func zeros(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try full(shape, 0, dtype: dtype, device: device)
    }

    public static func ones(
        _ shape: [Int], dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try full(shape, 1, dtype: dtype, device: device)
    }

    /// `start`, `start + step`, … below `end`: `[ceil((end - start) / step)]`.
    public static func range(
        from start: Double = 0, to end: Double, by step: Double = 1, dtype: DType = .float32, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try produce("range") { ctorch_arange(start, end, step, dtype.raw, device.raw, $0) }
    }

    /// Copies `values`, row-major, into a new CPU tensor of their type.
    ///
    /// - Throws: `TorchError` if `shape` holds another number of elements.
    public convenience init<Element: TensorElement>(_ values: [Element], shape: [Int]) throws(TorchError) {
        let copy = try Tensor.empty(shape, dtype: Element.dtype)
        guard copy.count == values.count else {
            throw TorchError(
                kind: .invalidArgument, operation: "Tensor", message: "\(values.count) values for the shape \(shape)")
        }
        try copy.withUnsafeMutableBytes { bytes in values.withUnsafeBytes { bytes.copyMemory(from: $0) } }
        self.init(sharing: copy)
    }

    /// A CPU tensor over memory that `owner` keeps alive; nothing is copied.
    ///
    /// - Parameter bytes: little-endian, row-major, aligned for `dtype`, exactly `shape`'s size.
    /// - Throws: `TorchError` if size or alignment do not fit.
    public static func borrowing(
        _ bytes: UnsafeRawBufferPointer, ownedBy owner: AnyObject, shape: [Int], dtype: DType
    ) throws(TorchError) -> Tensor {
        guard UInt(bitPattern: bytes.baseAddress) % UInt(dtype.byteCount) == 0 else {
            let message = "the data is not aligned for \(dtype)"
            throw TorchError(kind: .invalidArgument, operation: "borrowing", message: message)
        }
        // Balanced by the release below, which libtorch calls exactly once, also when this call fails.
        let context = Unmanaged.passRetained(owner).toOpaque()
        return try produce("borrowing") { out in
            shape.withExtents {
                ctorch_from_blob(
                    UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, $0, $1, dtype.raw,
                    { Unmanaged<AnyObject>.fromOpaque($0!).release() }, context, out)
            }
        }
    }
}
