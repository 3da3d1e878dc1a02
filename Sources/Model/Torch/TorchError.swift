internal import CTorch

/// A failed operation of libtorch.
///
/// Operators throw rather than trap: a worker gives the attempt back and stays alive.
public struct TorchError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: Equatable, Sendable, CaseIterable {
        /// The host or the device has no memory left; tensors that are released make the same call possible again.
        case outOfMemory
        /// Shapes, dtypes or devices that do not fit: the caller's mistake, or a model that does not match its code.
        case invalidArgument
        /// No kernel for this dtype, device or backend.
        case unsupported
        /// The accelerator reported an error of its own (a sticky CUDA error, ECC): the process should end.
        case deviceFault
        /// Another libtorch than libCTorch was built for, or none.
        case incompatible
        case `internal`
    }

    public let kind: Kind
    /// The operator, as this module names it.
    public let operation: String
    /// libtorch's own words.
    public let message: String

    public init(kind: Kind, operation: String, message: String) {
        self.kind = kind
        self.operation = operation
        self.message = message
    }

    /// Whether the same work may succeed elsewhere or later without anything being changed in it.
    public var isRetriable: Bool { kind == .outOfMemory || kind == .deviceFault }

    public var description: String { "\(operation): \(message)" }

    /// Turns a status of the C interface into an error; must run on the thread of the failed call.
    @inline(never)
    init(_ status: ctorch_status, during operation: StaticString) {
        kind = Kind(status)
        self.operation = "\(operation)"
        message = String(cString: ctorch_last_error())
    }
}

extension TorchError.Kind {
    init(_ status: ctorch_status) {
        switch status {
        case CTORCH_OUT_OF_MEMORY: self = .outOfMemory
        case CTORCH_INVALID_ARGUMENT: self = .invalidArgument
        case CTORCH_UNSUPPORTED: self = .unsupported
        case CTORCH_DEVICE_FAULT: self = .deviceFault
        case CTORCH_INCOMPATIBLE: self = .incompatible
        default: self = .internal
        }
    }
}

/// Runs a C call that has no result.
@inline(__always)
func perform(_ operation: StaticString, _ call: () -> ctorch_status) throws(TorchError) {
    let status = call()
    guard status == CTORCH_OK else { throw TorchError(status, during: operation) }
}

/// Runs a C call that hands out a tensor.
@inline(__always)
func produce(
    _ operation: StaticString, _ call: (UnsafeMutablePointer<OpaquePointer?>) -> ctorch_status
) throws(TorchError) -> Tensor {
    var handle: OpaquePointer?
    let status = call(&handle)
    guard status == CTORCH_OK, let handle else { throw TorchError(status, during: operation) }
    return Tensor(owning: handle)
}
