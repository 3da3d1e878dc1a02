/// Remembers what was computed last, up to a number of entries; the one that was longest unused makes room.
struct BoundedCache<Key: Hashable, Value> {
    private let capacity: Int
    private var values: [Key: Value] = [:]
    /// The last used last.
    private var order: [Key] = []

    /// - Precondition: the capacity is positive.
    init(capacity: Int) {
        precondition(capacity > 0, "a cache of \(capacity) entries")
        self.capacity = capacity
    }

    mutating func value<Failure: Error>(
        for key: Key, making make: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        if let value = values[key] {
            order.removeAll { $0 == key }
            order.append(key)
            return value
        }
        let value = try make()
        if order.count == capacity { values[order.removeFirst()] = nil }
        values[key] = value
        order.append(key)
        return value
    }
}
