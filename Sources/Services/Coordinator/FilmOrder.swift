import Farm

/// A story's film that is to be written, with so many of its segments.
struct FilmOrder: Sendable {
    let story: StoryID
    let revision: Int
    var segments: Int
    /// Why it could not be written the last time, and when it is tried again.
    var delay: (problem: String, until: Moment)?

    init(_ story: StoryID, revision: Int, segments: Int) {
        (self.story, self.revision, self.segments) = (story, revision, segments)
    }

    /// Whether it is written now, of a story as it is now.
    ///
    /// A write costs as much as the whole prefix, so a long film waits until it has grown by a tenth; the last one, and
    /// what is finished of a story that has ended, waits for nothing.
    func isDue(for record: StoryRecord, at now: Moment) -> Bool {
        if let delay, delay.until > now { return false }
        return record.state != .rendering || segments - record.assembled > record.assembled / 10
    }
}
