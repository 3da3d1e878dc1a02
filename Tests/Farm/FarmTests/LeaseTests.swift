import Farm
import Testing

/// Goal: the later of two leases is the larger, across restarts of the coordinator.
@Suite struct LeaseTests {
    @Test func aNewEpochOutranksEveryNumberOfTheOldOne() {
        #expect(Lease(epoch: 1, number: .max) < Lease(epoch: 2, number: 0))
        #expect(Lease(epoch: 2, number: 3) < Lease(epoch: 2, number: 4))
        #expect(Lease(epoch: 2, number: 3) == Lease(epoch: 2, number: 3))
    }

    @Test func segmentsAreOrderedByStoryThenNumber() {
        let story = StoryID(rawValue: 4)
        #expect(SegmentID(story: story, number: 9) < SegmentID(story: StoryID(rawValue: 5), number: 1))
        #expect(SegmentID(story: story, number: 9) < SegmentID(story: story, number: 10))
    }
}
