public import Torch

/// Where a segment's boundaries are read: a channel within a process, the farm's log across machines.
public protocol BoundarySource: Sendable {
    /// Waits for the predecessor's boundary of a step, 0…S.
    ///
    /// - Returns: fp32 `[C, h, w]`, finite.
    func boundary(at step: Int) async throws -> Tensor
}

/// Where a segment's boundaries go.
public protocol BoundarySink: Sendable {
    /// Takes the boundary of a step; each is given once, in order.
    func publish(_ boundary: Tensor, at step: Int) async throws
}
