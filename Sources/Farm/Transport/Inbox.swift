/// What was received and not yet consumed, bounded by number and bytes: a decision table without a socket.
///
/// The producer asks `hasRoom` before it reads; when that was false, `take` says when reading may go on.
struct Inbox<Element: Sendable>: Sendable {
    enum Taken: Sendable {
        /// `resumesProducer` once, when a stalled inbox has fallen to half.
        case element(Element, resumesProducer: Bool)
        case empty
        case finished
    }

    private let capacity: Int
    private let byteCapacity: Int
    private var waiting = Fifo<(element: Element, bytes: Int)>()
    private var bytes = 0
    private var isFinished = false
    private(set) var isStalled = false
    /// How many elements were given up to make room.
    private(set) var lost: UInt64 = 0

    init(capacity: Int, byteCapacity: Int = .max) {
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    /// Whether one more may be read; the bound may be exceeded by that one's size.
    mutating func hasRoom() -> Bool {
        isStalled = waiting.count >= capacity || bytes >= byteCapacity
        return !isStalled
    }

    mutating func put(_ element: Element, bytes size: Int = 0) {
        guard !isFinished else { return }
        waiting.append((element, size))
        bytes += size
    }

    /// For a producer that cannot wait: the oldest element makes room.
    mutating func putReplacingOldest(_ element: Element) {
        if waiting.count >= capacity, waiting.popFirst() != nil { lost += 1 }
        put(element)
    }

    mutating func take() -> Taken {
        guard let (element, size) = waiting.popFirst() else { return isFinished ? .finished : .empty }
        bytes -= size
        // At half, so that a consumer at its limit does not wake the producer for every element.
        let resumes = isStalled && waiting.count <= capacity / 2 && bytes <= byteCapacity / 2
        if resumes { isStalled = false }
        return .element(element, resumesProducer: resumes)
    }

    /// What is waiting can still be taken.
    mutating func finish() {
        isFinished = true
    }

    var count: Int { waiting.count }
}
