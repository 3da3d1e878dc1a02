import Farm
import Ledger
import Testing

/// Goal: what people handed in is found again and listed. Method: a ledger in memory.
@Suite struct SubmissionTests {
    private let ledger: Ledger

    init() throws { ledger = try Ledger.inMemory() }

    private func story(
        _ number: UInt64, _ state: StoryState = .queued, of submitter: String = "ann", priority: Int = 0,
        segments: Int = 4, note: String? = nil
    ) -> StoryRecord {
        let terms = StoryTerms(
            submitter: Submitter(rawValue: submitter), segmentCount: segments, steps: 8, handoff: .stream,
            firstBlend: 1, model: "embedded", segmentTime: .seconds(10))
        return StoryRecord(id: StoryID(rawValue: number), terms: terms, priority: priority, state: state, note: note)
    }

    private func submission(
        _ number: UInt64, token: String? = nil, title: String = "A day", script: String = "{}", time: Double = 1
    ) -> Submission {
        Submission(story: StoryID(rawValue: number), token: token, title: title, script: script, time: time)
    }

    @Test func aTokenFindsItsStory() throws {
        try ledger.commit(
            [.story(story(1)), .story(story(2)), .story(story(3))],
            submissions: [submission(1, token: "a"), submission(2), submission(3)], at: 1)
        #expect(try ledger.story(token: "a") == StoryID(rawValue: 1))
        #expect(try ledger.story(token: "b") == nil)
    }

    @Test func tokensAreComparedToTheirEnd() throws {
        try ledger.commit(
            [.story(story(1)), .story(story(2)), .story(story(3))],
            submissions: [submission(1, token: "a"), submission(2, token: "a\0b"), submission(3, token: "")], at: 1)
        #expect(try ledger.story(token: "a") == StoryID(rawValue: 1))
        #expect(try ledger.story(token: "a\0b") == StoryID(rawValue: 2))
        #expect(try ledger.story(token: "") == StoryID(rawValue: 3))
        #expect(try ledger.story(token: "a\0") == nil)
    }

