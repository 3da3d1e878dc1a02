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

/// A segment's boundaries within one process: what one segment publishes, the next one reads, also long afterwards.
public actor BoundaryChannel: BoundarySource, BoundarySink {
    private var records: [Int: Tensor] = [:]
    private var readers: [Int: [CheckedContinuation<Tensor, any Error>]] = [:]
    private var ending: (any Error)?

    public init() {}

    public func publish(_ boundary: Tensor, at step: Int) {
        // The first one counts: a reader may have used it already.
        guard records[step] == nil else { return }
        records[step] = boundary
        for reader in readers.removeValue(forKey: step) ?? [] { reader.resume(returning: boundary) }
    }

    public func boundary(at step: Int) async throws -> Tensor {
        if let record = records[step] { return record }
        if let ending { throw ending }
        return try await withCheckedThrowingContinuation { readers[step, default: []].append($0) }
    }

    /// Ends all waiting: what was not published never will be.
    public func fail(_ error: any Error) {
        ending = error
        for reader in readers.values.joined() { reader.resume(throwing: error) }
        readers = [:]
    }
}
