internal import CTorch

/// How `padded` fills what it adds.
public enum Padding: Hashable, Sendable {
    case constant(Double)
    /// The outermost value again.
    case replicate
    /// Mirrored without the outermost value.
    case reflect
}

// Dimensions may be negative and then count from the end.
extension Tensor {
    /// The same elements in another shape; one extent may be -1 and follows from the others.
    public func reshaped(_ shape: [Int]) throws(TorchError) -> Tensor {
        try produce("reshaped") { out in shape.withExtents { ctorch_reshape(handle, $0, $1, out) } }
    }

    /// A view with the dimensions in the given order.
    public func permuted(_ dimensions: [Int]) throws(TorchError) -> Tensor {
        try produce("permuted") { out in dimensions.withExtents { ctorch_permute(handle, $0, $1, out) } }
    }

    /// A view with two dimensions exchanged.
    public func transposed(_ a: Int, _ b: Int) throws(TorchError) -> Tensor {
        let rank = rank
        var order = Array(0..<rank)
        let (a, b) = (a < 0 ? a + rank : a, b < 0 ? b + rank : b)
        precondition(order.indices.contains(a) && order.indices.contains(b), "no dimensions \(a), \(b) in \(shape)")
        order.swapAt(a, b)
        return try permuted(order)
    }

    /// A view that repeats extents of 1 without memory; -1 keeps an extent.
    public func expanded(to shape: [Int]) throws(TorchError) -> Tensor {
        try produce("expanded") { out in shape.withExtents { ctorch_expand(handle, $0, $1, out) } }
    }

    /// A view of `range` in one dimension.
    public func narrowed(_ dimension: Int, _ range: Range<Int>) throws(TorchError) -> Tensor {
        try produce("narrowed") {
            ctorch_narrow(handle, Int64(dimension), Int64(range.lowerBound), Int64(range.count), $0)
        }
    }

    /// A view of one position in a dimension, which goes away.
    public func selected(_ dimension: Int, _ index: Int) throws(TorchError) -> Tensor {
        try produce("selected") { ctorch_select(handle, Int64(dimension), Int64(index), $0) }
    }

    /// Views of `count` equal parts of a dimension.
    ///
    /// - Throws: `TorchError` if the extent is not a multiple of `count`.
    public func chunked(_ count: Int, dimension: Int) throws(TorchError) -> [Tensor] {
        let extent = extent(dimension)
        guard count > 0, extent % count == 0 else {
            throw TorchError(
                kind: .invalidArgument, operation: "chunked", message: "\(extent) does not divide into \(count) parts")
        }
        let length = extent / count
        var parts: [Tensor] = []
        for part in 0..<count {
            parts.append(try narrowed(dimension, (part * length)..<((part + 1) * length)))
        }
        return parts
    }

    /// A view with a new dimension of extent 1.
    public func unsqueezed(_ dimension: Int) throws(TorchError) -> Tensor {
        try produce("unsqueezed") { ctorch_unsqueeze(handle, Int64(dimension), $0) }
    }

    /// A view without a dimension of extent 1.
    public func squeezed(_ dimension: Int) throws(TorchError) -> Tensor {
        try produce("squeezed") { ctorch_squeeze(handle, Int64(dimension), $0) }
    }

    /// The elements in reverse order along a dimension.
    public func flipped(_ dimension: Int) throws(TorchError) -> Tensor {
        try produce("flipped") { ctorch_flip(handle, Int64(dimension), $0) }
    }

    /// The positions that the int64 tensor `indices` `[n]` names, in its order.
    public func gathered(_ dimension: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
        try produce("gathered") { ctorch_index_select(handle, Int64(dimension), indices.handle, $0) }
    }

    /// Adds elements around the tensor.
    ///
    /// - Parameter amounts: before and after, last dimension first, as `torch.nn.functional.pad` takes them.
    public func padded(_ amounts: [Int], with padding: Padding = .constant(0)) throws(TorchError) -> Tensor {
        let (mode, value): (ctorch_padding, Double) =
            switch padding {
            case .constant(let value): (CTORCH_PAD_CONSTANT, value)
            case .replicate: (CTORCH_PAD_REPLICATE, 0)
            case .reflect: (CTORCH_PAD_REFLECT, 0)
            }
        return try produce("padded") { out in amounts.withExtents { ctorch_pad(handle, $0, $1, mode, value, out) } }
    }

    /// The tensors one after the other along a dimension that they have.
    public static func concatenated(_ tensors: [Tensor], dimension: Int) throws(TorchError) -> Tensor {
        try produce("concatenated") { out in
            tensors.withHandles { ctorch_concatenate($0, $1, Int64(dimension), out) }
        }
    }

    /// The tensors, all of one shape, along a new dimension.
    public static func stacked(_ tensors: [Tensor], dimension: Int) throws(TorchError) -> Tensor {
        try produce("stacked") { out in tensors.withHandles { ctorch_stack($0, $1, Int64(dimension), out) } }
    }
}

extension [Tensor] {
    fileprivate func withHandles<R>(_ body: (UnsafePointer<OpaquePointer?>?, Int) -> R) -> R {
        withExtendedLifetime(self) {
            map { Optional($0.handle) }.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
        }
    }
}
