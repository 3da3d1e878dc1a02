/// A priority queue whose members can be found again: the smallest key first, and any member moved or removed.
///
/// All in O(log n). Members with equal keys come in no particular order, so whoever wants the same order every time
/// makes the member part of its key.
struct IndexedHeap<Member: Hashable, Key: Comparable> {
    private var entries: [(member: Member, key: Key)] = []
    private var positions: [Member: Int] = [:]

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var first: (member: Member, key: Key)? { entries.first }

    func contains(_ member: Member) -> Bool { positions[member] != nil }
    func key(of member: Member) -> Key? { positions[member].map { entries[$0].key } }

    /// Adds a member, or gives it another key.
    mutating func set(_ member: Member, to key: Key) {
        if let position = positions[member] {
            entries[position].key = key
            if !rise(from: position) { sink(from: position) }
        } else {
            entries.append((member, key))
            positions[member] = entries.count - 1
            rise(from: entries.count - 1)
        }
    }

    /// Gives every member another key, which must keep their order.
    mutating func shift(_ change: (Key) -> Key) {
        for position in entries.indices { entries[position].key = change(entries[position].key) }
    }

    mutating func remove(_ member: Member) {
        guard let position = positions.removeValue(forKey: member) else { return }
        let last = entries.removeLast()
        guard position < entries.count else { return }
        entries[position] = last
        positions[last.member] = position
        if !rise(from: position) { sink(from: position) }
    }

    /// The first member in rising order of keys that passes; looks at no more than `limit` of them.
    mutating func first(among limit: Int, where passes: (Member) -> Bool) -> Member? {
        guard let (member, _) = first else { return nil }
        if passes(member) { return member }
        // Rarely needed: the first ones are set aside and put back.
        var aside: [(member: Member, key: Key)] = []
        defer { for (member, key) in aside { set(member, to: key) } }
        while aside.count < limit, let entry = first {
            if passes(entry.member) { return entry.member }
            aside.append(entry)
            remove(entry.member)
        }
        return nil
    }

    @discardableResult
    private mutating func rise(from start: Int) -> Bool {
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard entries[position].key < entries[parent].key else { break }
            exchange(position, parent)
            position = parent
        }
        return position != start
    }

    private mutating func sink(from start: Int) {
        var position = start
        while true {
            var smallest = position
            for child in [2 * position + 1, 2 * position + 2] where child < entries.count {
                if entries[child].key < entries[smallest].key { smallest = child }
            }
            guard smallest != position else { return }
            exchange(position, smallest)
            position = smallest
        }
    }

    private mutating func exchange(_ a: Int, _ b: Int) {
        entries.swapAt(a, b)
        positions[entries[a].member] = a
        positions[entries[b].member] = b
    }
}

extension IndexedHeap: Sendable where Member: Sendable, Key: Sendable {}
