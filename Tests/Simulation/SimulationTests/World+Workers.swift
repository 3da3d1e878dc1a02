import Farm

extension World {
    // MARK: Workers

    mutating func startWorker() {
        workersEver += 1
        let id = WorkerID(high: seed, low: workersEver)
        let isOther = faults.contains(.mixedKinds) && chaos.chance(0.3)
        let device = faults.contains(.deviceFaults) ? workersEver % UInt64(workerCount + 2) : workersEver
        let description = WorkerDescription(
            node: "node \(workersEver % 4)", process: Int(workersEver), encoder: "x264",
            device: WorkerDevice(
                uuid: "device \(device)", memoryBytes: 1 << 34, kind: .simulated(isOther ? "B" : "A")))
        workers[id] = WorkerNode(id: id, description: description, now: now)
        schedule(.connect(id), in: network.delay(20))
    }

    mutating func connect(_ id: WorkerID) {
        guard workers[id]?.isAlive == true, !workers[id]!.isConnected else { return }
        guard farm != nil else { return schedule(.connect(id), in: network.delay(900)) }
        workers[id]!.connection += 1
        workers[id]!.isConnected = true
        connections[id] = workers[id]!.connection
        say(.hello(workers[id]!.description, workers[id]!.machine.held), id)
        say(.offer([ModelOffer(name: "embedded", digest: Latents.digest(1))]), id)
    }

    mutating func hangUp(_ id: WorkerID) {
        guard workers[id]?.isConnected == true else { return }
        workers[id]!.isConnected = false
        connections[id] = nil
        tell(.disconnected(id))
        wake(id, .disconnected)
        schedule(.connect(id), in: network.delay(900))
    }

    mutating func say(_ message: Message, _ id: WorkerID) {
        guard workers[id]!.isConnected else { return }
        let connection = workers[id]!.connection
        transmit(.toCoordinator(id, connection: connection, message), message, Route(id, toWorker: false, message))
    }

