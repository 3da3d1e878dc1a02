import Farm

/// The changes of a batch with every row once: as its last change leaves it, in the place of its first.
///
/// A batch holds the outcomes of many events, and a segment alone changes twice where one attempt ends and the next
/// thing to do with it is leased at once. Nobody can see what it was in between: the batch is there wholly or not at
/// all.
struct MergedChanges: Sequence {
    private let changes: [FarmChange]
    /// Positions in `changes`, in the order in which they are made.
    private var positions: [Int] = []

    private enum Row: Hashable {
        case story(StoryID)
        case segment(SegmentID)
        case device(String)
        case node(String)
    }

    init(_ changes: [FarmChange]) {
        self.changes = changes
        var places: [Row: Int] = [:]
        for (position, change) in changes.enumerated() {
            // What is removed begins anew, and its segments go with it: nothing is moved past that.
            guard let row = Self.row(of: change) else {
                places = [:]
                positions.append(position)
                continue
            }
            if let place = places[row], Self.mayReplace(changes[positions[place]], change) {
                positions[place] = position
            } else {
                places[row] = positions.count
                positions.append(position)
            }
        }
    }

    func makeIterator() -> some IteratorProtocol<FarmChange> { positions.lazy.map { changes[$0] }.makeIterator() }

    private static func row(of change: FarmChange) -> Row? {
        switch change {
        case .story(let story): .story(story.id)
        case .segment(let id, _): .segment(id)
        case .device(let uuid, _): .device(uuid)
        case .node(let name, _): .node(name)
        case .removed: nil
        }
    }

    /// A story that ends, goes on and ends again ended at the second time: the row must have seen it go on.
    private static func mayReplace(_ old: FarmChange, _ new: FarmChange) -> Bool {
        guard case .story(let old) = old, case .story(let new) = new else { return true }
        return old.state.isTerminal == new.state.isTerminal
    }
}
