import Farm
import Testing

/// Goal: what the simulation found, once more in a few lines each. Method: a machine driven by hand.
@Suite struct FarmRecoveryTests {
    @Test func aHangAfterTheFirstStepIsNoticedLongBeforeTheLimitOfLoading() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.send(.stepped(rig.worker(1), attempt, step: 1, .milliseconds(50)))
        for _ in 1...59 { rig.send(.heartbeat(rig.worker(1), [held(attempt, .stepping, step: 1)]), after: .seconds(1)) }
        #expect(rig.holder(1, 1) == 1 && rig.record(1, 1).failures == 0)
        for _ in 1...3 { rig.send(.heartbeat(rig.worker(1), [held(attempt, .stepping, step: 1)]), after: .seconds(1)) }
        #expect(rig.record(1, 1).failures == 1)
        #expect(rig.actions.contains(.notice(.hung(attempt.segment))))
    }

    @Test func aModelMayLoadForLong() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        for _ in 1...600 { rig.send(.heartbeat(rig.worker(1), [held(attempt, .loading, step: 0)]), after: .seconds(1)) }
        #expect(rig.attempt(1, 1) == attempt)
    }

    /// As long as the coordinator's disk is full, a worker can't get rid of what it has.
    @Test(arguments: [Held.Activity.saving, .uploading])
    func whoeverWaitsForTheCoordinatorsDiskIsNotHung(activity: Held.Activity) {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.send(.stepped(rig.worker(1), attempt, step: 8, .milliseconds(50)))
        for _ in 1..<3600 {
            rig.send(.heartbeat(rig.worker(1), [held(attempt, activity, step: 8)]), after: .seconds(1))
        }
        #expect(rig.attempt(1, 1) == attempt)
        for _ in 1...2 { rig.send(.heartbeat(rig.worker(1), [held(attempt, activity, step: 8)]), after: .seconds(1)) }
        #expect(rig.actions.contains(.notice(.hung(attempt.segment))))
        #expect(rig.attempt(1, 1).lease > attempt.lease)
        #expect(rig.record(1, 1).losses == 1 && rig.record(1, 1).failures == 0)
        #expect(rig.record(1, 1).failedOn.isEmpty && rig.farm.devices.isEmpty, "no device is to blame")
    }

    @Test func aReconnectedWorkerIsAskedAgainForWhatItWasAskedBefore() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.send(.drained(rig.worker(1), true))
        rig.send(.disconnected(rig.worker(1)))
        let held = held(attempt, .stepping, step: 1)
        let description = rig.farm.workers[rig.worker(1)]!.description
        let actions = rig.send(.connected(rig.worker(1), description, [held]))
        #expect(actions.contains(.drain(rig.worker(1))))
        #expect(actions.contains(.recall(rig.worker(1), attempt, .drained, savesCheckpoint: true)))
    }

    @Test func aCheckpointThatOvertakesItsRecordsCostsNotTheLease() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        rig.reach(1, 1, head: 3)
        rig.checkpoint(1, 1, at: 2)
        let attempt = rig.attempt(1, 1)
        // The records of steps 3 and 4 were lost with a connection.
        rig.checkpoint(1, 1, at: 4)
        #expect(rig.actions.contains(.answer(rig.worker(1), attempt, .checkpoint, .damaged)))
        #expect(rig.attempt(1, 1) == attempt && rig.record(1, 1).checkpoints.map(\.step) == [2])
        rig.reach(1, 1, head: 7)
        rig.checkpoint(1, 1, at: 6)
        #expect(rig.record(1, 1).checkpoints.map(\.step) == [2, 6])
    }

    @Test func aGrantThatWasLostWithItsConnectionIsGivenAgain() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let lost = rig.attempt(1, 1)
        rig.send(.disconnected(rig.worker(1)))
        rig.join(1)
        #expect(rig.holder(1, 1) == 1 && rig.attempt(1, 1).lease > lost.lease)
        #expect(rig.record(1, 1).losses == 0, "nobody was lost")
    }

    @Test func whatIsCancelledIsGivenToNobodyForDelivery() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.join(1)
        rig.join(2)
        rig.denoise(1, 1)
        #expect(rig.record(1, 1).state == .delivering)
        rig.send(.cancelled(StoryID(rawValue: 1)))
        #expect(rig.record(1, 1).state == .cancelled && rig.record(1, 1).holding == nil)
        #expect(rig.farm.workers.values.allSatisfy { $0.delivering.isEmpty })
        rig.join(3)
        #expect(rig.record(1, 1).holding == nil)
    }

    @Test func aDeliveryThatFailsForGoodLeavesNoLease() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 1))
        rig.join(1)
        rig.denoise(1, 1)
        rig.send(.failed(rig.worker(1), rig.attempt(1, 1), .delivering, Failure(cause: .badInput, step: 0)))
        #expect(rig.record(1, 1).state == .failed && rig.record(1, 1).holding == nil)
        rig.join(2)
        #expect(rig.record(1, 1).state == .failed)
    }

    @Test func equalBytesOfALateAttemptDoNotTakeTheAcceptedOnesAlong() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 1))
        rig.join(1)
        let late = rig.attempt(1, 1)
        rig.send(.left(rig.worker(1), isCrash: false))
        rig.join(2)
        rig.denoise(1, 1)
        let file = rig.record(1, 1).latents!.file
        let actions = rig.send(
            .denoised(rig.worker(1), late, file, Consumed(spans: [], digest: Rig.digest(of: 0)), matches: true))
        #expect(actions.contains(.answer(rig.worker(1), late, .denoised, .stale)))
        #expect(!actions.contains(.drop(late.segment, file)))
    }

    @Test func aLostWorkersConnectionIsClosedSoThatItComesBack() {
        var rig = Rig()
        rig.join(1)
        let actions = rig.send(.ticked, after: FarmLimits.silence)
        #expect(actions.contains(.hangUp(rig.worker(1))))
    }

    @Test func whatWasMadeOfRecordsThatAPowerLossTookIsVoidWhereAnotherKindWritesThemAgain() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.join(1)
        rig.reach(1, 1, head: 8)
        rig.join(2)
        rig.denoise(1, 2)
        #expect(rig.record(1, 2).latents != nil && rig.record(1, 2).state == .denoising, "held for story order")
        // The machine goes down; of the first segment nothing was synced.
        rig.farm = FarmMachine(
            epoch: 2, restoring: Array(rig.farm.stories.values), devices: [:], heads: [rig.segment(1, 2): 9],
            now: rig.now)
        // Its worker does not come back, and only another kind of device is there.
        for _ in 1...15 { rig.send(.ticked, after: .seconds(1)) }
        rig.join(9, kind: Rig.otherKind)
        #expect(rig.holder(1, 1) == 9)
        #expect(rig.record(1, 1).generation == Generation(rawValue: 2))
        #expect(rig.record(1, 2).latents == nil && rig.record(1, 2).generations.last?.fromStep == 1)
    }

    @Test func afterARestartNobodyIsGivenUpWhileWorkersStillComeBack() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 4))
        for number: UInt64 in 1...4 {
            rig.join(number)
            rig.reach(1, UInt32(number), head: 4)
        }
        let attempts = (1...4).map { rig.attempt(1, $0) }
        rig.farm = FarmMachine(
            epoch: 2, restoring: Array(rig.farm.stories.values), devices: [:],
            heads: Dictionary(uniqueKeysWithValues: attempts.map { ($0.segment, 4) }), now: rig.now)
        // A worker every two seconds, as a large farm would take long.
        var back: [Held] = []
        func aSecondPasses() {
            rig.send(.ticked, after: .seconds(1))
            for (number, held) in zip(1..., back) { rig.send(.heartbeat(rig.worker(UInt64(number)), [held])) }
        }
        for number in 1...3 {
            for _ in 1...2 { aSecondPasses() }
            #expect(rig.holder(1, 4) == 4)
            back.append(held(attempts[number - 1], .stepping, step: 3))
            rig.join(UInt64(number), held: back.suffix(1))
        }
        for _ in 1...2 { aSecondPasses() }
        rig.join(5)
        #expect((1...4).map { rig.holder(1, $0) } == [1, 2, 3, 4])
        aSecondPasses()
        #expect(rig.holder(1, 4) == 5, "the last of those who held something came three seconds ago")
    }

    @Test func afterARestartIdleWorkersShowThatTheNetworkIsThere() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 1))
        rig.join(1)
        rig.farm = FarmMachine(
            epoch: 2, restoring: Array(rig.farm.stories.values), devices: [:], heads: [:], now: rig.now)
        for number: UInt64 in 2...4 {
            rig.send(.ticked, after: .seconds(1))
            rig.join(number)
            #expect(rig.holder(1, 1) == 1)
        }
        rig.send(.ticked, after: .seconds(1))
        #expect(rig.holder(1, 1) > 1, "the first of them came three seconds ago, and the others give no more time")
    }

    @Test func afterARestartTheWaitForWorkersEnds() {
        var rig = Rig()
        for number: UInt64 in 1...20 {
            rig.submit(number, Rig.terms(segments: 1))
            rig.join(number)
        }
        let attempts = (1...20).map { rig.attempt($0, 1) }
        rig.farm = FarmMachine(
            epoch: 2, restoring: Array(rig.farm.stories.values), devices: [:], heads: [:], now: rig.now)
        for number in 1...15 {
            #expect(rig.holder(20, 1) == 20)
            rig.send(.ticked, after: .seconds(1))
            rig.join(UInt64(number), held: [held(attempts[number - 1], .stepping, step: 3)])
        }
        #expect(rig.holder(20, 1) == 0)
    }

    @Test func aGrantThatWasLostWithTheCoordinatorIsNoSecondLease() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        rig.submit(2, Rig.terms(priority: 1))
        rig.farm = FarmMachine(
            epoch: 2, restoring: Array(rig.farm.stories.values), devices: [:], heads: [:], now: rig.now)
        rig.join(1)
        #expect(rig.holder(2, 1) == 1 && rig.holder(1, 1) == 0, "one at a time")
    }

    @Test func whatWasPausedBeforeTheRecallLeftIsRecalledAfterARestart() {
        for isPausedAfterwards in [false, true] {
            var rig = Rig()
            rig.submit(1)
            rig.join(1)
            let attempt = rig.attempt(1, 1)
            if !isPausedAfterwards { rig.send(.paused(StoryID(rawValue: 1))) }
            rig.restart()
            if isPausedAfterwards { rig.send(.paused(StoryID(rawValue: 1))) }
            let before = rig.actions.count
            rig.join(1, held: [held(attempt, .stepping, step: 3)])
            let recall = FarmAction.recall(rig.worker(1), attempt, .paused, savesCheckpoint: true)
            #expect(rig.actions[before...].count { $0 == recall } == 1)
        }
    }

    @Test func whatADeviceHoldsThatWasSetAsideIsRecalledAfterARestart() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.restart(devices: ["device 1": DeviceRecord(isSetAside: true)])
        rig.join(1, held: [held(attempt, .stepping, step: 3)])
        #expect(rig.actions.contains(.recall(rig.worker(1), attempt, .drained, savesCheckpoint: true)))
    }

    @Test func latentsMadeOfOtherBoundariesAreRefused() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.join(1)
        rig.join(2)
        rig.reach(1, 1, head: 9)
        rig.reach(1, 2, head: 9)
        let attempt = rig.attempt(1, 2)
        let wrong = Consumed(
            spans: [GenerationSpan(generation: Generation(rawValue: 7), fromStep: 0)], digest: Rig.digest(of: 0))
        let actions = rig.send(.denoised(rig.worker(2), attempt, rig.file(), wrong, matches: true))
        #expect(actions.contains(.answer(rig.worker(2), attempt, .denoised, .mismatch)))
        #expect(rig.record(1, 2).latents == nil)
    }

    private func held(_ attempt: AttemptID, _ activity: Held.Activity, step: Int) -> Held {
        Held(attempt: attempt, phase: .denoising, activity: activity, step: step, activityTime: .zero)
    }
}
