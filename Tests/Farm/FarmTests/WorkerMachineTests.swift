import Farm
import Testing

/// Goal: a worker does one thing after another, and says again what the connection may have lost. Method: by hand.
@Suite struct WorkerMachineTests {
    private let attempt = AttemptID(
        segment: SegmentID(story: StoryID(rawValue: 1), number: 2), lease: Lease(epoch: 1, number: 5),
        generation: Generation(rawValue: 1))
    private let source = StreamID(
        segment: SegmentID(story: StoryID(rawValue: 1), number: 1), generation: Generation(rawValue: 1))
    private let file = Artifact(bytes: 1, digest: Rig.digest(of: 1))
    private let nothing = Consumed(spans: [], digest: Rig.digest(of: 0))

    private struct Bench {
        var machine = WorkerMachine(now: Moment(microseconds: 0))
        var now = Moment(microseconds: 0)

        mutating func send(_ event: WorkerEvent, after delay: Duration = .zero) -> [WorkerAction] {
            now = now + delay
            return machine.handle(event, at: now)
        }
    }

    private func begun(checkpointEvery: Int = 2) -> Bench {
        var bench = Bench()
        _ = bench.send(.welcomed)
        let grant = Grant(attempt: attempt, phase: .denoising, source: source, checkpoint: nil, latents: nil)
        let actions = bench.send(.granted(grant, Rig.terms(steps: 4), checkpointEvery: checkpointEvery))
        #expect(actions == [.prepare(grant), .read(attempt, source, from: 0, window: WorkerMachine.window)])
        return bench
    }

    /// Steps that wait for nothing.
    private func record(_ step: Int) -> WorkerEvent { .record(reader: attempt, source, step: step) }

