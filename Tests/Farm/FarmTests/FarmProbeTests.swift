import Farm
import Testing

/// Goal: a device that was set aside comes back when it renders what is known, and not before.
/// Method: a machine driven by hand.
@Suite struct FarmProbeTests {
    private let fault = Failure(cause: .deviceFault, step: 1, detail: "ECC")

    /// A farm whose only device was set aside.
    ///
    /// - Parameter isKnown: whether it finished a segment before.
    private func setAside(isKnown: Bool = true) -> Rig {
        var rig = Rig()
        rig.join(1)
        if isKnown {
            rig.submit(1, Rig.terms(segments: 1))
            rig.denoise(1, 1)
            rig.deliver(1, 1)
        }
        for story in 2...5 as ClosedRange<UInt64> { rig.submit(story, Rig.terms(segments: 1)) }
        failUntilSetAside(&rig)
        return rig
    }

    private func failUntilSetAside(_ rig: inout Rig) {
        while rig.farm.devices["device 1"]?.isSetAside != true, let held = rig.farm.workers[rig.worker(1)]?.denoising {
            let attempt = rig.attempt(held.story.rawValue, held.number)
            rig.send(.failed(rig.worker(1), attempt, .denoising, fault))
        }
        #expect(rig.farm.workers[rig.worker(1)]?.isSetAside == true)
    }

    /// Lets time go by while the worker lives.
    private func wait(_ seconds: Int, in rig: inout Rig) -> [FarmAction] {
        (0..<seconds).flatMap { _ in rig.send(.heartbeat(rig.worker(1), []), after: .seconds(1)) }
    }

    private func asked(in actions: [FarmAction]) -> (number: UInt64, segment: SegmentID)? {
        for case .probe(_, let number, let segment) in actions { return (number, segment) }
        return nil
    }

    @Test func itIsProbedWithWhatIsKnownAndTrustedAgain() throws {
        var rig = setAside()
        let digest = try #require(rig.record(1, 1).latents?.file.digest)
        let early = wait(59, in: &rig)
        #expect(asked(in: early) == nil)
        let actions = wait(1, in: &rig)
        let probe = try #require(asked(in: actions))
        #expect(probe.segment == rig.segment(1, 1))
        // An answer to something else is none.
        rig.send(.probed(rig.worker(1), number: probe.number + 1, digest))
        #expect(rig.farm.devices["device 1"]?.isSetAside == true)
        let after = rig.send(.probed(rig.worker(1), number: probe.number, digest))
        #expect(after.contains(.notice(.deviceReadmitted("device 1"))))
        #expect(rig.farm.devices["device 1"] == nil && rig.farm.probes["device 1"] == nil)
        #expect(rig.farm.workers[rig.worker(1)]?.denoising != nil, "it has work again")
    }

    /// Method: no latents, others, and no answer at all.
    @Test func eachProbeInVainDoublesThePause() throws {
        var rig = setAside()
        for (pause, wrong) in [(60, nil), (120, Rig.digest(of: 99)), (240, nil), (480, nil)] {
            let early = wait(pause - 1, in: &rig)
            #expect(asked(in: early) == nil)
            let due = wait(1, in: &rig)
            let probe = try #require(asked(in: due))
            let actions = rig.send(.probed(rig.worker(1), number: probe.number, wrong))
            #expect(actions.contains(.notice(.probeFailed("device 1"))))
            #expect(rig.farm.devices["device 1"]?.isSetAside == true)
        }
        #expect(rig.farm.probes["device 1"]?.attempts == 4)
    }

    @Test func aWorkerThatDiesOfAProbeHasFailedIt() {
        var rig = setAside()
        let due = wait(60, in: &rig)
        #expect(asked(in: due) != nil)
        let actions = rig.send(.left(rig.worker(1), isCrash: true))
        #expect(actions.contains(.notice(.probeFailed("device 1"))))
    }

    @Test func aNewProcessIsProbedAtOnce() throws {
        var rig = setAside()
        rig.send(.left(rig.worker(1), isCrash: false))
        rig.join(2, device: "device 1")
        let due = rig.send(.ticked)
        let probe = try #require(asked(in: due))
        let digest = rig.record(1, 1).latents?.file.digest
        rig.send(.probed(rig.worker(2), number: probe.number, digest))
        #expect(rig.farm.workers[rig.worker(2)]?.isSetAside == false)
    }

    /// Nothing is known to compare it with: then it gets another chance, after ever longer pauses.
    @Test func whereNothingIsKnownItIsTriedAgainLaterAndLater() {
        var rig = setAside(isKnown: false)
        for (round, pause) in [60, 120, 240].enumerated() {
            let (early, due) = (wait(pause - 1, in: &rig), wait(1, in: &rig))
            #expect(!early.contains(.notice(.deviceReadmitted("device 1"))))
            #expect(due.contains(.notice(.deviceReadmitted("device 1"))))
            for story in 1...4 { rig.submit(UInt64(10 * (round + 1) + story), Rig.terms(segments: 1)) }
            failUntilSetAside(&rig)
        }
    }

    @Test func aRestartForgetsNothingOfIt() {
        var rig = setAside()
        let farm = rig.farm
        rig.farm = FarmMachine(
            epoch: 2, restoring: Array(farm.stories.values), devices: farm.devices, heads: [:], now: rig.now)
        rig.join(3, device: "device 1")
        #expect(rig.farm.workers[rig.worker(3)]?.denoising == nil)
        let due = rig.send(.ticked)
        #expect(asked(in: due) != nil)
    }
}
