import Farm
import Testing

/// Goal: whatever message is lost, late or out of order, neither side goes on alone. Method: a machine driven by hand.
@Suite struct FarmMessageTests {
    @Test func aLeaseThatItsWorkerDoesNotKnowIsGivenAgain() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let lost = rig.attempt(1, 1)
        for _ in 1...10 { rig.send(.heartbeat(rig.worker(1), []), after: .seconds(1)) }
        #expect(rig.attempt(1, 1) == lost, "the grant may be on its way")
        rig.send(.heartbeat(rig.worker(1), []), after: .seconds(1))
        #expect(rig.actions.contains(.notice(.leaseUnknown(lost.segment))))
        #expect(rig.holder(1, 1) == 1 && rig.attempt(1, 1).lease > lost.lease)
    }

    /// While the ledger takes nothing, no grant leaves; its worker can't say that it holds it, nor get on with it.
    @Test func aGrantThatHasNotLeftIsNeitherLostNorHung() {
        var rig = Rig()
        rig.commits = false
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        for _ in 1...1000 { rig.send(.heartbeat(rig.worker(1), []), after: .seconds(1)) }
        #expect(rig.attempt(1, 1) == attempt)
        #expect(rig.record(1, 1).losses == 0 && rig.record(1, 1).failures == 0)
        rig.send(.grantSent(rig.worker(1), attempt))
        for _ in 1...10 { rig.send(.heartbeat(rig.worker(1), []), after: .seconds(1)) }
        #expect(rig.attempt(1, 1) == attempt, "it may be on its way")
        rig.send(.heartbeat(rig.worker(1), []), after: .seconds(1))
        #expect(rig.actions.contains(.notice(.leaseUnknown(attempt.segment))))
        #expect(rig.record(1, 1).losses == 1)
    }

    @Test func aWorkerThatGoesOnWithAnEndedLeaseIsToldSo() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.send(.cancelled(StoryID(rawValue: 1)))
        let actions = rig.send(.heartbeat(rig.worker(1), [held(attempt)]), after: .seconds(1))
        #expect(actions.contains(.recall(rig.worker(1), attempt, .leaseLost, savesCheckpoint: false)))
    }

    @Test func whatWasAskedIsAskedAgain() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.send(.drained(rig.worker(1), true))
        for _ in 1...4 {
            #expect(rig.send(.heartbeat(rig.worker(1), [held(attempt)]), after: .seconds(1)).isEmpty)
        }
        let actions = rig.send(.heartbeat(rig.worker(1), [held(attempt)]), after: .seconds(1))
        #expect(actions.contains(.drain(rig.worker(1))))
        #expect(actions.contains(.recall(rig.worker(1), attempt, .drained, savesCheckpoint: true)))
    }

    @Test func aLateCopyOfACheckpointCostsNothing() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        rig.reach(1, 1, head: 8)
        let (attempt, first) = (rig.attempt(1, 1), rig.file())
        let report = FarmEvent.checkpointed(rig.worker(1), attempt, step: 2, first, rig.consumed(1, 1, before: 2))
        rig.send(report)
        rig.checkpoint(1, 1, at: 4)
        rig.checkpoint(1, 1, at: 6)
        let actions = rig.send(report)
        #expect(actions.contains(.answer(rig.worker(1), attempt, .checkpoint, .accepted)))
        #expect(actions.contains(.drop(attempt.segment, first)))
        #expect(rig.attempt(1, 1) == attempt && rig.record(1, 1).checkpoints.map(\.step) == [4, 6])
    }

    @Test func aLateRecordOfOtherBytesDoesNotReopenAcceptedLatents() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.join(1)
        let stream = rig.attempt(1, 1).stream
        rig.denoise(1, 1)
        let actions = rig.send(.conflicted(stream, step: 3))
        #expect(actions.contains(.notice(.recordConflict(stream, step: 3))))
        #expect(rig.record(1, 1).state == .delivering && rig.record(1, 1).generation == stream.generation)
    }

    @Test func whileTheCoordinatorStoodStillNobodyIsLost() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.send(.ticked, after: .seconds(600))
        #expect(rig.attempt(1, 1) == attempt)
        // From then on silence counts as ever.
        rig.send(.ticked, after: FarmLimits.reconnection)
        #expect(rig.holder(1, 1) == 0)
    }

    /// Method: the coordinator was held up a little longer than anybody may be silent, and reads something else first.
    @Test func whatLiesUnreadIsReadBeforeAnybodyIsLost() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.send(.ticked, after: FarmLimits.silence + .milliseconds(500))
        #expect(rig.attempt(1, 1) == attempt)
        rig.send(.heartbeat(rig.worker(1), [held(attempt)]))
        rig.send(.ticked, after: FarmLimits.unread)
        #expect(rig.attempt(1, 1) == attempt)
        // Nobody is waited for a second time.
        rig.send(.ticked, after: FarmLimits.silence + .milliseconds(500))
        rig.send(.ticked, after: .milliseconds(500))
        #expect(rig.holder(1, 1) == 0)
    }

    @Test func whoMayHaveComeBackIsReadBeforeItIsLost() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.send(.disconnected(rig.worker(1)))
        rig.send(.ticked, after: FarmLimits.reconnection + .milliseconds(500))
        rig.join(1, held: [held(attempt)])
        rig.send(.ticked, after: FarmLimits.unread)
        #expect(rig.attempt(1, 1) == attempt)
        rig.send(.disconnected(rig.worker(1)))
        rig.send(.ticked, after: FarmLimits.reconnection + .milliseconds(500))
        rig.send(.ticked, after: .milliseconds(500))
        #expect(rig.holder(1, 1) == 0)
    }

    private func held(_ attempt: AttemptID) -> Held {
        Held(attempt: attempt, phase: .denoising, activity: .stepping, step: 1, activityTime: .zero)
    }
}
