/// A table of vectors, looked up by number.
public struct Embedding: Sendable {
    private let table: Tensor

    /// - Parameters:
    ///   - count: rows `V` of the table `[V, D]`.
    ///   - width: `D`.
    ///   - name: of the table in `weights`.
    public init(_ count: Int, _ width: Int, name: String = "weight", weights: WeightScope) throws(LoadError) {
        table = try weights.tensor(name, [count, width])
    }

    /// - Parameter indices: int64 `[…]`, each below `V`.
    /// - Returns: `[…, D]`.
    public func callAsFunction(_ indices: Tensor) throws(TorchError) -> Tensor { try table.embedding(indices) }
}
