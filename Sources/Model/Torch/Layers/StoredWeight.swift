/// Where files of another layout keep a weight: under another key, and perhaps as some of the parts of a larger tensor.
///
/// A fused projection `[3D, D]` holds the query's rows as part 0 of 3; a weight whose halves are stored the other way
/// round consists of the parts 1 and 0 of 2.
public struct StoredWeight: Equatable, Sendable {
    public let key: String
    /// Of how many equal parts, along the first dimension, the stored tensor consists.
    public let partCount: Int
    /// Which of them the weight consists of, in its order.
    public let parts: [Int]

    /// - Parameter key: of a tensor that is the weight as it stands.
    public init(key: String) {
        self.init(key: key, parts: [0], of: 1)
    }

    /// - Precondition: `parts` names at least one of `partCount` parts.
    public init(key: String, parts: [Int], of partCount: Int) {
        precondition(!parts.isEmpty && parts.allSatisfy((0..<partCount).contains), "parts \(parts) of \(partCount)")
        self.key = key
        self.parts = parts
        self.partCount = partCount
    }

    /// The extents that the stored tensor must have for a weight of `shape`.
    func storedShape(of shape: [Int]) -> [Int] {
        guard let rows = shape.first, partCount > 1 else { return shape }
        return [rows / parts.count * partCount] + shape.dropFirst()
    }

    /// The weight; a view where it is one part, else a copy.
    func weight(in stored: Tensor) throws(TorchError) -> Tensor {
        guard partCount > 1 else { return stored }
        let all = try stored.chunked(partCount, dimension: 0)
        return parts.count == 1 ? all[parts[0]] : try Tensor.concatenated(parts.map { all[$0] }, dimension: 0)
    }
}
