import Farm
import StorageSamples

extension World {
    // MARK: Faults

    /// Whether a device broke in the middle of its work.
    func breaksDevice(_ id: WorkerID, _ attempt: AttemptID, _ phase: LeasePhase) -> Bool {
        guard faults.contains(.deviceFaults), !isHealing, chaos.chance(phase == .denoising ? 0.05 : 0.2) else {
            return false
        }
        var causes: [FailureClass] = [.deviceFault, .nonFinite, .inputOutput, .crash]
        if phase == .denoising { causes.append(.hang) }
        if chaos.chance(0.3) { causes += [.outOfMemory, .badInput] }
        let cause = chaos.pick(causes)
        count("failure: \(cause)" + (phase == .delivering ? " in delivering" : ""))
        // What hangs will never finish this step, nor say so.
        guard cause != .hang else { return true }
        let step = workers[id]!.latents?.step ?? 0
        wake(id, .failed(attempt, phase, Failure(cause: cause, step: step, detail: "simulated")))
        return true
    }

    /// A worker has rendered what it was asked to; what it says may be lost with the coordinator.
    func finishProbe(_ worker: WorkerID, _ number: UInt64, _ digest: Digest?) {
        if farm?.workers[worker] != nil { tell(.probed(worker, number: number, digest)) }
    }

    func breakSomething() {
        guard !isHealing else { return }
        schedule(.fault, in: chaos.delay(2000))
        let living = workers.values.filter(\.isAlive).map(\.id).sorted()
        let victim = living.isEmpty ? nil : chaos.pick(living)
        switch chaos.number(0...7) {
        case 0, 1: if faults.contains(.workerKills), let victim { kill(victim) }
        case 2: if faults.contains(.coordinatorKills) { killCoordinator() }
        case 3: if faults.contains(.disconnections), let victim { count("connection cut"); hangUp(victim) }
        case 4:
            guard faults.contains(.pauses), let victim else { return }
            count("worker stopped by a signal")
            workers[victim]!.pausedUntil = now + chaos.delay(6000)
        case 5: if faults.contains(.clockJumps) { stopCoordinator() }
        case 6: if faults.contains(.fullDisk) { fillDisk() }
        default: break
        }
    }

    private func kill(_ id: WorkerID) {
        switch workers[id]!.machine.held.first?.activity {
        case .uploading: count("worker killed before its latents were accepted")
        case .saving: count("worker killed while it saved")
        case .waiting: count("worker killed while it waited")
        default: count("worker killed")
        }
        end(id)
    }

    /// Its process is stopped and goes on later, when its clock has gone on; by then connections may have broken.
    private func stopCoordinator() {
        guard farm != nil, !isStopped else { return }
        count("coordinator stopped by a signal")
        let time = chaos.chance(0.2) ? Duration.seconds(chaos.number(30...3600)) : chaos.delay(5000)
        stoppedUntil = now + time
        schedule(.goOn, in: time)
        guard time > .seconds(8) else { return }
        for (id, connection) in connections.sorted(by: { $0.key < $1.key }) {
            queue.add(.cut(id, connection: connection), at: now + .seconds(8) + network.delay(1000))
        }
    }

    func goOn() {
        guard isStopped else { return }
        stoppedUntil = nil
        var waiting: [Happening] = []
        swap(&waiting, &backlog)
        for happening in waiting { take(happening) }
    }

    private func fillDisk() {
        guard head.disk.capacity == .max else { return }
        count("disk filled")
        head.disk.capacity = head.disk.usedBytes + (chaos.chance(0.4) ? 0 : chaos.number(1...400))
        schedule(.diskHasRoom, in: chaos.delay(6000))
    }

    func loseAllButOneWorker() {
        let living = workers.values.filter(\.isAlive).map(\.id).sorted()
        guard let survivor = living.isEmpty ? nil : chaos.pick(living) else { return }
        for id in living where id != survivor {
            count("worker lost for good")
            end(id)
        }
    }

    // MARK: People

    func commandSomething() {
        guard !isHealing else { return }
        schedule(.command, in: people.delay(4000))
        guard farm != nil, !oracle.stories.isEmpty else { return }
        let story = people.pick(oracle.stories.keys.sorted())
        switch people.number(0...10) {
        case 0, 1: tell(.paused(story))
        case 2, 3, 4: tell(.resumed(story))
        case 5: tell(.prioritized(story, people.number(-1...2)))
        case 6:
            let from = people.number(1...oracle.stories[story]!.segmentCount)
            // As the coordinator refuses it.
            guard let record = farm!.stories[story], record.firstRendered(for: from) == from else { return }
            count("revised")
            tell(.revised(story, from: from))
        case 7:
            guard let record = farm!.stories[story] else { return }
            let lowest = min(record.lowest, record.terms.segmentCount)
            if record.firstRendered(for: lowest) == lowest { tell(.retried(story)) }
        case 8:
            let living = workers.values.filter(\.isAlive).map(\.id).sorted()
            if !living.isEmpty { tell(.drained(people.pick(living), true)) }
        case 9: if people.chance(0.5) { tell(.deleted(story)) }
        default:
            if people.chance(0.2) {
                tell(.cancelled(story))
            } else if farm!.stories[story]?.isAtRest == true {
                count("pruned")
                tell(.pruned(story))
            }
        }
    }
}
