internal import CTorch

/// A tensor of libtorch: dtype, device, shape and a share in its memory.
///
/// Operators return new tensors; views (`reshaped`, `permuted`, `narrowed`, …) share the memory of what they view.
/// Memory is freed when the last tensor over it is released.
///
/// `@unchecked Sendable`: libtorch counts references atomically and reading from several threads is safe. Only
/// `copy(from:)` and `withUnsafeMutableBytes` write; whoever calls them must be the only user of that memory.
public final class Tensor: @unchecked Sendable {
    let handle: OpaquePointer

    /// Takes over a handle that the C interface handed out.
    init(owning handle: OpaquePointer) { self.handle = handle }

    /// Another reference to the same tensor.
    init(sharing other: Tensor) {
        handle = withExtendedLifetime(other) { ctorch_tensor_retain(other.handle) }
    }

    deinit { ctorch_tensor_release(handle) }

    public var dtype: DType { DType(ctorch_tensor_dtype(handle)) }
    public var device: Device { Device(ctorch_tensor_device(handle)) }
    /// Number of dimensions; 0 for a scalar.
    public var rank: Int { ctorch_tensor_rank(handle) }

    /// Extents, outermost first.
    public var shape: [Int] {
        let rank = rank
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: max(rank, 1)) { extents in
            ctorch_tensor_shape(handle, extents.baseAddress, rank)
            return extents.prefix(rank).map(Int.init)
        }
    }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }
    /// Whether the elements lie in row-major order without gaps.
    public var isContiguous: Bool { ctorch_tensor_is_contiguous(handle) }

    /// The extent of one dimension; negative ones count from the end.
    public func extent(_ dimension: Int) -> Int {
        let shape = shape
        return shape[dimension < 0 ? dimension + shape.count : dimension]
    }
}

extension Tensor: CustomStringConvertible {
    /// "float32 [1, 12, 3] on cpu".
    public var description: String { "\(dtype) \(shape) on \(device)" }
}

extension [Int] {
    /// Lends the values as the C interface takes them, without a heap allocation for the usual few.
    @inline(__always)
    func withExtents<R>(_ body: (UnsafePointer<Int64>?, Int) -> R) -> R {
        // Int is 64 bits wide on every platform that libtorch runs on.
        withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: Int64.self), count) }
    }
}
