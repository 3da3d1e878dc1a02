/// The messages of one link that wait for libzmq, in the order they were given: a decision table without a socket.
///
/// An entry is in exactly one place: waiting here, taken by the owning thread, or answered.
struct Outbox: Sendable {
    typealias Outcome = Result<Void, SendError>

    struct Entry: Sendable {
        let id: UInt64
        let message: Multipart
        /// Its sender need not wait for libzmq while there is room in the window.
        var acceptsEarly = false
        /// Called exactly once, never under the lock that guards the outbox; nil once accepted early.
        var complete: (@Sendable (Outcome) -> Void)?
    }

    enum Answer: Equatable, Sendable {
        /// The sender is answered when the owning thread has tried.
        case queued
        /// Queued too, but the sender is to be answered now.
        case accepted
        case refused(SendError)
    }

    private let capacity: Int
    private let byteCapacity: Int
    /// How many entries may wait whose senders do not.
    private let window: Int
    private var waiting = Fifo<Entry>()
    private var waitingBytes = 0
    /// The entry the owning thread is trying to send, and whether its sender gave it up meanwhile.
    private var taken: (id: UInt64, isWithdrawn: Bool)?
    private var isClosed = false

    init(capacity: Int, byteCapacity: Int, window: Int = 0) {
        self.capacity = capacity
        self.byteCapacity = byteCapacity
        self.window = window
    }

    /// Queues an entry unless it is refused.
    mutating func add(_ entry: Entry) -> Answer {
        if isClosed { return .refused(.closed) }
        let size = entry.message.byteCount
        let fits = waiting.isEmpty || waitingBytes + size <= byteCapacity
        guard waiting.count < capacity, fits else { return .refused(.queueFull) }
        var entry = entry
        let isAccepted = entry.acceptsEarly && waiting.count < window
        if isAccepted { entry.complete = nil }
        waiting.append(entry)
        waitingBytes += size
        return isAccepted ? .accepted : .queued
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
        if isClosed, entry.complete != nil { return .closed }
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

    /// Refuses everything from now on and returns whose senders still wait; what was accepted stays to be sent.
    mutating func close() -> [Entry] {
        isClosed = true
        let all = waiting.removeAll()
        for entry in all where entry.complete == nil { waiting.append(entry) }
        waitingBytes = all.reduce(0) { $0 + ($1.complete == nil ? $1.message.byteCount : 0) }
        return all.filter { $0.complete != nil }
    }

    var count: Int { waiting.count }
    var isEmpty: Bool { waiting.isEmpty }
}
