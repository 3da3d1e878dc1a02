/// A first-in, first-out queue that gives its memory back in batches; every operation is O(1) on average.
struct Fifo<Element> {
    private var storage: [Element?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : storage[head] }

    mutating func append(_ element: Element) {
        storage.append(element)
    }

    /// Puts back what `popFirst` just returned.
    mutating func prepend(_ element: Element) {
        if head == 0 {
            storage.insert(element, at: 0)
        } else {
            head -= 1
            storage[head] = element
        }
    }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[head].take()
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Removes the first element that matches; O(n).
    mutating func removeFirst(where matches: (Element) -> Bool) -> Element? {
        let index = storage[head...].firstIndex { element in element.map(matches) ?? false }
        return index.flatMap { storage.remove(at: $0) }
    }

    mutating func removeAll() -> [Element] {
        defer { self = Fifo() }
        return storage[head...].compactMap(\.self)
    }
}

extension Fifo: Sendable where Element: Sendable {}
