import Farm
import Testing

/// Goal: what is wrong with one worker's disk or files costs a try, and no story. Method: a machine driven by hand.
@Suite struct FarmLossTests {
    private static let failure = Failure(cause: .inputOutput, step: 0, detail: "/models/mochi: no such folder")

    /// It is idle again at once, and the oldest.
    @Test func whoeverCannotReadOrWriteDoesNotGetTheSegmentAgain() {
        var rig = Rig()
        rig.join(1)
        rig.submit(1, Rig.terms(segments: 1))
        rig.join(2)
        #expect(rig.holder(1, 1) == 1)
        rig.send(.failed(rig.worker(1), rig.attempt(1, 1), .denoising, Self.failure))
        #expect(rig.holder(1, 1) == 2)
        #expect(rig.record(1, 1).losses == 1 && rig.record(1, 1).failures == 0 && rig.farm.devices.isEmpty)
    }

    @Test func itWaitsForABusyWorkerWhoseFilesMayBeWhole() {
        var rig = Rig()
        rig.join(1)
        rig.submit(1, Rig.terms(segments: 1))
        rig.join(2)
        rig.submit(2, Rig.terms(segments: 1))
        rig.send(.failed(rig.worker(1), rig.attempt(1, 1), .denoising, Self.failure))
        #expect(rig.record(1, 1).state == .ready && rig.record(1, 1).losses == 1)
        rig.denoise(2, 1)
        #expect(rig.holder(1, 1) == 2)
    }

    @Test func whereThereIsNobodyElseItIsHeldInTheEndAndSaysWhy() {
        var rig = Rig()
        rig.join(1)
        rig.submit(1, Rig.terms(segments: 1))
        for _ in 1...FarmLimits.lossesPerSegment {
            #expect(rig.holder(1, 1) == 1)
            rig.send(.failed(rig.worker(1), rig.attempt(1, 1), .denoising, Self.failure))
        }
        #expect(rig.state(1) == .failed)
        #expect(rig.record(1, 1).note?.contains(Self.failure.detail) == true)
        rig.send(.retried(StoryID(rawValue: 1)))
        #expect(rig.holder(1, 1) == 1)
    }
}
