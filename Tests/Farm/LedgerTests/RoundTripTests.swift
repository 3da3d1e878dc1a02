import Farm
import Ledger
import Testing

/// Goal: what is restored is what was committed, field by field. Method: records filled at random, a file on disk that
/// is closed and opened again in between.
@Suite struct RoundTripTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: UInt64(1)...20) func everyFieldOfEveryRecordComesBack(seed: UInt64) throws {
        var sampler = RecordSampler(seed: seed)
        let stories = StoryState.allCases.enumerated().map { sampler.story(UInt64($0 + 1), $1) }
        let devices = Dictionary(uniqueKeysWithValues: (0..<5).map { ("\($0) \(sampler.text())", sampler.device()) })
        let ledger = try Ledger(path: folder.file("farm.ledger"))
        try ledger.commit(stories.flatMap(changes) + devices.map { .device($0, $1) }, at: 1)
        #expect(try ledger.restore() == (stories, devices))
        try ledger.close()
        #expect(try Ledger(path: folder.file("farm.ledger")).restore() == (stories, devices))
    }

    @Test(arguments: UInt64(1)...5) func whatIsCommittedAgainReplacesWhatWasThere(seed: UInt64) throws {
        var sampler = RecordSampler(seed: seed)
        let ledger = try Ledger(path: folder.file("farm.ledger"))
        for _ in 0..<3 {
            let stories = StoryState.allCases.enumerated().map { sampler.story(UInt64($0 + 1), $1) }
            let device = sampler.device()
            try ledger.commit(stories.flatMap(changes) + [.device("gpu", device)], at: 1)
            #expect(try ledger.restore() == (stories, ["gpu": device]))
        }
        try ledger.commit([.device("gpu", nil)], at: 2)
        #expect(try ledger.restore().devices == [:])
    }

    @Test func nodesComeBackUntilTheyAreForgotten() throws {
        var sampler = RecordSampler(seed: 5)
        let path = folder.file("farm.ledger")
        var ledger = try Ledger(path: path)
        let nodes = Dictionary(uniqueKeysWithValues: (0..<5).map { ("node-\($0)", sampler.node()) })
        try ledger.commit(nodes.map { .node($0, $1) }, at: 1)
        try ledger.close()
        ledger = try Ledger(path: path)
        #expect(try ledger.nodes() == nodes)
        let other = sampler.node()
        try ledger.commit([.node("node-0", sampler.node()), .node("node-0", other), .node("node-1", nil)], at: 2)
        var expected = nodes
        (expected["node-0"], expected["node-1"]) = (other, nil)
        #expect(try ledger.nodes() == expected)
    }

    @Test func segmentsThatNothingEverHappenedToAreRestoredAsSuch() throws {
        var sampler = RecordSampler(seed: 1)
        let ledger = try Ledger.inMemory()
        let id = StoryID(rawValue: 7)
        let story = StoryRecord(id: id, terms: sampler.terms(segments: 9), priority: 0)
        let third = sampler.segment(.ready)
        try ledger.commit([.story(story), .segment(SegmentID(story: id, number: 3), third)], at: 1)
        #expect(try ledger.restore().stories.map(\.touched) == [[.untouched, .untouched, third]])
    }

    @Test func aRemovedStoryLeavesNothing() throws {
        var sampler = RecordSampler(seed: 2)
        let ledger = try Ledger(path: folder.file("farm.ledger"))
        let stories = (1...3).map { sampler.story($0, .finished) }
        let submission = Submission(story: stories[1].id, token: "t", title: "", script: "{}", time: 1)
        try ledger.commit(stories.flatMap(changes), submissions: [submission], at: 1)
        try ledger.commit([.removed(stories[1].id)], at: 2)
        #expect(try ledger.restore().stories == [stories[0], stories[2]])
        #expect(try ledger.story(token: "t") == nil)
        #expect(try ledger.script(of: stories[1].id) == nil)
    }

    @Test func aStoryThatIsSubmittedAndRemovedInOneBatchIsNoError() throws {
        var sampler = RecordSampler(seed: 3)
        let ledger = try Ledger.inMemory()
        let story = sampler.story(1, .cancelled)
        try ledger.commit(
            changes(of: story) + [.removed(story.id)], submissions: [sampler.submission(of: 1)], at: 1)
        #expect(try ledger.restore().stories == [])
        #expect(try ledger.nextStoryID().rawValue == 2, "the number is used up")
    }

    @Test func everyEpochIsHigherThanAllBefore() throws {
        let path = folder.file("farm.ledger")
        var ledger = try Ledger(path: path)
        #expect(try (ledger.raiseEpoch(), ledger.raiseEpoch()) == (1, 2))
        try ledger.close()
        ledger = try Ledger(path: path)
        #expect(try ledger.raiseEpoch() == 3)
    }

    @Test func numbersOfStoriesAreNeverGivenTwice() throws {
        var sampler = RecordSampler(seed: 4)
        let path = folder.file("farm.ledger")
        var ledger = try Ledger(path: path)
        #expect(try (ledger.nextStoryID().rawValue, ledger.nextStoryID().rawValue) == (1, 2))
        try ledger.commit(changes(of: sampler.story(2, .finished)), at: 1)
        try ledger.commit([.removed(StoryID(rawValue: 2))], at: 2)
        try ledger.close()
        ledger = try Ledger(path: path)
        #expect(try ledger.nextStoryID().rawValue == 3)
    }
}

/// Tuples are not `Equatable`.
private func == (
    a: (stories: [StoryRecord], devices: [String: DeviceRecord]), b: ([StoryRecord], [String: DeviceRecord])
) -> Bool { a.stories == b.0 && a.devices == b.1 }
