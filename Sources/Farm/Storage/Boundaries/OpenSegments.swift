import Farm

/// The segments' files that are open: at most so many. The least recently used gives way, and one that needs no sync
/// before one that does: its owner's other boundaries would wait for the disk meanwhile.
struct OpenSegments {
    private struct Slot {
        let file: SegmentFile
        var lastUse: UInt64

        /// What it costs to let it give way: the lower the better.
        var cost: (sync: Int, lastUse: UInt64) {
            if case .pending = file.durability { (1, lastUse) } else { (0, lastUse) }
        }
    }

    private let countMax: Int
    private var slots: [SegmentID: Slot] = [:]
    /// Counts uses, as the time.
    private var now: UInt64 = 0

    init(countMax: Int) { self.countMax = countMax }

    subscript(segment: SegmentID) -> SegmentFile? {
        mutating get {
            now += 1
            slots[segment]?.lastUse = now
            return slots[segment]?.file
        }
    }

    /// Returns what had to give way.
    mutating func insert(_ file: SegmentFile, for segment: SegmentID) -> (SegmentID, SegmentFile)? {
        now += 1
        slots[segment] = Slot(file: file, lastUse: now)
        guard slots.count > countMax else { return nil }
        let others = slots.lazy.filter { $0.key != segment }
        guard let old = others.min(by: { $0.value.cost < $1.value.cost }) else { return nil }
        slots[old.key] = nil
        return (old.key, old.value.file)
    }

    mutating func remove(_ segment: SegmentID) { slots[segment] = nil }

    mutating func removeAll(of story: StoryID) { slots = slots.filter { $0.key.story != story } }
}

extension StoryID {
    /// `nil` unless the text is a number as this module writes it.
    init?(decimal text: some StringProtocol) {
        guard let value = UInt64(text), String(value) == text else { return nil }
        self.init(rawValue: value)
    }
}
