public import Farm
import GRDB

/// A line of a listing.
public struct StorySummary: Hashable, Sendable {
    public let id: StoryID
    /// Empty where the story came without a ``Submission``.
    public let title: String
    public let submitter: Submitter
    public let state: StoryState
    public let isPaused: Bool
    public let priority: Int
    public let segments: Int
    public let finishedSegments: Int
    /// Segments that the MP4 has already.
    public let assembled: Int
    public let note: String?
    /// In seconds since 1970; nil where the story came without a ``Submission``.
    public let submitted: Double?
    /// In seconds since 1970; nil while it goes on.
    public let ended: Double?
}

extension Ledger {
    /// A page of stories, the newest first.
    ///
    /// Throws ``LedgerError`` where the file can't be read.
    ///
    /// - Parameters:
    ///   - states: nil for any.
    ///   - submitter: nil for anybody's.
    ///   - text: nil for any; else a part of the title, in which ASCII letters of either case are alike.
    ///   - before: the last story of the page before; nil for the first page.
    ///   - limit: never more than ``LedgerLimits/pageStories``.
    public func summaries(
        states: Set<StoryState>? = nil, of submitter: Submitter? = nil, titled text: String? = nil,
        before: StoryID? = nil, limit: Int = LedgerLimits.pageStories
    ) throws(LedgerError) -> [StorySummary] {
        var conditions = ["story.id < ?"]
        if submitter != nil { conditions.append("submitter = ?") }
        // instr knows no wildcards, so that a text is only a text.
        if text != nil { conditions.append("instr(lower(coalesce(title, '')), lower(?)) > 0") }
        let states = states.map { states in StoryState.allCases.filter { states.contains($0) } }
        if let states { conditions.append("state IN (\(states.map { _ in "?" }.joined(separator: ", ")))") }
        let sql = """
            SELECT id, coalesce(title, ''), submitter, state, isPaused, priority, segmentCount,
                (SELECT count(*) FROM segment WHERE segment.story = id AND segment.state = 'finished'),
                assembled, note, submittedAt, endedAt
            FROM story LEFT JOIN submission ON submission.story = id
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?
            """
        return try read { database in
            var page: [StorySummary] = []
            try database.forEachRow(of: sql) { row in
                row.append(before.map { Int64(clamping: $0.rawValue) } ?? Int64.max)
                if let submitter { row.append(submitter.rawValue) }
                if let text { row.append(text) }
                for state in states ?? [] { row.append(state) }
                row.append(max(0, min(limit, LedgerLimits.pageStories)))
            } _: {
                page.append(try StorySummary(&$0))
            }
            return page
        }
    }
}

extension StorySummary {
    fileprivate init(_ row: inout Columns) throws {
        id = StoryID(rawValue: try row.unsigned())
        title = try row.text()
        submitter = Submitter(rawValue: try row.text())
        state = try row.name()
        isPaused = try row.flag()
        priority = try row.integer()
        segments = try row.integer()
        finishedSegments = try row.integer()
        assembled = try row.integer()
        note = try row.optionalText()
        submitted = try row.optionalReal()
        ended = try row.optionalReal()
    }
}
