import Farm
import GRDB

/// Stories without their segments, and when they ended.
enum StoryTable {
    private static let columns = [
        "id", "submitter", "firstPriority", "segmentCount", "steps", "handoff", "firstBlend", "model",
        "segmentSeconds", "segmentAttoseconds", "allowsSimulation", "priority", "state", "isPaused", "pinModel",
        "pinKind", "pinEncoder", "pinIsSimulated", "revision", "assembled", "note", "endedAt",
    ]
    // A story that has ended keeps the time at which it did, whatever else of it changes.
    private static let insertion =
        upsert(into: "story", key: ["id"], columns: columns, except: ["endedAt"])
        + ", endedAt = CASE WHEN excluded.endedAt IS NULL THEN NULL ELSE coalesce(endedAt, excluded.endedAt) END"
    private static let selection = "SELECT \(columns.dropLast().joined(separator: ", ")) FROM story ORDER BY id"

    static func write(_ story: StoryRecord, at time: Double, kinds: inout KindCatalog, in database: Database) throws {
        let terms = story.terms
        let (seconds, attoseconds) = terms.segmentTime.components
        try database.run(insertion) { row in
            row.append(story.id.rawValue)
            row.append(terms.submitter.rawValue)
            row.append(terms.priority)
            row.append(terms.segmentCount)
            row.append(terms.steps)
            row.append(terms.handoff)
            row.append(terms.firstBlend)
            row.append(terms.model)
            row.append(seconds)
            row.append(attoseconds)
            row.append(terms.allowsSimulation)
            row.append(story.priority)
            row.append(story.state)
            row.append(story.isPaused)
            row.append(story.pin?.model.bytes)
            row.append(try story.pin.map { try kinds.number(of: $0.kind, in: database) })
            row.append(story.pin?.encoder)
            row.append(story.pin?.isSimulated)
            row.append(story.revision)
            row.append(story.assembled)
            row.append(story.note)
            row.append(story.state.isTerminal ? time : nil)
        }
    }

    static func remove(_ story: StoryID, in database: Database) throws {
        try database.run("DELETE FROM story WHERE id = ?") { $0.append(story.rawValue) }
    }

    static func contains(_ story: StoryID, in database: Database) throws -> Bool {
        try database.firstRow(of: "SELECT 1 FROM story WHERE id = ?") {
            $0.append(story.rawValue)
        } _: { _ in
            true
        } ?? false
    }

    /// The largest number that was ever given to a story; 0 before the first.
    static func lastNumber(in database: Database) throws -> UInt64 {
        try database.firstRow(of: "SELECT seq FROM sqlite_sequence WHERE name = 'story'") { try $0.unsigned() } ?? 0
    }

    /// All stories, rising, without segments.
    static func readAll(kinds: inout KindCatalog, in database: Database) throws -> [StoryRecord] {
        var stories: [StoryRecord] = []
        try database.forEachRow(of: selection) { stories.append(try story(of: &$0, kinds: &kinds, in: database)) }
        return stories
    }

    private static func story(
        of row: inout Columns, kinds: inout KindCatalog, in database: Database
    ) throws -> StoryRecord {
        let id = StoryID(rawValue: try row.unsigned())
        let terms = StoryTerms(
            submitter: Submitter(rawValue: try row.text()), priority: try row.integer(),
            segmentCount: try row.integer(), steps: try row.integer(), handoff: try row.name(),
            firstBlend: try row.integer(), model: try row.text(),
            segmentTime: Duration(
                secondsComponent: Int64(try row.integer()), attosecondsComponent: Int64(try row.integer())),
            allowsSimulation: try row.flag())
        return StoryRecord(
            id: id, terms: terms, priority: try row.integer(), state: try row.name(), isPaused: try row.flag(),
            pin: try pin(&row, kinds: &kinds, in: database), revision: try row.integer(),
            assembled: try row.integer(), note: try row.optionalText())
    }

    private static func pin(_ row: inout Columns, kinds: inout KindCatalog, in database: Database) throws -> Pin? {
        guard let model = try row.optionalBytes({ try $0.digest() }) else {
            row.skip(3)
            return nil
        }
        let kind = try kinds.kind(Int64(try row.integer()), in: database)
        return Pin(model: model, kind: kind, encoder: try row.text(), isSimulated: try row.flag())
    }
}
