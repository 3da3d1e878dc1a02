import Farm
import Ledger
import Testing

/// Goal: a farm that is restored from its ledger is the farm that was. Method: random events through the machine, every
/// outcome committed, sometimes many in one batch; now and then the machine is replaced by the restored one.
@Suite struct MachineTests {
    @Test(arguments: UInt64(1)...20) func aRestoredFarmIsTheFarmThatWas(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let ledger = seed % 4 == 0 ? try Ledger(path: folder.file("farm.ledger")) : try Ledger.inMemory()
        var driver = FarmDriver(machine: FarmMachine(epoch: try ledger.raiseEpoch()), seed: seed)
        var seen: Set<SegmentState> = []
        var batch: [FarmChange] = []
        for number in 1...1500 {
            batch += try driver.step { try ledger.nextStoryID() }
            seen.formUnion(driver.machine.stories.values.flatMap { $0.touched.map(\.state) })
            guard number % 7 == 0 else { continue }
            try ledger.commit(batch, at: Double(number))
            batch.removeAll()
            guard number % 35 == 0 else { continue }
            let restored = try ledger.restore()
            try #require(restored.devices == driver.machine.devices, "after \(number) events")
            let expected = driver.machine.stories.values.sorted { $0.id < $1.id }
            try #require(restored.stories.map(\.durable) == expected.map(\.durable), "after \(number) events")
            guard number % 350 == 0 else { continue }
            let epoch = try ledger.raiseEpoch()
            batch += driver.restart(epoch: epoch, with: restored.stories, restored.devices)
        }
        let usual: Set<SegmentState> = [.blocked, .ready, .denoising, .delivering, .finished]
        #expect(seen.isSuperset(of: usual), "the driver gets everywhere")
    }
}

extension StoryRecord {
    /// Without what is transient: what the machine counts, heads of streams, head starts, and untouched segments.
    fileprivate var durable: StoryRecord {
        StoryRecord(
            id: id, terms: terms, priority: priority, state: state, isPaused: isPaused, pin: pin, revision: revision,
            touched: (1...terms.segmentCount).map { segment($0).durable }, assembled: assembled, note: note)
    }
}

extension SegmentRecord {
    fileprivate var durable: SegmentRecord {
        SegmentRecord(
            state: state, holding: holding, generations: generations, checkpoints: checkpoints, latents: latents,
            video: video, failures: failures, losses: losses, failedOn: failedOn, notFinite: notFinite,
            memoryFloor: memoryFloor, writer: writer, note: note)
    }
}
