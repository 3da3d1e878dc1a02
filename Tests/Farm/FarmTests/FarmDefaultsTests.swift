import Farm
import Testing

/// Goal: what a story left open is settled before its first lease, and never after. Method: a machine driven by hand.
@Suite struct FarmDefaultsTests {
    private let story = StoryID(rawValue: 1)

    @Test func aStoryIsRenderedAsItWasSettled() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2, steps: 8))
        rig.send(.resolved(story, Rig.terms(segments: 2, steps: 5, handoff: .final)))
        #expect(rig.farm.footprint.queuedStories == 1)
        rig.join(1)
        rig.join(2)
        // In final the second one waits for the first one's latents.
        #expect(rig.holder(1, 1) != 0 && rig.holder(1, 2) == 0)
        rig.denoise(1, 1)
        #expect(rig.record(1, 1).isDenoised && rig.record(1, 1).head == 6)
        rig.send(.resolved(story, Rig.terms(segments: 2, steps: 8)))
        #expect(rig.farm.stories[story]?.terms.steps == 5)
    }

    @Test func aStoryThatWasRejectedWaitsForNobody() {
        var rig = Rig()
        rig.submit(1)
        rig.send(.rejected(story, "too large"))
        #expect(rig.state(1) == .failed && rig.farm.stories[story]?.note == "too large")
        #expect(rig.farm.footprint.queuedStories == 0)
        rig.join(1)
        #expect(rig.farm.workers[rig.worker(1)]?.denoising == nil)
    }
}
