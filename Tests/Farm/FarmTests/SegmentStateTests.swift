import Farm
import Testing

/// Goal: a segment moves only as the rules say. Method: the whole table, state by state, against the design's arrows.
@Suite struct SegmentStateTests {
    /// The arrows between living states; every state may also fail or be cancelled.
    private let arrows: Set<[SegmentState]> = [
        [.blocked, .ready], [.ready, .blocked], [.ready, .denoising], [.denoising, .ready], [.denoising, .denoised],
        [.denoised, .delivering], [.delivering, .denoised], [.delivering, .finished],
    ]

    @Test(arguments: SegmentState.allCases) func theRulesFollowTheArrows(state: SegmentState) {
        for next in SegmentState.allCases {
            let isEnd = (next == .failed || next == .cancelled) && next != state
            #expect(state.mayBecome(next, because: .rule) == (isEnd || arrows.contains([state, next])), "\(next)")
        }
    }

    @Test func retryReopensOnlyWhatFailedOrWasCancelled() {
        for state in SegmentState.allCases {
            for next in SegmentState.allCases {
                let isRetry = next == .blocked && (state == .failed || state == .cancelled)
                #expect(state.mayBecome(next, because: .retry) == isRetry)
            }
        }
    }

    @Test func reviseReopensEverySegment() {
        for state in SegmentState.allCases {
            #expect(state.mayBecome(.blocked, because: .revise))
            #expect(!state.mayBecome(.ready, because: .revise))
        }
    }
}
