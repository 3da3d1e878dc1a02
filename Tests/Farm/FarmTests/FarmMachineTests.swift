import Farm
import Testing

/// Goal: the farm's rules, one by one. Method: a machine driven by hand, no clock, no socket.
@Suite struct FarmMachineTests {
    @Test func oneWorkerRendersAStoryToItsEnd() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        #expect(rig.record(1, 1).state == .ready && rig.state(1) == .queued)
        rig.join(1)
        #expect(rig.holder(1, 1) == 1 && rig.state(1) == .rendering)
        rig.denoise(1, 1)
        // The same worker delivers the first segment beside denoising the second.
        #expect(rig.record(1, 1).state == .delivering && rig.holder(1, 1) == 1 && rig.holder(1, 2) == 1)
        rig.deliver(1, 1)
        rig.denoise(1, 2)
        rig.deliver(1, 2)
        #expect(rig.state(1) == .finished)
    }

    @Test func segmentsStreamAsSoonAsTheirPredecessorHasBegun() {
        var rig = Rig()
        rig.submit(1)
        for number in 1...4 { rig.join(UInt64(number)) }
        #expect((1...4).map { rig.holder(1, UInt32($0)) } == [1, 0, 0, 0])
        rig.reach(1, 1, head: 1)
        #expect((1...4).map { rig.holder(1, UInt32($0)) } == [1, 2, 0, 0])
        rig.reach(1, 2, head: 1)
        rig.reach(1, 3, head: 1)
        #expect((1...4).map { rig.holder(1, UInt32($0)) } == [1, 2, 3, 4])
    }

    @Test func inFinalASegmentWaitsForFinishedLatents() {
        var rig = Rig()
        rig.submit(1, Rig.terms(handoff: .final))
        for number in 1...2 { rig.join(UInt64(number)) }
        rig.reach(1, 1, head: 5)
        #expect(rig.record(1, 2).state == .blocked)
        rig.denoise(1, 1)
        #expect(rig.record(1, 2).state == .denoising)
    }

    @Test func withoutBlendingAllSegmentsGoAtOnce() {
        var rig = Rig()
        rig.submit(1, Rig.terms(handoff: .none))
        for number in 1...3 { rig.join(UInt64(number)) }
        #expect((1...4).map { rig.holder(1, UInt32($0)) } == [1, 2, 3, 0])
    }

    @Test func latentsAreAcceptedInStoryOrderAndTheirWorkerIsFree() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.submit(2, Rig.terms(segments: 1))
        rig.join(1)
        rig.reach(1, 1, head: 8)
        rig.join(2)
        #expect(rig.holder(1, 2) == 2)
        rig.denoise(1, 2)
        #expect(rig.record(1, 2).state == .denoising && rig.record(1, 2).holding == nil)
        #expect(rig.holder(2, 1) == 2)
        rig.denoise(1, 1)
        #expect(rig.record(1, 1).state == .delivering && rig.record(1, 2).state == .delivering)
    }

    @Test func aReportUnderAnOlderLeaseIsRefused() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let old = rig.attempt(1, 1)
        rig.send(.disconnected(rig.worker(1)))
        rig.send(.ticked, after: FarmLimits.reconnection)
        #expect(rig.record(1, 1).state == .ready && rig.record(1, 1).losses == 1)
        rig.join(2)
        let file = rig.file()
        let answers = rig.send(
            .denoised(rig.worker(1), old, file, Consumed(spans: [], digest: Rig.digest(of: 0)), matches: true))
        #expect(answers.contains(.answer(rig.worker(1), old, .denoised, .stale)))
        #expect(answers.contains(.drop(old.segment, file)))
        #expect(rig.holder(1, 1) == 2)
    }

    @Test func aRepeatedReportIsAcceptedAgainAndChangesNothing() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 1))
        rig.join(1)
        rig.reach(1, 1, head: 9)
        let event = FarmEvent.denoised(
            rig.worker(1), rig.attempt(1, 1), rig.file(), rig.consumed(1, 1, before: 8), matches: true)
        rig.send(event)
        let record = rig.record(1, 1)
        let again = rig.farm.handle(event, at: rig.now)
        #expect(again.changes.isEmpty && again.actions.count == 1)
        #expect(rig.record(1, 1) == record)
    }

    @Test func aWorkerThatReconnectsInTimeKeepsItsAttempt() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        rig.send(.disconnected(rig.worker(1)))
        let held = Held(attempt: attempt, phase: .denoising, activity: .stepping, step: 2, activityTime: .zero)
        rig.join(1, held: [held])
        rig.send(.ticked, after: .milliseconds(1500))
        #expect(rig.attempt(1, 1) == attempt)
        #expect(rig.actions.contains(.notice(.attemptKept(attempt.segment))))
    }

    @Test func aSilentWorkerIsLostAndItsSegmentGoesOnFromItsCheckpoint() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        rig.reach(1, 1, head: 5)
        rig.checkpoint(1, 1, at: 4)
        rig.send(.heartbeat(rig.worker(1), []), after: .seconds(2))
        rig.send(.ticked, after: .seconds(2))
        #expect(rig.holder(1, 1) == 1)
        rig.send(.ticked, after: .seconds(1))
        #expect(rig.holder(1, 1) == 0)
        rig.join(2)
        let grant = rig.actions.compactMap { action -> Grant? in
            if case .grant(rig.worker(2), let grant) = action { grant } else { nil }
        }
        #expect(grant.last?.checkpoint?.step == 4)
        // The same kind writes the same bytes: its stream stays what it is.
        #expect(rig.record(1, 1).generation == Generation(rawValue: 1))
    }

    @Test func anotherKindOfDeviceOpensAGenerationThroughTheChain() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 3))
        for number in 1...3 { rig.join(UInt64(number)) }
        rig.reach(1, 1, head: 6)
        rig.reach(1, 2, head: 6)
        rig.reach(1, 3, head: 3)
        rig.checkpoint(1, 1, at: 4)
        rig.checkpoint(1, 2, at: 4)
        rig.checkpoint(1, 3, at: 2)
        #expect((1...3).map { rig.record(1, UInt32($0)).checkpoints.count } == [1, 1, 1])
        for number in 1...3 { rig.send(.left(rig.worker(UInt64(number)), isCrash: false)) }
        rig.join(9, kind: Rig.otherKind)
        #expect(rig.holder(1, 1) == 9)
        #expect(
            rig.record(1, 1).generations == [
                GenerationSpan(generation: Generation(rawValue: 1), fromStep: 0),
                GenerationSpan(generation: Generation(rawValue: 2), fromStep: 4),
            ])
        // The second had read record 4 and written record 5 of it; its checkpoint at 4 holds still.
        #expect(rig.record(1, 2).generations.last?.fromStep == 5 && rig.record(1, 2).head == 5)
        #expect(rig.record(1, 2).checkpoints.map(\.step) == [4])
        // The third had not come so far.
        #expect(rig.record(1, 3).generations.count == 1 && rig.record(1, 3).checkpoints.count == 1)
    }

    @Test func threeFailuresInARowFailTheSegmentAndCancelItsSuccessors() {
        var rig = Rig()
        rig.submit(1)
        for number in 1...3 { rig.join(UInt64(number)) }
        for failure in 1...3 {
            let (holder, attempt) = (rig.holder(1, 1), rig.attempt(1, 1))
            #expect(holder != 0)
            rig.send(
                .failed(rig.worker(holder), attempt, .denoising, Failure(cause: .deviceFault, step: 1, detail: "ECC")))
            #expect(rig.record(1, 1).failures == failure)
            if failure < 3 { #expect(rig.holder(1, 1) != holder, "another device") }
        }
        #expect(rig.record(1, 1).state == .failed && rig.state(1) == .failed)
        rig.send(.retried(StoryID(rawValue: 1)))
        #expect(rig.holder(1, 1) != 0 && rig.state(1) == .rendering)
    }

    @Test func aCheckpointEndsTheRowOfFailures() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        for step in [2, 4, 6] {
            for _ in 1...2 {
                let attempt = rig.attempt(1, 1)
                rig.send(.failed(rig.worker(1), attempt, .denoising, Failure(cause: .crash, step: step)))
            }
            rig.reach(1, 1, head: step + 1)
            rig.checkpoint(1, 1, at: step)
        }
        #expect(rig.record(1, 1).state == .denoising && rig.record(1, 1).failures == 0)
    }

    @Test func aDeviceThatFailsThreeSegmentsIsSetAside() {
        var rig = Rig()
        rig.join(1)
        rig.join(2)
        for story in 1...3 {
            rig.submit(UInt64(story), Rig.terms(segments: 1))
            if rig.holder(UInt64(story), 1) == 2 { rig.denoise(UInt64(story), 1) }
            guard rig.holder(UInt64(story), 1) == 1 else { continue }
            rig.send(
                .failed(rig.worker(1), rig.attempt(UInt64(story), 1), .denoising, Failure(cause: .hang, step: 0)))
        }
        let setAside = rig.farm.devices["device 1"]?.failed.count ?? 0
        #expect(setAside > 0)
    }

    @Test func theLowestSegmentTakesTheHighestOnesWorker() {
        var rig = Rig()
        rig.submit(1)
        for number in 1...3 { rig.join(UInt64(number)) }
        rig.reach(1, 1, head: 4)
        rig.reach(1, 2, head: 4)
        #expect((1...3).map { rig.holder(1, UInt32($0)) } == [1, 2, 3])
        rig.send(.left(rig.worker(1), isCrash: false))
        #expect(rig.holder(1, 1) == 0)
        let recalled = rig.attempt(1, 3)
        rig.send(.ticked, after: .seconds(1))
        #expect(
            rig.actions.contains(.recall(rig.worker(3), recalled, .neededEarlier, savesCheckpoint: true)))
        rig.send(.released(rig.worker(3), recalled, .denoising, .recalled, step: 2))
        #expect(rig.holder(1, 1) == 3)
    }

    @Test func whatLiesInTheMiddleTakesAWorkerThatWaitsForIt() {
        var rig = Rig()
        rig.submit(1)
        for number in 1...3 { rig.join(UInt64(number)) }
        rig.reach(1, 1, head: 4)
        rig.reach(1, 2, head: 4)
        rig.send(.left(rig.worker(2), isCrash: false))
        #expect((1...3).map { rig.holder(1, UInt32($0)) } == [1, 0, 3])
        // The third still has boundaries to blend with.
        rig.send(.ticked, after: .seconds(1))
        let third = rig.attempt(1, 3)
        let recall = FarmAction.recall(rig.worker(3), third, .neededEarlier, savesCheckpoint: true)
        #expect(!rig.actions.contains(recall))
        let held = Held(attempt: third, phase: .denoising, activity: .waiting, step: 3, activityTime: .zero)
        rig.send(.heartbeat(rig.worker(3), [held]))
        rig.send(.ticked, after: .seconds(1))
        #expect(rig.actions.contains(recall))
        rig.send(.released(rig.worker(3), third, .denoising, .recalled, step: 3))
        #expect((1...3).map { rig.holder(1, UInt32($0)) } == [1, 3, 0])
        // The first keeps its worker all the time.
        #expect(!rig.actions.contains { if case .recall(rig.worker(1), _, _, _) = $0 { true } else { false } })
    }

    @Test func submittersShareInTurn() {
        var rig = Rig()
        for story in 1...6 {
            rig.submit(UInt64(story), Rig.terms(segments: 1, submitter: story <= 4 ? "ann" : "ben"))
        }
        var order: [UInt64] = []
        for number in 1...4 {
            rig.join(UInt64(number))
            order.append((1...6).first { rig.holder(UInt64($0), 1) == UInt64(number) }.map { UInt64($0) } ?? 0)
        }
        #expect(order == [1, 5, 2, 6])
    }

    @Test func ahigherPriorityGoesFirst() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 1))
        rig.submit(2, Rig.terms(segments: 1, priority: 5))
        rig.join(1)
        #expect(rig.holder(2, 1) == 1 && rig.holder(1, 1) == 0)
    }

    @Test func pausingRecallsAndResumingGoesOn() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        let actions = rig.send(.paused(StoryID(rawValue: 1)))
        #expect(actions.contains(.recall(rig.worker(1), attempt, .paused, savesCheckpoint: true)))
        rig.send(.released(rig.worker(1), attempt, .denoising, .recalled, step: 1))
        #expect(rig.record(1, 1).state == .ready && rig.holder(1, 1) == 0)
        rig.send(.resumed(StoryID(rawValue: 1)))
        #expect(rig.holder(1, 1) == 1)
    }

    @Test func cancellingTakesEverythingAtOnce() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        let attempt = rig.attempt(1, 1)
        let actions = rig.send(.cancelled(StoryID(rawValue: 1)))
        #expect(actions.contains(.recall(rig.worker(1), attempt, .cancelled, savesCheckpoint: false)))
        #expect(rig.state(1) == .cancelled && rig.record(1, 1).state == .cancelled)
        #expect(actions.contains(.admit(attempt.segment, nil)))
    }

    @Test func revisingRendersFromASegmentOnAgain() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 3))
        rig.join(1)
        for number in 1...3 {
            rig.denoise(1, UInt32(number))
            rig.deliver(1, UInt32(number))
        }
        #expect(rig.state(1) == .finished)
        rig.send(.revised(StoryID(rawValue: 1), from: 2))
        #expect(rig.state(1) == .rendering && rig.record(1, 1).state == .finished)
        #expect(rig.holder(1, 2) == 1 && rig.record(1, 2).generation == Generation(rawValue: 2))
        for number in 2...3 {
            rig.denoise(1, UInt32(number))
            rig.deliver(1, UInt32(number))
        }
        #expect(rig.state(1) == .finished)
    }

    @Test func aRestartedFarmWaitsForItsWorkersAndKeepsTheirLeases() {
        var rig = Rig()
        rig.submit(1)
        for number in 1...2 { rig.join(UInt64(number)) }
        rig.reach(1, 1, head: 5)
        let (first, second) = (rig.attempt(1, 1), rig.attempt(1, 2))
        let stories = Array(rig.farm.stories.values)
        rig.farm = FarmMachine(
            epoch: 2, restoring: stories, devices: [:], heads: [rig.segment(1, 1): 5], now: rig.now)
        let held = [Held(attempt: first, phase: .denoising, activity: .stepping, step: 4, activityTime: .zero)]
        rig.join(1, held: held)
        for _ in 1...2 { rig.send(.heartbeat(rig.worker(1), held), after: .seconds(1)) }
        #expect(rig.attempt(1, 1) == first && rig.attempt(1, 2) == second)
        rig.send(.heartbeat(rig.worker(1), held), after: .seconds(1))
        #expect(rig.attempt(1, 1) == first && rig.record(1, 2).state == .ready)
        rig.join(3)
        #expect(rig.attempt(1, 2).lease > second.lease)
    }
}
