import Farm

/// The segments' files that are open: at most so many, the least recently used gives way.
struct OpenSegments {
    private struct Slot {
        let file: SegmentFile
        var lastUse: UInt64
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
        guard slots.count > countMax, let oldest = slots.min(by: { $0.value.lastUse < $1.value.lastUse }) else {
            return nil
        }
        slots[oldest.key] = nil
        return (oldest.key, oldest.value.file)
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
