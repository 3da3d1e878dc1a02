/// The messages of one link that wait for libzmq, in the order they were given: a decision table without a socket.
///
/// An entry is in exactly one place: waiting here, taken by the owning thread, or answered.
struct Outbox: Sendable {
    typealias Outcome = Result<Void, SendError>

    struct Entry: Sendable {
        let id: UInt64
        let message: Message
        /// Called exactly once, never under the lock that guards the outbox.
        let complete: @Sendable (Outcome) -> Void
    }

    private let capacity: Int
    private let byteCapacity: Int
    private var waiting = Fifo<Entry>()
    private var waitingBytes = 0
    /// The entry the owning thread is trying to send, and whether its sender gave it up meanwhile.
    private var taken: (id: UInt64, isWithdrawn: Bool)?
    private var isClosed = false

    init(capacity: Int, byteCapacity: Int) {
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    /// Queues an entry; what it returns was refused, and the entry is not queued.
    mutating func add(_ entry: Entry) -> SendError? {
        if isClosed { return .closed }
        let size = entry.message.byteCount
        let fits = waiting.isEmpty || waitingBytes + size <= byteCapacity
        guard waiting.count < capacity, fits else { return .queueFull }
        waiting.append(entry)
        waitingBytes += size
        return nil
    }

    /// Gives the owning thread the oldest entry to try, ending the previous try.
    mutating func take() -> Entry? {
        guard let entry = waiting.popFirst() else {
            taken = nil
            return nil
        }
        waitingBytes -= entry.message.byteCount
        taken = (entry.id, false)
        return entry
    }

    /// Returns an entry that found no room to the front; else says why its sender no longer waits.
    mutating func putBack(_ entry: Entry) -> SendError? {
        let isWithdrawn = taken?.isWithdrawn ?? false
        taken = nil
        if isWithdrawn { return .cancelled }
        if isClosed { return .closed }
        waiting.prepend(entry)
        waitingBytes += entry.message.byteCount
        return nil
    }

    /// Removes an entry whose sender was cancelled; nil if it is being sent or was answered.
    mutating func withdraw(_ id: UInt64) -> Entry? {
        if taken?.id == id {
            taken?.isWithdrawn = true
            return nil
        }
        guard let entry = waiting.removeFirst(where: { $0.id == id }) else { return nil }
        waitingBytes -= entry.message.byteCount
        return entry
    }

    /// Refuses everything from now on and returns what was waiting.
    mutating func close() -> [Entry] {
        isClosed = true
        waitingBytes = 0
        return waiting.removeAll()
    }

    var count: Int { waiting.count }
}
