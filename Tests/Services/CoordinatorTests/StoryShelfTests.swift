import Farm
import Script
import Testing

@testable import Coordinator

/// Goal: whoever reads a story's text while it is revised must not bring the old one back.
@Suite struct StoryShelfTests {
    private func story(_ action: String) throws -> ResolvedStory {
        try ScriptDocument(
            json: #"{"segments": [{"scene": "a park", "action": "\#(action)"}]}"#, file: "story.json"
        ).resolved()
    }

    @Test func whatWasReadGivesWayToWhatWasKeptMeanwhile() throws {
        var shelf = StoryShelf()
        let id = StoryID(rawValue: 1)
        let (old, new) = (try story("a dog is running"), try story("a fox is running"))
        #expect(shelf.keep(read: old, as: id) == old)
        shelf.keep(new, as: id)
        #expect(shelf.keep(read: old, as: id) == new)
        #expect(shelf.find(id) == new)
    }
}
