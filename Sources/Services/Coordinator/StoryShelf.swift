import Farm
import Ledger
import Script

/// The texts of stories that are worked on, read from the ledger when they are wanted.
struct StoryShelf {
    private static let kept = 256

    private var stories: [StoryID: ResolvedStory] = [:]
    /// The one that was wanted last is last.
    private var order: [StoryID] = []

    mutating func keep(_ story: ResolvedStory, as id: StoryID) {
        order.removeAll { $0 == id }
        order.append(id)
        stories[id] = story
        if order.count > Self.kept { stories[order.removeFirst()] = nil }
    }

    /// Keeps what the ledger said, unless a newer text was kept while it was read, which may not be durable yet.
    ///
    /// - Returns: the newest.
    mutating func keep(read story: ResolvedStory, as id: StoryID) -> ResolvedStory {
        if let newer = find(id) { return newer }
        keep(story, as: id)
        return story
    }

    mutating func forget(_ id: StoryID) {
        order.removeAll { $0 == id }
        stories[id] = nil
    }

    mutating func find(_ id: StoryID) -> ResolvedStory? {
        guard let story = stories[id] else { return nil }
        if order.last != id { keep(story, as: id) }
        return story
    }
}
