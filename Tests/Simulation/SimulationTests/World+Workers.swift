import Farm

extension World {
    // MARK: Workers

    func startWorker() {
        workersEver += 1
        let id = WorkerID(high: seed, low: workersEver)
        let isOther = faults.contains(.mixedKinds) && chaos.chance(0.3)
        let device = faults.contains(.deviceFaults) ? workersEver % UInt64(setting.workers + 2) : workersEver
        let description = WorkerDescription(
            node: "node \(workersEver % 4)", process: Int(workersEver), encoder: "x264",
            device: WorkerDevice(
                uuid: "device \(device)", memoryBytes: 1 << 34, kind: .simulated(isOther ? "B" : "A")))
        workers[id] = WorkerNode(id: id, description: description, now: now)
        schedule(.connect(id), in: network.delay(20))
    }

    func arrive(_ message: Message, at id: WorkerID) {
        if let paused = workers[id]?.pausedUntil, paused > now {
            let connection = workers[id]!.connection
            return queue.add(.toWorker(id, connection: connection, message), at: paused + .milliseconds(1))
        }
        switch message {
        case .welcome: wake(id, .welcomed)
        case .grant(let grant, let terms): wake(id, .granted(grant, terms, checkpointEvery: 4))
        case .recall(let attempt, let reason, let saves): wake(id, .recalled(attempt, reason, savesCheckpoint: saves))
        case .answer(let attempt, let report, let outcome): wake(id, .answered(attempt, report, outcome))
        case .drain: wake(id, .drainRequested)
        case .stored(let segment, let step): wake(id, .stored(segment, step: step))
        case .record(let reader, let stream, let step, let boundary):
            if workers[id]!.attempt == reader { workers[id]!.inbox[step] = (stream, boundary) }
            wake(id, .record(reader: reader, stream, step: step))
        case .wanted(let segment, let step): wake(id, .wanted(segment, from: step))
        case .superseded(let reader): wake(id, .superseded(reader: reader))
        default: oracle.fail("the coordinator said \(message)")
        }
    }

    func wake(_ id: WorkerID, _ event: WorkerEvent) {
        guard workers[id]?.isAlive == true else { return }
        if let paused = workers[id]!.pausedUntil, paused > now {
            if event == .ticked { setAlarm(of: id, at: paused + .milliseconds(1)) }
            return
        }
        let actions = workers[id]!.machine.handle(event, at: now)
        note(actions)
        for action in actions { perform(action, by: id) }
        if workers[id]?.isAlive == true {
            setAlarm(of: id, at: max(workers[id]!.machine.nextAlarm, now + .milliseconds(1)))
        }
    }

    private func setAlarm(of id: WorkerID, at time: Moment) {
        guard workers[id]!.alarmAt.map({ time < $0 }) ?? true else { return }
        workers[id]!.alarmAt = time
        queue.add(.workerAlarm(id), at: time)
    }

    func ring(_ id: WorkerID) {
        guard let time = workers[id]?.alarmAt, time <= now else { return }
        workers[id]!.alarmAt = nil
        wake(id, .ticked)
    }

    func stop(_ id: WorkerID) {
        say(.bye, id)
        end(id)
    }

    /// A process is gone; another one takes its place.
    func end(_ id: WorkerID) {
        guard workers[id]?.isAlive == true else { return }
        workers[id]!.isAlive = false
        if setting.replacesWorkers { schedule(.startWorker, in: chaos.delay(1500)) }
        guard workers[id]!.isConnected else { return }
        workers[id]!.isConnected = false
        if connections[id] == workers[id]!.connection {
            connections[id] = nil
            tell(.disconnected(id))
        }
    }
}
