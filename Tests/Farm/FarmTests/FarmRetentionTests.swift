import Farm
import Testing

/// Goal: a story that was pruned keeps what it came to, and says from where it can be rendered again.
/// Method: a machine driven by hand.
@Suite struct FarmRetentionTests {
    private func finished(_ handoff: StoryTerms.Handoff = .stream) -> Rig {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 3, handoff: handoff))
        rig.join(1)
        for number in 1...3 as ClosedRange<UInt32> {
            rig.denoise(1, number)
            rig.deliver(1, number)
        }
        return rig
    }

    private func first(for number: Int, in rig: Rig) -> Int {
        rig.farm.stories[StoryID(rawValue: 1)]!.firstRendered(for: number)
    }

    @Test(arguments: [StoryTerms.Handoff.stream, .final])
    func aPrunedStoryIsRenderedAgainFromItsFirstSegment(_ handoff: StoryTerms.Handoff) {
        var rig = finished(handoff)
        #expect((1...3).map { first(for: $0, in: rig) } == [1, 2, 3])
        let latents = (1...3).map { rig.record(1, $0).latents!.file }
        let actions = rig.send(.pruned(StoryID(rawValue: 1)))
        for (index, file) in latents.enumerated() {
            #expect(actions.contains(.drop(rig.segment(1, UInt32(index + 1)), file)))
        }
        #expect(actions.last == .prune(StoryID(rawValue: 1)))
        #expect(rig.state(1) == .finished)
        #expect((1...3).allSatisfy { rig.record(1, $0).video != nil })
        #expect((1...3).map { first(for: $0, in: rig) } == [1, 1, 1])
        rig.send(.revised(StoryID(rawValue: 1), from: 1))
        for number in 1...3 as ClosedRange<UInt32> {
            rig.denoise(1, number)
            rig.deliver(1, number)
        }
        #expect(rig.state(1) == .finished)
    }

    @Test func segmentsThatReadNothingNeedNobodysBoundaries() {
        var rig = finished(.none)
        rig.send(.pruned(StoryID(rawValue: 1)))
        #expect((1...3).map { first(for: $0, in: rig) } == [1, 2, 3])
    }

    @Test func aStoryThatGoesOnIsNotPruned() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        rig.reach(1, 1, head: 4)
        rig.checkpoint(1, 1, at: 3)
        #expect(rig.send(.pruned(StoryID(rawValue: 1))) == [])
        #expect(rig.record(1, 1).checkpoints.count == 1)
    }

    @Test func aCancelledStoryGivesUpItsCheckpointsAndIsRetriedFromTheBeginning() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        rig.reach(1, 1, head: 4)
        rig.checkpoint(1, 1, at: 3)
        rig.send(.cancelled(StoryID(rawValue: 1)))
        rig.send(.pruned(StoryID(rawValue: 1)))
        #expect(rig.record(1, 1).checkpoints.isEmpty)
        rig.send(.retried(StoryID(rawValue: 1)))
        #expect(rig.record(1, 1).state == .denoising && rig.record(1, 1).resumeStep == 0)
        rig.denoise(1, 1)
        #expect(rig.record(1, 1).isDenoised)
    }
}
