import Farm
import Testing

/// Goal: a delivery that goes wrong costs no denoising and no slot. Method: a machine driven by hand.
@Suite struct FarmDeliveryTests {
    @Test(arguments: [FailureClass.deviceFault, .nonFinite, .crash, .inputOutput])
    func whatFailsInDeliveringIsDeliveredOnAnotherDevice(cause: FailureClass) {
        var rig = delivering()
        rig.join(2)
        let stream = rig.record(1, 1).generations
        rig.send(.failed(rig.worker(1), rig.attempt(1, 1), .delivering, Failure(cause: cause, step: 0)))
        #expect(rig.record(1, 1).state == .delivering && rig.holder(1, 1) == 2)
        // Its latents are accepted, and its successor has read its boundaries: they stay.
        #expect(rig.record(1, 1).generations == stream && rig.record(1, 1).head == 9)
        #expect(rig.record(1, 1).latents != nil)
    }

    @Test func threeFailedDeliveriesFailTheSegment() {
        var rig = delivering()
        for _ in 1...3 {
            #expect(rig.record(1, 1).state == .delivering)
            rig.send(.failed(rig.worker(1), rig.attempt(1, 1), .delivering, Failure(cause: .crash, step: 0)))
        }
        #expect(rig.record(1, 1).state == .failed && rig.state(1) == .failed)
    }

    @Test func aDeliveryThatRanOutOfMemoryNeedsAWorkerWithMore() {
        var rig = delivering()
        rig.join(2)
        rig.join(3, memory: 1 << 35)
        rig.send(.failed(rig.worker(1), rig.attempt(1, 1), .delivering, Failure(cause: .outOfMemory, step: 0)))
        #expect(rig.holder(1, 1) == 3)
        rig.send(.failed(rig.worker(3), rig.attempt(1, 1), .delivering, Failure(cause: .outOfMemory, step: 0)))
        #expect(rig.record(1, 1).state == .failed)
    }

    /// As a retry would: else it waits for more memory than anybody has, without failing again.
    @Test func aRevisionOfALaterSegmentForgetsWhyAnEarlierOneFailed() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2, handoff: .none))
        rig.join(1)
        rig.send(.failed(rig.worker(1), rig.attempt(1, 1), .denoising, Failure(cause: .outOfMemory, step: 0)))
        #expect(rig.record(1, 1).state == .failed)
        rig.send(.revised(StoryID(rawValue: 1), from: 2))
        #expect(rig.holder(1, 1) == 1 && rig.record(1, 1).memoryFloor == 0)
    }

    @Test func memoryOfAWorkerThatHasNotTheModelIsNone() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 1))
        rig.join(1)
        rig.join(2, memory: 1 << 35)
        rig.send(.offered(rig.worker(2), []))
        rig.send(.failed(rig.worker(1), rig.attempt(1, 1), .denoising, Failure(cause: .outOfMemory, step: 0)))
        #expect(rig.record(1, 1).state == .failed)
    }

    @Test func deletingAFailedStoryFreesWhoStillDeliversOfIt() {
        var rig = delivering()
        let attempt = rig.attempt(1, 1)
        rig.send(.failed(rig.worker(1), rig.attempt(1, 2), .denoising, Failure(cause: .badInput, step: 0)))
        #expect(rig.state(1) == .failed && rig.record(1, 1).state == .delivering)
        let actions = rig.send(.deleted(StoryID(rawValue: 1)))
        #expect(actions.contains(.recall(rig.worker(1), attempt, .cancelled, savesCheckpoint: false)))
        #expect(rig.farm.workers[rig.worker(1)]?.delivering == [])
        #expect(rig.farm.footprint.waitingDeliveries == 0)
    }

    @Test func latentsOfBeforeACancellationGoWhenOthersAreMade() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.join(1)
        rig.reach(1, 1, head: 9)
        rig.join(2)
        rig.denoise(1, 2)
        let old = rig.record(1, 2).latents!.file
        rig.send(.cancelled(StoryID(rawValue: 1)))
        rig.send(.retried(StoryID(rawValue: 1)))
        rig.denoise(1, 1)
        rig.denoise(1, 2)
        #expect(rig.record(1, 2).latents?.file != old)
        #expect(rig.actions.contains(.drop(rig.segment(1, 2), old)))
    }

    /// How long it may take is said by the story's own steps, where any were seen.
    @Test(arguments: [nil, 1, 200])
    func aDeliveryThatNeverEndsGoesToAnotherDeviceAndNobodyIsToBlame(secondsPerStep: Int?) {
        var rig = delivering()
        rig.join(2)
        if let secondsPerStep {
            rig.send(.stepped(rig.worker(1), rig.attempt(1, 2), step: 1, .seconds(secondsPerStep)))
        }
        let limit = [nil: 86_400, 1: 3600, 200: 10_000][secondsPerStep]!
        rig.send(.heartbeat(rig.worker(1), [held(rig.attempt(1, 1), .seconds(limit - 1))]))
        #expect(rig.holder(1, 1) == 1)
        let attempt = rig.attempt(1, 1)
        let actions = rig.send(.heartbeat(rig.worker(1), [held(attempt, .seconds(limit))]))
        #expect(actions.contains(.notice(.hung(attempt.segment))))
        #expect(actions.contains(.recall(rig.worker(1), attempt, .leaseLost, savesCheckpoint: false)))
        #expect(rig.record(1, 1).state == .delivering && rig.holder(1, 1) == 2)
        #expect(rig.record(1, 1).failures == 0 && rig.farm.devices.isEmpty)
    }

    private func held(_ attempt: AttemptID, _ time: Duration) -> Held {
        Held(attempt: attempt, phase: .delivering, activity: .encoding, step: 0, activityTime: time)
    }

    @Test func aStoryThatWaitsForItsFilmSaysWhy() {
        var rig = Rig()
        let story = StoryID(rawValue: 1)
        func note() -> String? { rig.farm.stories[story]?.note }
        rig.submit(1, Rig.terms(segments: 1))
        rig.join(1)
        rig.denoise(1, 1)
        rig.send(.unassembled(story, revision: 1, "no room"))
        #expect(note() == nil, "segments are still made")
        rig.send(.delivered(rig.worker(1), rig.attempt(1, 1), rig.file()))
        rig.send(.unassembled(story, revision: 2, "no room"))
        #expect(rig.state(1) == .assembling && note() == nil)
        rig.send(.unassembled(story, revision: 1, "no room"))
        #expect(note() == "no room")
        rig.send(.assembled(story, revision: 1, segments: 1))
        #expect(rig.state(1) == .finished && note() == nil)
    }

    /// A worker that delivers the first segment and denoises the second.
    private func delivering() -> Rig {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.join(1)
        rig.denoise(1, 1)
        return rig
    }
}
