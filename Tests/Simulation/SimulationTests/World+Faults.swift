import Farm

extension World {
    // MARK: Faults

    mutating func breakDevice(_ id: WorkerID, _ attempt: AttemptID) {
        let causes: [FailureClass] = [.deviceFault, .nonFinite, .hang, .inputOutput]
        let cause = chaos.pick(causes)
        count("failure: \(cause)")
        if cause == .hang {
            // It will never finish this step.
            return
        }
        let step = workers[id]!.latents?.step ?? 0
        wake(id, .failed(attempt, .denoising, Failure(cause: cause, step: step, detail: "simulated")))
    }

    /// A person, or the farm itself, finds out whether a device works again.
    mutating func probe(_ device: String) {
        guard farm?.devices[device]?.isSetAside == true else {
            // Asked later where the coordinator is down.
            if farm == nil { queue.add(.probe(device), at: now + .seconds(5)) }
            return
        }
        tell(.probed(device: device))
    }

    mutating func breakSomething() {
        guard !isHealing else { return }
        schedule(.fault, in: chaos.delay(2500))
        let living = workers.values.filter(\.isAlive).map(\.id).sorted()
        let victim = living.isEmpty ? nil : chaos.pick(living)
        switch chaos.number(0...5) {
        case 0, 1: if faults.contains(.workerKills), let victim { count("worker killed"); end(victim) }
        case 2: if faults.contains(.coordinatorKills) { killCoordinator() }
        case 3: if faults.contains(.disconnections), let victim { count("connection cut"); hangUp(victim) }
        case 4:
            guard faults.contains(.pauses), let victim else { return }
            count("worker stopped by a signal")
            workers[victim]!.pausedUntil = now + chaos.delay(6000)
        default: break
        }
    }

    mutating func commandSomething() {
        guard !isHealing else { return }
        schedule(.command, in: people.delay(4000))
        guard farm != nil, !oracle.stories.isEmpty else { return }
        let story = people.pick(oracle.stories.keys.sorted())
        switch people.number(0...9) {
        case 0, 1: tell(.paused(story))
        case 2, 3, 4: tell(.resumed(story))
        case 5: tell(.prioritized(story, people.number(-1...2)))
        case 6:
            let from = people.number(1...oracle.stories[story]!.segmentCount)
            count("revised")
            tell(.revised(story, from: from))
        case 7: tell(.retried(story))
        case 8:
            let living = workers.values.filter(\.isAlive).map(\.id).sorted()
            if !living.isEmpty { tell(.drained(people.pick(living), true)) }
        default: if people.chance(0.2) { tell(.cancelled(story)) }
        }
    }
}
