import Evaluation
import Testing

/// Goal: borders and motion are told apart as a viewer would. Method: grey frames by hand, and one vector for all.
@Suite struct StoryEvaluationTests {
    /// A segment per array, a grey frame per number.
    private func evaluation(_ segments: [[UInt8]]) -> StoryEvaluation {
        var last: [UInt8]?
        return StoryEvaluation(
            segments.map { shades in
                var footage = SegmentFootage(.init(scene: [1, 0], action: [0, 2], joined: [3, 3]))
                for shade in shades {
                    let frame = [UInt8](repeating: shade, count: 6)
                    footage.append([5, 0], change: last.map { FrameChange(from: $0, to: frame) })
                    last = frame
                }
                return footage
            })
    }

    @Test func aBorderLikeAnyOtherFramesHasSeamOne() {
        let smooth = evaluation([[0, 2, 4, 6], [8, 10, 12, 14]])
        #expect(smooth.borders.map(\.seam) == [1])
        #expect(smooth.story.movingArea == 0)
        #expect(abs((smooth.story.motion ?? 0) - 2.0 / 255) < 1e-12)
    }

    @Test func movingTheSeamByAFrameChangesNothing() {
        let plain = evaluation([[0, 2, 4, 6], [100, 102, 104, 106]])
        let moved = evaluation([[0, 2, 4, 6], [8, 102, 104, 106]])
        #expect(plain.borders[0].seam == moved.borders[0].seam)
        #expect(plain.borders[0].seam == 24)
    }

    @Test func aPictureThatNeverMovesHasSeamOneAndNoMotion() {
        let still = evaluation([[7, 7, 7], [7, 7, 7], [7, 7, 7]])
        #expect(still.borders.map(\.seam) == [1, 1])
        #expect(still.story.motion == 0)
    }

    @Test func stillSegmentsWithABorderHaveAnInfiniteSeam() {
        #expect(evaluation([[7, 7, 7], [90, 90, 90]]).borders[0].seam == .infinity)
    }

    @Test func areaCountsPixelsThatChangeBeyondTheThreshold() {
        let change = FrameChange(from: [0, 0, 0, 9, 9, 9], to: [0, 13, 0, 9, 21, 9])
        #expect(change.area == 0.5)
        #expect(abs(change.mean - 25.0 / (6 * 255)) < 1e-12)
    }

    @Test func whatCannotBeMeasuredIsMissing() {
        let one = evaluation([[1]])
        #expect(one.borders.isEmpty && one.story.seam == nil && one.story.frameConsistency == nil)
        #expect(one.story.motion == nil)
        #expect(one.story.clipAdd == 0.5)
    }
}
