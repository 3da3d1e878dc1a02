import Synchronization
public import Torch

/// A segment's boundaries within one process: what one segment publishes, the next one reads, also long afterwards.
public final class BoundaryChannel: BoundarySource, BoundarySink {
    private struct Contents {
        var records: [Int: Tensor] = [:]
        /// By step and number, so that one reader can be taken out.
        var readers: [Int: [Int: CheckedContinuation<Tensor, any Error>]] = [:]
        var nextReader = 0
        var ending: (any Error)?
    }

    private let contents = Mutex(Contents())

    public init() {}

    /// A channel whose first steps were published earlier: `[k, C, h, w]`, those of steps 0..<k.
    public convenience init(continuing records: Tensor) throws(TorchError) {
        self.init()
        for step in 0..<records.extent(0) { publish(try records.selected(0, step), at: step) }
    }

    /// What was published of the steps before this one, on the CPU: `[step, C, h, w]`.
    ///
    /// - Returns: nil where one of them was not, and before the first.
    public func records(before step: Int) throws(TorchError) -> Tensor? {
        let published = contents.withLock { $0.records }
        var records: [Tensor] = []
        for earlier in 0..<step {
            guard let record = published[earlier] else { return nil }
            records.append(try record.moved(to: .cpu))
        }
        return records.isEmpty ? nil : try Tensor.stacked(records, dimension: 0)
    }

    /// The first one of a step counts: a reader may have used it already.
    public func publish(_ boundary: Tensor, at step: Int) {
        let readers = contents.withLock { contents -> [CheckedContinuation<Tensor, any Error>] in
            guard contents.records[step] == nil else { return [] }
            contents.records[step] = boundary
            return contents.readers.removeValue(forKey: step).map { Array($0.values) } ?? []
        }
        for reader in readers { reader.resume(returning: boundary) }
    }

    public func boundary(at step: Int) async throws -> Tensor {
        let number = contents.withLock { contents in
            contents.nextReader += 1
            return contents.nextReader
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { reader in
                let outcome = contents.withLock { contents -> Result<Tensor, any Error>? in
                    if let record = contents.records[step] { return .success(record) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if let ending = contents.ending { return .failure(ending) }
                    contents.readers[step, default: [:]][number] = reader
                    return nil
                }
                if let outcome { reader.resume(with: outcome) }
            }
        } onCancel: {
            contents.withLock { $0.readers[step]?.removeValue(forKey: number) }?.resume(throwing: CancellationError())
        }
    }

    /// Ends all waiting: what was not published never will be.
    public func fail(_ error: any Error) {
        let readers = contents.withLock { contents -> [CheckedContinuation<Tensor, any Error>] in
            contents.ending = error
            defer { contents.readers = [:] }
            return contents.readers.values.flatMap(\.values)
        }
        for reader in readers { reader.resume(throwing: error) }
    }
}
