import Farm
import Testing

@testable import Coordinator

/// Goal: what people are told of a farm is how it looks to them.
@Suite struct SightingsTests {
    @Test func timeThatAStoryWasPausedIsNoWaiting() {
        let (start, end) = (Moment(microseconds: 0), Moment(microseconds: 60_000_000))
        let (one, other) = (StoryID(rawValue: 1), StoryID(rawValue: 2))
        let segments = [one, other].map { SegmentID(story: $0, number: 1) }
        let terms = StoryTerms(
            submitter: Submitter(rawValue: "ann"), segmentCount: 1, steps: 4, handoff: .none, firstBlend: 1,
            model: "embedded", segmentTime: .seconds(10))
        var sightings = Sightings()
        for id in segments { _ = sightings.note(id, SegmentRecord(state: .ready), at: start) }
        func note(_ state: StoryState, isPaused: Bool = false, at now: Moment) -> Bool {
            sightings.note(StoryRecord(id: one, terms: terms, priority: 0, state: state, isPaused: isPaused), at: now)
        }
        #expect(note(.queued, isPaused: true, at: start))
        #expect(sightings.readySince.values.sorted() == [start, start])
        #expect(note(.queued, at: end))
        #expect(sightings.readySince == [segments[0]: end, segments[1]: start])
        // Another state is no resumption.
        #expect(note(.rendering, at: end + .seconds(1)))
        #expect(sightings.readySince[segments[0]] == end)
    }
}
