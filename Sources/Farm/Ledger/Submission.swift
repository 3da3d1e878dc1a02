public import Farm
import GRDB

/// What a person handed in with a story.
public struct Submission: Hashable, Sendable {
    public let story: StoryID
    /// By which its client finds it again when the answer was lost; unique among all stories.
    public let token: String?
    public let title: String
    /// JSON.
    public let script: String
    /// In seconds since 1970.
    public let time: Double

    public init(story: StoryID, token: String? = nil, title: String, script: String, time: Double) {
        self.story = story
        self.token = token
        self.title = title
        self.script = script
        self.time = time
    }
}

enum SubmissionTable {
    // What is handed in again for the same story, as by a revision, is another text, not another story.
    private static let insertion = upsert(
        into: "submission", key: ["story"], columns: ["story", "token", "title", "submittedAt", "script"],
        except: ["token", "submittedAt"])

    static func write(_ submission: Submission, in database: Database) throws {
        try database.run(insertion) { row in
            row.append(submission.story.rawValue)
            row.append(submission.token)
            row.append(submission.title)
            row.append(submission.time)
            row.append(submission.script)
        }
    }
}

extension Ledger {
    /// The story that was submitted with a token; nil where none was, or where it was deleted.
    ///
    /// Throws ``LedgerError`` where the file can't be read.
    public func story(token: String) throws(LedgerError) -> StoryID? {
        try read { database in
            try database.firstRow(of: "SELECT story FROM submission WHERE token = ?") {
                $0.append(token)
            } _: {
                StoryID(rawValue: try $0.unsigned())
            }
        }
    }

    /// The script of a story as it was handed in last; nil where there is none.
    ///
    /// Throws ``LedgerError`` where the file can't be read.
    public func script(of story: StoryID) throws(LedgerError) -> String? {
        guard let number = Int64(exactly: story.rawValue) else { return nil }
        return try read { database in
            try database.firstRow(of: "SELECT script FROM submission WHERE story = ?") {
                $0.append(number)
            } _: {
                try $0.text()
            }
        }
    }
}
