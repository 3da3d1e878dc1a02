import Farm
import Testing

/// Goal: records that a disk lost are made again, or a person is told what to do. Method: a machine driven by hand.
@Suite struct FarmDamageTests {
    @Test func aCheckpointAboveTheLogsHeadIsNotGoneOnFrom() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        rig.reach(1, 1, head: 7)
        rig.checkpoint(1, 1, at: 2)
        rig.checkpoint(1, 1, at: 6)
        let (old, lost) = (rig.attempt(1, 1), rig.record(1, 1).checkpoints[1].file)
        rig.restart(heads: [rig.segment(1, 1): 4])
        rig.join(1, held: [Held(attempt: old, phase: .denoising, activity: .stepping, step: 7, activityTime: .zero)])
        #expect(rig.record(1, 1).checkpoints.map(\.step) == [2])
        #expect(rig.actions.contains(.drop(old.segment, lost)))
        // It may have begun at the lost one, and have no record of before it.
        #expect(rig.attempt(1, 1).lease > old.lease)
        guard case .grant(_, let grant)? = rig.actions.last(where: { if case .grant = $0 { true } else { false } })
        else { Issue.record("no grant"); return }
        #expect(grant.checkpoint?.step == 2)
    }

    @Test func aCheckpointAtTheLogsHeadIsGoneOnFrom() {
        var rig = Rig()
        rig.submit(1)
        rig.join(1)
        rig.reach(1, 1, head: 6)
        rig.checkpoint(1, 1, at: 6)
        let attempt = rig.attempt(1, 1)
        rig.restart(heads: [attempt.segment: 6])
        rig.join(
            1, held: [Held(attempt: attempt, phase: .denoising, activity: .stepping, step: 7, activityTime: .zero)])
        #expect(rig.attempt(1, 1) == attempt && rig.record(1, 1).checkpoints.map(\.step) == [6])
    }

    @Test func whoeverHasWrittenWhatWasLostWritesItAgain() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.join(1)
        rig.reach(1, 1, head: 7)
        rig.join(2)
        let (writer, reader) = (rig.attempt(1, 1), rig.attempt(1, 2))
        rig.send(.lost(writer.stream, head: 0))
        #expect(rig.record(1, 1).head == 0)
        #expect(rig.attempt(1, 1) == writer && rig.attempt(1, 2) == reader, "the same records come again")
        rig.reach(1, 1, head: 5)
        rig.checkpoint(1, 1, at: 4)
        rig.send(.lost(writer.stream, head: 0))
        #expect(rig.actions.contains(.recall(rig.worker(1), writer, .superseded, savesCheckpoint: false)))
        #expect(rig.record(1, 1).checkpoints.isEmpty && rig.attempt(1, 1).lease > writer.lease)
        #expect(rig.attempt(1, 1).generation == writer.generation)
    }

    @Test func latentsThatWaitForTheirTurnGoWithTheirRecords() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.join(1)
        rig.reach(1, 1, head: 9)
        rig.join(2)
        rig.denoise(1, 2)
        let latents = rig.record(1, 2).latents!.file
        rig.send(.lost(StreamID(segment: rig.segment(1, 2), generation: rig.record(1, 2).generation), head: 0))
        #expect(rig.record(1, 2).latents == nil && rig.holder(1, 2) == 2)
        #expect(rig.actions.contains(.drop(rig.segment(1, 2), latents)))
        rig.denoise(1, 1)
        rig.denoise(1, 2)
        #expect(rig.record(1, 2).isDenoised)
    }

    @Test(arguments: [false, true]) func whoeverReadsLostRecordsOfAcceptedLatentsFailsWithTheRemedy(isRestart: Bool) {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 3))
        rig.join(1)
        rig.denoise(1, 1)
        #expect(rig.holder(1, 2) == 1)
        if isRestart {
            rig.restart()
        } else {
            rig.send(.lost(StreamID(segment: rig.segment(1, 1), generation: rig.record(1, 1).generation), head: 0))
        }
        #expect(rig.record(1, 1).isDenoised && rig.record(1, 2).state == .failed && rig.state(1) == .failed)
        #expect(rig.farm.stories[StoryID(rawValue: 1)]!.note?.contains("revise the story from segment 1") == true)
        #expect(rig.farm.stories[StoryID(rawValue: 1)]!.firstRendered(for: 2) == 1)
        rig.send(.revised(StoryID(rawValue: 1), from: 1))
        if isRestart { rig.join(1) }
        for number: UInt32 in 1...3 { rig.denoise(1, number) }
        for number: UInt32 in 1...3 { rig.deliver(1, number) }
        #expect(rig.state(1) == .finished)
    }

    @Test func whatNobodyReadsAnyMoreMayBeLost() {
        var rig = Rig()
        rig.submit(1, Rig.terms(segments: 2))
        rig.join(1)
        rig.denoise(1, 1)
        rig.denoise(1, 2)
        rig.send(.lost(StreamID(segment: rig.segment(1, 1), generation: rig.record(1, 1).generation), head: 0))
        for number: UInt32 in 1...2 { rig.deliver(1, number) }
        #expect(rig.state(1) == .finished)
    }
}
