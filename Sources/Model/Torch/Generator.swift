internal import CTorch

/// A source of random numbers on the CPU (Mersenne twister), independent of every other one.
///
/// The same seed gives the same numbers wherever libtorch and the CPU's vector instructions are the same. Noise is
/// always drawn here and then moved to the device, so that a segment's noise does not depend on where it is rendered.
public final class Generator {
    private let handle: OpaquePointer

    public init(seed: UInt64) throws(TorchError) {
        var handle: OpaquePointer?
        let status = ctorch_generator_make(seed, &handle)
        guard status == CTORCH_OK, let handle else { throw TorchError(status, during: "Generator") }
        self.handle = handle
    }

    deinit { ctorch_generator_release(handle) }

    /// Standard normal values `shape`, on the CPU, contiguous.
    public func normal(_ shape: [Int], dtype: DType = .float32) throws(TorchError) -> Tensor {
        try produce("normal") { out in
            shape.withExtents { ctorch_randn($0, $1, dtype.raw, handle, out) }
        }
    }
}
