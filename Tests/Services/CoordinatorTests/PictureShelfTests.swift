import Farm
import Testing

@testable import Coordinator

/// Goal: a farm that has shown many segments still shows the next one.
@Suite struct PictureShelfTests {
    private func segment(_ number: Int, of story: UInt64 = 1) -> SegmentID {
        SegmentID(story: StoryID(rawValue: story), number: UInt32(number))
    }

    @Test func theOldestPictureMakesRoom() {
        var shelf = PictureShelf(limit: 3)
        for number in 1...3 { shelf.keep([UInt8(number)], of: segment(number)) }
        // A newer picture of the same segment takes no further place.
        shelf.keep([11], of: segment(1))
        shelf.keep([4], of: segment(4))
        #expect(shelf.find(segment(1)) == [11])
        #expect(shelf.find(segment(2)) == nil)
        #expect(shelf.find(segment(3)) == [3])
        #expect(shelf.find(segment(4)) == [4])
    }

    @Test func aStorysPicturesGoWithIt() {
        var shelf = PictureShelf(limit: 3)
        shelf.keep([1], of: segment(1))
        shelf.keep([2], of: segment(1, of: 2))
        shelf.forget(StoryID(rawValue: 1))
        #expect(shelf.find(segment(1)) == nil)
        #expect(shelf.find(segment(1, of: 2)) == [2])
    }
}
