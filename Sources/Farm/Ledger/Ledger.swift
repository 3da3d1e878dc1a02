public import Farm
import Foundation
import GRDB
import Synchronization

/// The farm's memory that survives a crash: stories, segments, devices and the epoch in one SQLite file.
///
/// What ``commit(_:submissions:at:)`` returned from is on disk. Every call blocks until the disk has answered, so it
/// belongs on a thread that may wait; calls from several threads take turns. One connection writes and moves the WAL
/// into the database, and nobody else can open the file meanwhile: SQLite before 3.51.3 can corrupt a WAL that two
/// connections write or checkpoint.
public final class Ledger: Sendable {
    /// Of the file; ":memory:" without one.
    public let path: String
    let queue: DatabaseQueue
    /// The last number that ``nextStoryID()`` gave; not durable, since a number that was never committed was never
    /// shown to anybody.
    private let lastGiven = Mutex<UInt64>(0)

    init(path: String, queue: DatabaseQueue) { (self.path, self.queue) = (path, queue) }

    /// Moves what is in the WAL into the database and lets go of the file; whatever is called after that fails.
    ///
    /// Nothing is lost without it: it only makes the next start a little faster and leaves one file instead of two.
    public func close() throws(LedgerError) {
        do { try queue.close() } catch { throw LedgerError(error, path: path) }
    }

    // MARK: Writing

    /// The epoch of a farm that starts now: one more than ever before, and durable.
    public func raiseEpoch() throws(LedgerError) -> UInt64 {
        try write { database in
            let sql = "UPDATE farm SET epoch = epoch + 1 RETURNING epoch"
            let epoch = try database.firstRow(of: sql) { try $0.unsigned() }
            guard let epoch else { throw Damage("it has no epoch") }
            return epoch
        }
    }

    /// Makes a batch durable, all of it or nothing: one transaction and one fsync, however many changes.
    ///
    /// The batch may hold the outcomes of many events; its changes are made in order, and a row that changes several
    /// times is written once.
    ///
    /// - Parameters:
    ///   - submissions: of stories that are in the batch or are there already; for the latter the title and the script
    ///     are replaced. Those of stories that are gone are nobody's, and are left out.
    ///   - time: now, in seconds since 1970: of stories that end, and ended in none of the batches before.
    /// - Throws: ``LedgerError/refused(path:detail:)`` also where a token is another story's already.
    public func commit(
        _ changes: [FarmChange], submissions: [Submission] = [], at time: Double
    ) throws(LedgerError) {
        try write { database in
            var kinds = KindCatalog()
            var waiting = Dictionary(grouping: submissions, by: \.story)
            for change in MergedChanges(changes) {
                switch change {
                case .story(let story):
                    try StoryTable.write(story, at: time, kinds: &kinds, in: database)
                    // At once: the story may be removed again in the same batch, and its submission with it.
                    for submission in waiting.removeValue(forKey: story.id) ?? [] {
                        try SubmissionTable.write(submission, in: database)
                    }
                case .segment(let id, let segment):
                    try SegmentTable.write(segment, of: id, kinds: &kinds, in: database)
                case .device(let uuid, let device):
                    try DeviceTable.write(device, of: uuid, in: database)
                case .node(let name, let node):
                    try NodeTable.write(node, named: name, in: database)
                case .removed(let story):
                    try StoryTable.remove(story, in: database)
                }
            }
            for submission in submissions where waiting[submission.story] != nil {
                guard try StoryTable.contains(submission.story, in: database) else { continue }
                try SubmissionTable.write(submission, in: database)
            }
        }
    }

    /// A number that no story had before, not even a deleted one; used up once a batch with its story is committed.
    public func nextStoryID() throws(LedgerError) -> StoryID {
        let stored = try read { try StoryTable.lastNumber(in: $0) }
        return lastGiven.withLock { last in
            last = max(last, stored) + 1
            return StoryID(rawValue: last)
        }
    }

    // MARK: Reading

    /// All stories with their segments, the oldest first, and all devices that failed; for `FarmMachine`.
    ///
    /// What no ledger keeps is as in a new record: the head of a segment's stream, which its log says, and whether it
    /// wants a head start.
    public func restore() throws(LedgerError) -> (stories: [StoryRecord], devices: [String: DeviceRecord]) {
        try read { database in
            var kinds = KindCatalog()
            var restoring = Restoring(stories: try StoryTable.readAll(kinds: &kinds, in: database))
            try SegmentTable.readAll(kinds: &kinds, in: database) { try restoring.add($1, as: $0) }
            return (restoring.finished(), try DeviceTable.readAll(in: database))
        }
    }

    /// All nodes by name; for `FarmMachine`.
    public func nodes() throws(LedgerError) -> [String: NodeRecord] { try read { try NodeTable.readAll(in: $0) } }

    func read<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        // No transaction: there is one connection, and the queue lets nobody write meanwhile.
        do { return try queue.inDatabase(body) } catch { throw LedgerError(error, path: path) }
    }

    private func write<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        do { return try queue.write(body) } catch { throw LedgerError(error, path: path) }
    }
}

/// Puts segments that come in order into their stories.
private struct Restoring {
    private var stories: [StoryRecord]
    private var position = 0
    private var touched: [SegmentRecord] = []

    init(stories: [StoryRecord]) { self.stories = stories }

    mutating func add(_ segment: SegmentRecord, as id: SegmentID) throws {
        while position < stories.count, stories[position].id < id.story { settle() }
        guard position < stories.count, stories[position].id == id.story else {
            throw Damage("segment \(id.number) of story \(id.story.rawValue) has no story")
        }
        guard Int(id.number) <= stories[position].terms.segmentCount, Int(id.number) > touched.count else {
            throw Damage("story \(id.story.rawValue) can have no segment \(id.number)")
        }
        while touched.count < Int(id.number) - 1 { touched.append(.untouched) }
        touched.append(segment)
    }

    private mutating func settle() {
        if !touched.isEmpty { stories[position] = stories[position].with(touched) }
        touched.removeAll(keepingCapacity: true)
        position += 1
    }

    mutating func finished() -> [StoryRecord] {
        while position < stories.count { settle() }
        return stories
    }
}

extension StoryRecord {
    fileprivate func with(_ touched: [SegmentRecord]) -> StoryRecord {
        // An array of its own, no larger than it needs to be.
        StoryRecord(
            id: id, terms: terms, priority: priority, state: state, isPaused: isPaused, pin: pin, revision: revision,
            touched: Array(touched[...]), assembled: assembled, note: note)
    }
}