    mutating func arrive(_ message: Message, at id: WorkerID) {
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
        case .record(let reader, let stream, let step, let checksum):
            if workers[id]!.attempt == reader { workers[id]!.inbox[step] = (stream, checksum) }
            wake(id, .record(reader: reader, stream, step: step))
        case .wanted(let segment, let step): wake(id, .wanted(segment, from: step))
        case .superseded(let reader): wake(id, .superseded(reader: reader))
        default: oracle.fail("the coordinator said \(message)")
        }
    }

    mutating func wake(_ id: WorkerID, _ event: WorkerEvent) {
        guard workers[id]?.isAlive == true else { return }
        if let paused = workers[id]!.pausedUntil, paused > now {
            if event == .ticked { queue.add(.workerAlarm(id), at: paused + .milliseconds(1)) }
            return
        }
        let actions = workers[id]!.machine.handle(event, at: now)
        note(actions)
        for action in actions { perform(action, by: id) }
        if event == .ticked || event == .welcomed || event == .disconnected, workers[id]?.isAlive == true {
            queue.add(.workerAlarm(id), at: max(workers[id]!.machine.nextAlarm, now + .milliseconds(1)))
        }
    }

    mutating func perform(_ action: WorkerAction, by id: WorkerID) {
        switch action {
        case .heartbeat(let held): say(.heartbeat(held), id)
        case .publish(let attempt, let step):
            let checksum = workers[id]!.published[step] ?? workers[id]!.latents!.boundary(on: kind(of: id))
            workers[id]!.published[step] = checksum
            say(.append(attempt, step: step, checksum: checksum), id)
        case .read(let attempt, let stream, let from, let window):
            say(.read(attempt, stream, from: from, window: window), id)
        case .report(let report): say(.report(report), id)
        case .say(stepped: let attempt, let step, let time): say(.stepped(attempt, step: step, time), id)
        case .prepare(let grant):
            workers[id]!.attempt = grant.attempt
            workers[id]!.inbox = [:]
            workers[id]!.published = [:]
            queue.add(.finished(id, .prepare(grant)), at: now + work.delay(200))
        case .step(let attempt, _, let record):
            workers[id]!.taken = nil
            if let record { take(record, on: id) }
            queue.add(.finished(id, .step(attempt)), at: now + work.delay(100))
        case .save(let attempt, let step):
            queue.add(.finished(id, .save(attempt, step: step)), at: now + work.delay(60))
        case .upload(let attempt): queue.add(.finished(id, .upload(attempt)), at: now + work.delay(60))
        case .deliver(let attempt, let latents):
            if disk.files[latents] == nil { oracle.fail("latents to deliver are gone") }
            queue.add(.finished(id, .deliver(attempt, latents)), at: now + work.delay(400))
        case .uploadVideo(let attempt):
            queue.add(
                .finished(id, .deliver(attempt, Artifact(bytes: 5, digest: Latents.digest(2)))),
                at: now + work.delay(60))
        case .abandon(let attempt): if workers[id]!.attempt == attempt { workers[id]!.attempt = nil }
        case .stop: stop(id)
        }
    }

    func kind(of id: WorkerID) -> DeviceKind { workers[id]!.description.device.kind }

    mutating func take(_ record: Int, on id: WorkerID) {
        guard let (stream, checksum) = workers[id]!.inbox[record] else {
            return oracle.fail("a step was taken without its boundary")
        }
        var latents = workers[id]!.latents!
        latents.read.append(checksum)
        if latents.spans.last?.generation != stream.generation {
            latents.spans.append(GenerationSpan(generation: stream.generation, fromStep: record))
        }
        workers[id]!.latents = latents
        workers[id]!.taken = checksum
    }

    mutating func finish(_ work: WorkerNode.Work, on id: WorkerID) {
        guard workers[id]?.isAlive == true else { return }
        if let paused = workers[id]!.pausedUntil, paused > now {
            return queue.add(.finished(id, work), at: paused + .milliseconds(1))
        }
        switch work {
        case .prepare(let grant):
            guard workers[id]!.attempt == grant.attempt else { return }
            if let checkpoint = grant.checkpoint {
                guard let latents = disk.files[checkpoint.file] else {
                    return oracle.fail("the checkpoint of \(grant.attempt.segment) is gone")
                }
                workers[id]!.latents = latents
            } else {
                workers[id]!.latents = .noise(of: grant.attempt.segment)
            }
            wake(id, .prepared(grant.attempt))
        case .step(let attempt):
            guard workers[id]!.attempt == attempt else { return }
            if faults.contains(.deviceFaults), !isHealing, chaos.chance(0.004) { return breakDevice(id, attempt) }
            workers[id]!.latents = workers[id]!.latents!.advanced(with: workers[id]!.taken, on: kind(of: id))
            wake(id, .stepped(attempt, .milliseconds(50)))
        case .save(let attempt, let step):
            guard workers[id]!.attempt == attempt, let latents = workers[id]!.latents else { return }
            guard workers[id]!.isConnected else { return retry(work, on: id) }
            disk.files[latents.file] = latents
            wake(id, .saved(attempt, step: step, latents.file, latents.consumed))
        case .upload(let attempt):
            guard workers[id]!.attempt == attempt, let latents = workers[id]!.latents else { return }
            guard workers[id]!.isConnected else { return retry(work, on: id) }
            disk.files[latents.file] = latents
            wake(id, .uploaded(attempt, latents.file, latents.consumed))
        case .deliver(let attempt, let latents):
            guard workers[id]!.isConnected else { return retry(work, on: id) }
            let video = Artifact(bytes: 5, digest: latents.digest)
            wake(id, .delivered(attempt, video))
        }
    }

    mutating func retry(_ work: WorkerNode.Work, on id: WorkerID) {
        queue.add(.finished(id, work), at: now + .milliseconds(300))
    }

    mutating func stop(_ id: WorkerID) {
        say(.bye, id)
        end(id)
    }

    /// A process is gone; another one takes its place.
    mutating func end(_ id: WorkerID) {
        guard workers[id]?.isAlive == true else { return }
        workers[id]!.isAlive = false
        schedule(.startWorker, in: chaos.delay(1500))
        guard workers[id]!.isConnected else { return }
        workers[id]!.isConnected = false
        let connection = workers[id]!.connection
        if connections[id] == connection {
            connections[id] = nil
            tell(.disconnected(id))
        }
    }
}
