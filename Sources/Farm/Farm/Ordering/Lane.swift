/// What a worker must be to render a story.
struct LaneKey: Hashable, Sendable {
    let model: String
    let allowsSimulation: Bool
    /// nil before a story's first lease.
    let pin: Pin?
    /// A device must have more memory than this.
    let memoryFloor: Int
}

/// Where a story waits for workers.
struct QueuePlace: Hashable, Sendable {
    let lane: Int
    let priority: Int
    let submitter: Submitter
    /// Its lowest segment is wanted before anything else of this priority.
    let isUrgent: Bool
}

/// The stories that want workers of one make, in the order in which they get them.
struct Lane: Sendable {
    let key: LaneKey
    /// By priority, the highest first; few.
    private(set) var levels: [Level] = []

    struct Level: Sendable {
        let priority: Int
        /// Stories whose lowest segment lies while a later one is denoised, the oldest first.
        var urgent = IndexedHeap<StoryID, StoryID>()
        /// By the start of their next turn.
        var submitters = IndexedHeap<Submitter, Turn>()
        /// Started before new, then by age.
        var stories: [Submitter: IndexedHeap<StoryID, Age>] = [:]

        var isEmpty: Bool { urgent.isEmpty && submitters.isEmpty }
    }

    struct Turn: Comparable, Sendable {
        let start: Int64
        let submitter: Submitter

        static func < (a: Turn, b: Turn) -> Bool { (a.start, a.submitter) < (b.start, b.submitter) }
    }

    struct Age: Comparable, Sendable {
        let isNew: Bool
        let story: StoryID

        static func < (a: Age, b: Age) -> Bool { (a.isNew ? 1 : 0, a.story) < (b.isNew ? 1 : 0, b.story) }
    }

    init(key: LaneKey) { self.key = key }

    var isEmpty: Bool { levels.allSatisfy(\.isEmpty) }

    /// Stories in it.
    var count: Int {
        levels.reduce(0) { $0 + $1.urgent.count + $1.stories.values.reduce(0) { $0 + $1.count } }
    }

    mutating func insert(_ story: StoryRecord, at place: QueuePlace, turn: Int64) {
        let index = level(of: place.priority)
        if place.isUrgent {
            levels[index].urgent.set(story.id, to: story.id)
        } else {
            levels[index].stories[place.submitter, default: .init()].set(
                story.id, to: Age(isNew: !story.isStarted, story: story.id))
            levels[index].submitters.set(place.submitter, to: Turn(start: turn, submitter: place.submitter))
        }
    }

    mutating func remove(_ story: StoryID, from place: QueuePlace) {
        guard let index = levels.firstIndex(where: { $0.priority == place.priority }) else { return }
        if place.isUrgent {
            levels[index].urgent.remove(story)
        } else {
            levels[index].stories[place.submitter]?.remove(story)
            if levels[index].stories[place.submitter]?.isEmpty == true {
                levels[index].stories[place.submitter] = nil
                levels[index].submitters.remove(place.submitter)
            }
        }
        // Priorities are people's numbers: none is kept for nothing.
        if levels[index].isEmpty { levels.remove(at: index) }
    }

    /// A submitter's next turn starts elsewhere.
    mutating func move(_ submitter: Submitter, priority: Int, turn: Int64) {
        guard let index = levels.firstIndex(where: { $0.priority == priority }),
            levels[index].submitters.contains(submitter)
        else { return }
        levels[index].submitters.set(submitter, to: Turn(start: turn, submitter: submitter))
    }

    /// The story whose turn it is among those that pass, with what it has to beat another lane's by.
    mutating func next(where passes: (StoryID) -> Bool) -> (story: StoryID, rank: Rank)? {
        for index in levels.indices where !levels[index].isEmpty {
            let priority = levels[index].priority
            if let story = levels[index].urgent.first(among: FarmLimits.candidates, where: passes) {
                return (story, Rank(priority: priority, isUrgent: true, turn: 0, submitter: "", story: story))
            }
            var found: StoryID?
            var stories = levels[index].stories
            levels[index].stories = [:]
            let submitter = levels[index].submitters.first(among: FarmLimits.candidates) { submitter in
                found = stories[submitter]?.first(among: FarmLimits.candidates, where: passes)
                return found != nil
            }
            levels[index].stories = stories
            if let found, let submitter, let turn = levels[index].submitters.key(of: submitter) {
                let rank = Rank(
                    priority: priority, isUrgent: false, turn: turn.start, submitter: submitter.rawValue, story: found)
                return (found, rank)
            }
        }
        return nil
    }

    private mutating func level(of priority: Int) -> Int {
        if let index = levels.firstIndex(where: { $0.priority <= priority }) {
            if levels[index].priority == priority { return index }
            levels.insert(Level(priority: priority), at: index)
            return index
        }
        levels.append(Level(priority: priority))
        return levels.count - 1
    }
}

/// The order among candidates of several lanes; the smaller goes first.
struct Rank: Comparable, Sendable {
    let priority: Int
    let isUrgent: Bool
    let turn: Int64
    let submitter: String
    let story: StoryID

    static func < (a: Rank, b: Rank) -> Bool {
        if a.priority != b.priority { return a.priority > b.priority }
        if a.isUrgent != b.isUrgent { return a.isUrgent }
        return (a.turn, a.submitter, a.story) < (b.turn, b.submitter, b.story)
    }
}