    @Test func aStepWaitsForItsPredecessorsRecord() {
        var bench = begun()
        #expect(bench.send(.prepared(attempt)) == [.publish(attempt, step: 0)])
        #expect(bench.send(record(0)) == [.step(attempt, step: 0, record: 0)])
        #expect(
            bench.send(.stepped(attempt, .milliseconds(5))) == [
                .say(stepped: attempt, step: 1, .milliseconds(5), waited: .zero), .publish(attempt, step: 1),
            ])
        #expect(bench.send(record(1)) == [.step(attempt, step: 1, record: 1)])
    }

    @Test func waitsAndStepsAreToldApart() {
        var bench = begun(checkpointEvery: 1)
        _ = bench.send(.prepared(attempt), after: .seconds(9))
        _ = bench.send(record(0), after: .seconds(2))
        let first = bench.send(.stepped(attempt, .seconds(5)), after: .seconds(5))
        #expect(first.contains(.say(stepped: attempt, step: 1, .seconds(5), waited: .seconds(2))))
        // To save is not to wait.
        _ = bench.send(.saved(attempt, step: 1, file, nothing), after: .seconds(4))
        _ = bench.send(record(1), after: .seconds(1))
        let second = bench.send(.stepped(attempt, .seconds(6)), after: .seconds(6))
        #expect(second.contains(.say(stepped: attempt, step: 2, .seconds(6), waited: .seconds(1))))
        #expect(bench.machine.times.stepping == .seconds(11) && bench.machine.times.waiting == .seconds(3))
    }

    @Test func checkpointsAreSavedBetweenStepsAndTheEndIsUploadedOnceEveryRecordIsInTheLog() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        for step in 0...3 { _ = bench.send(record(step)) }
        _ = bench.send(.stepped(attempt, .zero))
        let second = bench.send(.stepped(attempt, .zero))
        #expect(second.contains(.save(attempt, step: 2)) && !second.contains(.step(attempt, step: 2, record: 2)))
        let saved = bench.send(.saved(attempt, step: 2, file, nothing))
        #expect(
            saved == [.report(.checkpoint(attempt, step: 2, file, nothing)), .step(attempt, step: 2, record: 2)])
        _ = bench.send(.stepped(attempt, .zero))
        #expect(!bench.send(.stepped(attempt, .zero)).contains(.upload(attempt)))
        for step in [0, 1, 2, 4] { #expect(bench.send(.stored(attempt.segment, step: step)).isEmpty) }
        #expect(bench.send(.stored(attempt.segment, step: 3)) == [.upload(attempt)])
        #expect(bench.send(.uploaded(attempt, file, nothing)) == [.report(.denoised(attempt, file, nothing))])
        #expect(bench.send(.answered(attempt, .denoised, .accepted)) == [.abandon(attempt)])
        #expect(bench.machine.held.isEmpty)
    }

    @Test func stepsGoOnBesideTheUploadOfACheckpoint() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        for step in 0...3 { _ = bench.send(record(step)) }
        _ = bench.send(.stepped(attempt, .zero))
        #expect(bench.send(.stepped(attempt, .zero)).contains(.save(attempt, step: 2)))
        #expect(bench.send(.written(attempt)) == [.step(attempt, step: 2, record: 2)])
        _ = bench.send(.stepped(attempt, .zero))
        _ = bench.send(.stepped(attempt, .zero))
        // Nothing of the attempt comes behind its finished latents.
        for step in 0...4 { #expect(bench.send(.stored(attempt.segment, step: step)).isEmpty) }
        #expect(
            bench.send(.saved(attempt, step: 2, file, nothing)) == [
                .report(.checkpoint(attempt, step: 2, file, nothing)), .upload(attempt),
            ])
    }

    @Test func neighboursSaveAtDifferentSteps() {
        let saved = (UInt32(1)...4).map { number in
            var bench = Bench()
            let attempt = AttemptID(
                segment: SegmentID(story: StoryID(rawValue: 1), number: number), lease: Lease(epoch: 1, number: 5),
                generation: Generation(rawValue: 1))
            _ = bench.send(.welcomed)
            let grant = Grant(attempt: attempt, phase: .denoising, source: nil, checkpoint: nil, latents: nil)
            _ = bench.send(.granted(grant, Rig.terms(steps: 6, handoff: .none), checkpointEvery: 4))
            _ = bench.send(.prepared(attempt))
            return (1...5).filter { step in
                defer { _ = bench.send(.written(attempt)) }
                return bench.send(.stepped(attempt, .zero)).contains(.save(attempt, step: step))
            }
        }
        #expect(saved == [[3], [2], [1], [4]])
    }

    @Test func noCheckpointIsSavedWhileAnotherIsOnItsWay() {
        var bench = begun(checkpointEvery: 1)
        _ = bench.send(.prepared(attempt))
        for step in 0...3 { _ = bench.send(record(step)) }
        #expect(bench.send(.stepped(attempt, .zero)).contains(.save(attempt, step: 1)))
        _ = bench.send(.written(attempt))
        #expect(bench.send(.stepped(attempt, .zero)).contains(.step(attempt, step: 2, record: 2)))
        _ = bench.send(.saved(attempt, step: 1, file, nothing))
        #expect(bench.send(.stepped(attempt, .zero)).contains(.save(attempt, step: 3)))
    }

    /// Goal: recalled behind an unfinished upload, it saves what it has done since. Method: by hand.
    @Test func aSegmentIsGivenBackWithItsLastStepThoughAnOlderCheckpointIsOnItsWay() {
        var bench = begun(checkpointEvery: 1)
        _ = bench.send(.prepared(attempt))
        for step in 0...1 { _ = bench.send(record(step)) }
        _ = bench.send(.stepped(attempt, .zero))
        _ = bench.send(.written(attempt))
        #expect(bench.send(.recalled(attempt, .neededEarlier, savesCheckpoint: true)).isEmpty)
        #expect(!bench.send(.stepped(attempt, .zero)).contains(.save(attempt, step: 2)))
        #expect(bench.send(.saved(attempt, step: 1, file, nothing)).last == .save(attempt, step: 2))
        #expect(bench.send(.answered(attempt, .checkpoint, .accepted)).isEmpty)
        // Whoever gives it back waits until the checkpoint is there.
        #expect(bench.send(.written(attempt)).isEmpty)
        #expect(
            bench.send(.saved(attempt, step: 2, file, nothing)) == [
                .report(.checkpoint(attempt, step: 2, file, nothing))
            ])
        let actions = bench.send(.answered(attempt, .checkpoint, .accepted))
        #expect(actions.last == .report(.released(attempt, .denoising, .recalled, step: 2)))
    }

    /// Goal: a release does not overtake the checkpoint that was reported before the recall. Method: by hand.
    @Test func aSegmentThatIsRecalledBehindItsCheckpointIsGivenBackOnceThatIsAnswered() {
        var bench = begun(checkpointEvery: 1)
        _ = bench.send(.prepared(attempt))
        _ = bench.send(record(0))
        _ = bench.send(.stepped(attempt, .zero))
        _ = bench.send(.written(attempt))
        _ = bench.send(.saved(attempt, step: 1, file, nothing))
        #expect(bench.send(.recalled(attempt, .neededEarlier, savesCheckpoint: true)).isEmpty)
        let actions = bench.send(.answered(attempt, .checkpoint, .accepted))
        #expect(actions.last == .report(.released(attempt, .denoising, .recalled, step: 1)))
    }

    @Test func aBoundaryIsMadeWhenItsStepIsEnteredThoughNobodyHearsIt() {
        var bench = begun(checkpointEvery: 0)
        _ = bench.send(.prepared(attempt))
        _ = bench.send(record(0))
        _ = bench.send(record(1))
        _ = bench.send(.disconnected)
        #expect(
            bench.send(.stepped(attempt, .zero)) == [.publish(attempt, step: 1), .step(attempt, step: 1, record: 1)])
    }

    @Test func aReaderAsksForNoMoreThanAConnectionHolds() {
        var bench = Bench()
        _ = bench.send(.welcomed)
        let grant = Grant(attempt: attempt, phase: .denoising, source: source, checkpoint: nil, latents: nil)
        _ = bench.send(.granted(grant, Rig.terms(steps: 20), checkpointEvery: 0))
        let window = WorkerMachine.window
        for step in 0..<(window / 2 - 1) { #expect(bench.send(record(step)).isEmpty) }
        // With half of it still to come, so that it never waits for the way there and back.
        for asked in stride(from: window, to: 20, by: window / 2) {
            let more = WorkerAction.read(attempt, source, from: asked, window: window / 2)
            #expect(bench.send(record(asked - window / 2 - 1)) == [more])
            for step in (asked - window / 2)..<(asked - 1) { #expect(bench.send(record(step)).isEmpty) }
        }
        // There is no more than that.
        #expect(bench.send(record(19)).isEmpty)
    }

    @Test func whatTheConnectionMayHaveLostIsSaidAgain() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        _ = bench.send(.disconnected)
        #expect(
            bench.send(.welcomed) == [
                .publish(attempt, step: 0), .read(attempt, source, from: 0, window: WorkerMachine.window),
            ])
        let later = bench.send(.ticked, after: WorkerMachine.patience)
        #expect(
            later.contains(.publish(attempt, step: 0))
                && later.contains(.read(attempt, source, from: 0, window: WorkerMachine.window)))
    }

    @Test func whatHasNoAnswerIsSaidAgainEveryFiveSecondsAndNoSooner() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        let again = [
            WorkerAction.publish(attempt, step: 0), .read(attempt, source, from: 0, window: WorkerMachine.window),
        ]
        for second in 1...12 {
            let actions = bench.send(.ticked, after: .seconds(1))
            for action in again { #expect(actions.contains(action) == (second % 5 == 0), "after \(second) s") }
        }
    }

    @Test func recordsThatAPowerLossTookAreWrittenAgain() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        for step in 0...1 {
            _ = bench.send(record(step))
            _ = bench.send(.stored(attempt.segment, step: step))
        }
        _ = bench.send(.stepped(attempt, .zero))
        #expect(
            bench.send(.wanted(attempt.segment, from: 0)) == [
                .publish(attempt, step: 0), .publish(attempt, step: 1),
            ])
    }

    @Test func aRecordThatTheLogCannotTakeIsNotSentWithoutEnd() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        #expect(bench.send(.wanted(attempt.segment, from: 0)) == [.publish(attempt, step: 0)])
        #expect(bench.send(.wanted(attempt.segment, from: 0)).isEmpty)
        #expect(bench.send(.wanted(attempt.segment, from: 0), after: .seconds(1)).contains(.publish(attempt, step: 0)))
    }

    @Test func withoutHandoffNoRecordIsWrittenThoughItBeWanted() {
        var bench = Bench()
        _ = bench.send(.welcomed)
        let grant = Grant(attempt: attempt, phase: .denoising, source: nil, checkpoint: nil, latents: nil)
        _ = bench.send(.granted(grant, Rig.terms(steps: 4, handoff: .none), checkpointEvery: 2))
        #expect(bench.send(.prepared(attempt)) == [.step(attempt, step: 0, record: nil)])
        #expect(bench.send(.wanted(attempt.segment, from: 0)).isEmpty)
    }

    @Test func aRecalledSegmentIsGivenBackAtTheNextStepWithACheckpoint() {
        var bench = begun(checkpointEvery: 0)
        _ = bench.send(.prepared(attempt))
        _ = bench.send(record(0))
        #expect(bench.send(.recalled(attempt, .neededEarlier, savesCheckpoint: true)).isEmpty)
        #expect(bench.send(.stepped(attempt, .zero)).contains(.save(attempt, step: 1)))
        // Not before the checkpoint is answered: a release that overtook it would end its lease.
        #expect(
            bench.send(.saved(attempt, step: 1, file, nothing)) == [
                .report(.checkpoint(attempt, step: 1, file, nothing))
            ])
        #expect(bench.send(record(1)).isEmpty)
        let actions = bench.send(.answered(attempt, .checkpoint, .accepted))
        #expect(
            actions == [.abandon(attempt), .report(.released(attempt, .denoising, .recalled, step: 1))])
        #expect(bench.machine.attempt == nil)
    }

    @Test(arguments: [ReportOutcome.damaged, .stale])
    func aSegmentIsGivenBackThoughItsCheckpointWasNotTaken(outcome: ReportOutcome) {
        var bench = begun(checkpointEvery: 0)
        _ = bench.send(.prepared(attempt))
        _ = bench.send(record(0))
        _ = bench.send(.recalled(attempt, .neededEarlier, savesCheckpoint: true))
        _ = bench.send(.stepped(attempt, .zero))
        _ = bench.send(.saved(attempt, step: 1, file, nothing))
        let actions = bench.send(.answered(attempt, .checkpoint, outcome))
        #expect(bench.machine.attempt == nil)
        // Of what the coordinator has taken back, there is nothing to say.
        #expect(actions.contains(.report(.released(attempt, .denoising, .recalled, step: 1))) == (outcome == .damaged))
    }

    @Test func aWaitingSegmentIsGivenBackAtOnce() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        let actions = bench.send(.recalled(attempt, .neededEarlier, savesCheckpoint: true))
        #expect(actions == [.abandon(attempt), .report(.released(attempt, .denoising, .recalled, step: 0))])
    }

    @Test func whoeverReadWhatIsVoidStops() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        let actions = bench.send(.superseded(reader: attempt))
        #expect(actions == [.abandon(attempt), .report(.released(attempt, .denoising, .superseded, step: 0))])
    }

    @Test func withoutItsCoordinatorItStopsAfterAMinute() {
        var bench = begun()
        _ = bench.send(.disconnected)
        #expect(!bench.send(.ticked, after: .seconds(59)).contains(.stop))
        #expect(bench.send(.ticked, after: .seconds(1)) == [.abandon(attempt), .stop])
    }

    @Test func aDrainedWorkerLeavesWhenItHasNothingLeftToSay() {
        var bench = begun()
        #expect(!bench.send(.drainRequested).contains(.stop))
        #expect(bench.send(.answered(attempt, .release, .accepted)) == [.stop])
    }

    @Test func damagedLatentsAreSentAgain() {
        var bench = begun(checkpointEvery: 0)
        _ = bench.send(.prepared(attempt))
        for step in 0...3 {
            _ = bench.send(record(step))
            _ = bench.send(.stepped(attempt, .zero))
        }
        for step in 0...4 { _ = bench.send(.stored(attempt.segment, step: step)) }
        _ = bench.send(.uploaded(attempt, file, nothing))
        #expect(bench.send(.answered(attempt, .denoised, .damaged)) == [.upload(attempt)])
    }

    @Test func aReportWithoutAnAnswerIsSentAgain() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        let actions = bench.send(.recalled(attempt, .paused, savesCheckpoint: false))
        let report = WorkerAction.report(.released(attempt, .denoising, .recalled, step: 0))
        #expect(actions.contains(report))
        for _ in 1...4 { #expect(!bench.send(.ticked, after: .seconds(1)).contains(report)) }
        #expect(bench.send(.ticked, after: .seconds(1)).contains(report))
        _ = bench.send(.answered(attempt, .release, .accepted))
        #expect(!bench.send(.ticked, after: WorkerMachine.patience).contains(report))
    }

    @Test func anOlderGrantThatComesLateIsLeftAlone() {
        var bench = begun()
        let older = AttemptID(
            segment: SegmentID(story: StoryID(rawValue: 9), number: 1), lease: Lease(epoch: 1, number: 4),
            generation: Generation(rawValue: 1))
        let grant = Grant(attempt: older, phase: .denoising, source: nil, checkpoint: nil, latents: nil)
        #expect(bench.send(.granted(grant, Rig.terms(steps: 4), checkpointEvery: 2)).isEmpty)
        #expect(bench.machine.attempt == attempt)
    }

    @Test func inFinalDenoisedSpaceAResumedSegmentWaitsForTheFinishedLatentsAgain() {
        var bench = Bench()
        _ = bench.send(.welcomed)
        let checkpoint = SegmentRecord.Checkpoint(step: 2, file: file, consumed: nothing, kind: Rig.kind)
        let grant = Grant(attempt: attempt, phase: .denoising, source: source, checkpoint: checkpoint, latents: nil)
        let actions = bench.send(.granted(grant, Rig.terms(steps: 4, handoff: .final), checkpointEvery: 0))
        #expect(actions == [.prepare(grant), .read(attempt, source, from: 4, window: WorkerMachine.window)])
        #expect(bench.send(.prepared(attempt)) == [.publish(attempt, step: 2)])
        #expect(bench.send(record(4)) == [.step(attempt, step: 2, record: 4)])
        #expect(bench.send(.stepped(attempt, .zero)).contains(.step(attempt, step: 3, record: 4)))
    }

    /// A node that is shut down together with its coordinator would wait for it until it is killed.
    @Test func whoIsToldToStopWhileTheCoordinatorIsAwayStopsAfterAMinute() {
        var bench = begun()
        _ = bench.send(.prepared(attempt))
        _ = bench.send(.disconnected)
        #expect(!bench.send(.stopRequested, after: .seconds(1)).contains(.stop), "it may come back")
        #expect(!bench.send(.ticked, after: .seconds(58)).contains(.stop))
        #expect(bench.send(.ticked, after: .seconds(2)).contains(.stop))
        #expect(bench.send(.ticked, after: .seconds(2)) == [], "once")
    }

    /// Method: what is damaged is made again first.
    @Test func whatIsDeliveredIsLetGoOf() {
        var bench = Bench()
        _ = bench.send(.welcomed)
        let grant = Grant(attempt: attempt, phase: .delivering, source: nil, checkpoint: nil, latents: file)
        #expect(bench.send(.granted(grant, Rig.terms(), checkpointEvery: 0)) == [.deliver(attempt, file)])
        #expect(bench.send(.delivered(attempt, file)) == [.report(.delivered(attempt, file))])
        #expect(bench.send(.answered(attempt, .delivered, .damaged)) == [.uploadVideo(attempt)])
        _ = bench.send(.delivered(attempt, file))
        #expect(bench.send(.answered(attempt, .delivered, .accepted)) == [.abandon(attempt)])
        #expect(bench.machine.held == [])
        #expect(bench.send(.answered(attempt, .delivered, .accepted)) == [])
    }
}
