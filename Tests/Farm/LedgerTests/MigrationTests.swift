import Farm
import GRDB
import Testing

@testable import Ledger

/// Goal: a ledger of an earlier version holds what it held once this version has opened it. Method: real files, made by
/// the migrations up to a version.
@Suite struct MigrationTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("farm.ledger") }

    init() throws { folder = try TemporaryFolder() }

    /// A ledger as a version left it: opened by this one, and then with that one's tables.
    private func makeLedger(upTo migration: String, _ fill: (Ledger) throws -> Void) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { try $0.execute(sql: "PRAGMA application_id = 0x53464C47") }
        try Migrations.all.migrate(queue, upTo: migration)
        try fill(Ledger(path: path, queue: queue))
        try queue.close()
    }

    @Test func aLedgerOfTheFirstVersionKeepsWhatItHas() throws {
        var sampler = RecordSampler(seed: 1)
        let stories = (1...30).map { sampler.story(UInt64($0), sampler.choice(of: StoryState.allCases)) }
        let submissions = stories.map { sampler.submission(of: $0.id.rawValue) }
        let device = DeviceRecord(failed: [SegmentID(story: StoryID(rawValue: 3), number: 1)], isSetAside: true)
        try makeLedger(upTo: "1 farm") { ledger in
            try ledger.commit(
                stories.flatMap(changes) + [.device("gpu", device)], submissions: submissions, at: 1)
            try ledger.commit([.removed(stories[29].id)], at: 2)
        }
        let ledger = try Ledger(path: path)
        let (restored, devices) = try ledger.restore()
        #expect(restored == Array(stories.dropLast()) && devices == ["gpu": device])
        for submission in submissions.dropLast() {
            #expect(try ledger.script(of: submission.story) == submission.script)
        }
        #expect(try ledger.nextStoryID().rawValue == 31, "a deleted story's number is not given again")
        try ledger.commit([.removed(stories[0].id)], at: 3)
        #expect(try ledger.restore().stories == Array(stories[1..<29]), "its segments go with a story")
        #expect(try ledger.script(of: stories[0].id) == nil, "and its script")
    }

    @Test func aLedgerOfTheSecondVersionKeepsWhatItHasAndTakesNodes() throws {
        var sampler = RecordSampler(seed: 2)
        let story = sampler.story(1, .rendering)
        try makeLedger(upTo: "2 checks") { try $0.commit(changes(of: story), at: 1) }
        let ledger = try Ledger(path: path)
        #expect(try ledger.nodes() == [:])
        let node = sampler.node()
        try ledger.commit([.node("a", node)], at: 2)
        try ledger.close()
        let again = try Ledger(path: path)
        #expect(try again.nodes() == ["a": node] && again.restore().stories == [story])
    }

    @Test func aNewLedgerGivesItsFirstNumber() throws {
        try makeLedger(upTo: "1 farm") { _ in }
        #expect(try Ledger(path: path).nextStoryID().rawValue == 1)
    }

    /// SQLite builds a table in memory for every IN with more than two values, which took longer than writing a row.
    @Test(arguments: ["story", "segment"]) func toCheckARowNoTableIsBuilt(table: String) throws {
        let ledger = try Ledger.inMemory()
        let columns = try ledger.queue.inDatabase { try $0.columns(in: table).map(\.name) }
        let insertion = upsert(into: table, key: Array(columns.prefix(table == "story" ? 1 : 2)), columns: columns)
        let program = try ledger.queue.inDatabase {
            try Row.fetchAll($0, sql: "EXPLAIN \(insertion)", arguments: StatementArguments(columns.map { _ in nil }))
        }
        #expect(program.count > 50 && !program.contains { $0["opcode"] == "OpenEphemeral" })
    }
}