    @Test func anothersTokenIsRefusedWithItsWholeBatch() throws {
        try ledger.commit([.story(story(1))], submissions: [submission(1, token: "a")], at: 1)
        let error = #expect(throws: LedgerError.self) {
            try ledger.commit(
                [.story(story(1, .rendering)), .story(story(2))], submissions: [submission(2, token: "a")], at: 2)
        }
        #expect(error?.name == "refused")
        #expect(try ledger.restore().stories == [story(1)])
    }

    @Test func aScriptOfSeveralMegabytesComesBack() throws {
        let script = "{\"text\": \"" + String(repeating: "a fox runs through snow 🦊 ", count: 150_000) + "\"}"
        #expect(script.utf8.count > 4_000_000)
        try ledger.commit([.story(story(1))], submissions: [submission(1, script: script)], at: 1)
        #expect(try ledger.script(of: StoryID(rawValue: 1)) == script)
        #expect(try ledger.script(of: StoryID(rawValue: 2)) == nil)
        #expect(try ledger.script(of: StoryID(rawValue: .max)) == nil)
    }

    @Test func aRevisionReplacesTheScriptAndNothingElse() throws {
        try ledger.commit([.story(story(1))], submissions: [submission(1, token: "a", time: 5)], at: 5)
        let revised = submission(1, title: "A night", script: "[]", time: 9)
        try ledger.commit([.story(story(1, .rendering))], submissions: [revised], at: 9)
        #expect(try ledger.script(of: StoryID(rawValue: 1)) == "[]")
        #expect(try ledger.story(token: "a") == StoryID(rawValue: 1))
        let summary = try #require(try ledger.summaries().first)
        #expect(summary.title == "A night" && summary.submitted == 5)
        try ledger.commit([], submissions: [submission(1, script: "{}", time: 10)], at: 10)
        #expect(try ledger.script(of: StoryID(rawValue: 1)) == "{}")
    }

    @Test func aTextOfAStoryThatIsGoneHoldsUpNothing() throws {
        try ledger.commit([.story(story(1, .failed))], submissions: [submission(1, token: "a")], at: 1)
        try ledger.commit([.removed(StoryID(rawValue: 1))], at: 2)
        try ledger.commit([.story(story(2))], submissions: [submission(1), submission(2)], at: 3)
        #expect(try ledger.restore().stories == [story(2)])
        #expect(try ledger.script(of: StoryID(rawValue: 1)) == nil)
        #expect(try ledger.script(of: StoryID(rawValue: 2)) == "{}")
    }

    @Test func aStoryKeepsTheTimeAtWhichItEndedUntilItGoesOn() throws {
        func ended() throws -> Double? { try ledger.summaries().first?.ended }
        try ledger.commit([.story(story(1, .rendering))], at: 1)
        #expect(try ended() == nil)
        try ledger.commit([.story(story(1, .failed))], at: 2)
        try ledger.commit([.story(story(1, .cancelled))], at: 3)
        #expect(try ended() == 2)
        try ledger.commit([.story(story(1, .rendering))], at: 4)
        #expect(try ended() == nil)
        try ledger.commit([.story(story(1, .finished))], at: 5)
        #expect(try ended() == 5)
    }

    @Test func aSummarySaysWhatAListingShows() throws {
        let video = SegmentRecord(state: .finished)
        try ledger.commit(
            [
                .story(story(1, .rendering, priority: 3, note: "waits")),
                .segment(SegmentID(story: StoryID(rawValue: 1), number: 1), video),
                .segment(SegmentID(story: StoryID(rawValue: 1), number: 2), SegmentRecord(state: .ready)),
            ], submissions: [submission(1, title: "A day", time: 1.5)], at: 2)
        let summary = try #require(try ledger.summaries().first)
        #expect(summary.id.rawValue == 1 && summary.title == "A day" && summary.submitter.rawValue == "ann")
        #expect(summary.state == .rendering && !summary.isPaused && summary.priority == 3)
        #expect(summary.segments == 4 && summary.finishedSegments == 1 && summary.assembled == 0)
        #expect(summary.note == "waits" && summary.submitted == 1.5 && summary.ended == nil)
    }

    @Test func titlesAreSearchedForATextAndNoPattern() throws {
        let titles = ["A corgi's day", "100 % Corgi", "cat_fish", "catfish", "ÄRGER"]
        for (index, title) in titles.enumerated() {
            let id = UInt64(index + 1)
            try ledger.commit([.story(story(id, .queued))], submissions: [submission(id, title: title)], at: 1)
        }
        func found(_ text: String) throws -> [String] { try ledger.summaries(titled: text).map(\.title).reversed() }
        #expect(try found("CORGI") == ["A corgi's day", "100 % Corgi"])
        #expect(try found("%") == ["100 % Corgi"])
        #expect(try found("t_f") == ["cat_fish"])
        #expect(try found("'s d") == ["A corgi's day"])
        #expect(try found("ÄRG") == ["ÄRGER"])
        #expect(try found("horse") == [])
    }

    @Test func pagesGoFromTheNewestToTheOldestWithoutGapsOrRepeats() throws {
        let states = StoryState.allCases
        let all = (1...100).map { number in
            story(UInt64(number), states[number % states.count], of: number % 3 == 0 ? "bob" : "ann")
        }
        try ledger.commit(all.map { .story($0) }, at: 1)

        func pages(_ states: Set<StoryState>?, of submitter: String?) throws -> [UInt64] {
            var numbers: [UInt64] = []
            while true {
                let page = try ledger.summaries(
                    states: states, of: submitter.map { Submitter(rawValue: $0) },
                    before: numbers.last.map { StoryID(rawValue: $0) }, limit: 7)
                if page.isEmpty { return numbers }
                numbers += page.map(\.id.rawValue)
            }
        }
        func expected(_ states: Set<StoryState>?, of submitter: String?) -> [UInt64] {
            all.reversed().filter { story in
                states?.contains(story.state) ?? true && submitter.map { $0 == story.terms.submitter.rawValue } ?? true
            }.map(\.id.rawValue)
        }
        for chosen in [nil, [], [.failed], [.queued, .rendering], Set(states)] as [Set<StoryState>?] {
            for submitter in [nil, "ann", "bob", "nobody"] {
                #expect(try pages(chosen, of: submitter) == expected(chosen, of: submitter))
            }
        }
        #expect(try ledger.summaries(limit: -1).isEmpty)
    }
}
