import Farm
import Storage

extension World {
    // MARK: What workers do

    func perform(_ action: WorkerAction, by id: WorkerID) {
        switch action {
        case .heartbeat(let held): say(.heartbeat(held), id)
        case .publish(let attempt, let step): publish(attempt, step, by: id)
        case .read(let attempt, let stream, let from, let window):
            say(.read(attempt, stream, from: from, window: window), id)
        case .report(let report): say(.report(report), id)
        case .say(stepped: let attempt, let step, let time, waited: _): say(.stepped(attempt, step: step, time), id)
        case .prepare(let grant):
            workers[id]!.begin(grant.attempt)
            queue.add(.finished(id, .prepare(grant)), at: now + time(200))
        case .step(let attempt, let step, let record):
            workers[id]!.taken = nil
            if let record { take(record, at: step, on: id) }
            queue.add(.finished(id, .step(attempt)), at: now + time(100))
        case .save(let attempt, let step): queue.add(.finished(id, .save(attempt, step: step)), at: now + time(60))
        case .upload(let attempt): queue.add(.finished(id, .upload(attempt)), at: now + time(60))
        case .deliver(let attempt, let latents): deliver(attempt, latents, by: id)
        case .uploadVideo(let attempt): queue.add(.finished(id, .uploadVideo(attempt)), at: now + time(60))
        case .abandon(let attempt): workers[id]!.abandon(attempt)
        case .stop: stop(id)
        }
    }

    private func kind(of id: WorkerID) -> DeviceKind { workers[id]!.description.device.kind }

    private func publish(_ attempt: AttemptID, _ step: Int, by id: WorkerID) {
        guard let boundary = workers[id]!.published[step] else {
            return oracle.fail("a boundary is published by whom has none")
        }
        say(.append(attempt, step: step, boundary), id)
    }

    private func take(_ record: Int, at step: Int, on id: WorkerID) {
        guard let (stream, boundary) = workers[id]!.inbox[record] else {
            return oracle.fail("a step was taken without its boundary")
        }
        workers[id]!.latents!.consume(boundary, step: record, of: stream)
        workers[id]!.taken = boundary.checksum
        guard let attempt = workers[id]!.attempt else { return }
        oracle.blended(attempt, step)
        if mutant == .blendsTwice, step > 2 { oracle.blended(attempt, step) }
    }

    private func deliver(_ attempt: AttemptID, _ latents: Artifact, by id: WorkerID) {
        do {
            guard let bytes = try head.read(latents, as: .latents(attempt.segment)) else {
                // Between the grant and its arrival another lease may have ended the segment.
                if farm?.segment(attempt.segment)?.holding?.lease == attempt.lease {
                    oracle.fail("the latents of \(attempt.segment) are gone before they are delivered")
                }
                return
            }
            // The film is the latents backwards.
            workers[id]!.videos[attempt] = bytes.reversed()
            queue.add(.finished(id, .deliver(attempt)), at: now + time(400))
        } catch {
            oracle.fail("not read: \(error)")
        }
    }

    // MARK: What comes of it

    func finish(_ work: WorkerNode.Work, on id: WorkerID) {
        guard workers[id]?.isAlive == true else { return }
        if let paused = workers[id]!.pausedUntil, paused > now {
            return queue.add(.finished(id, work), at: paused + .milliseconds(1))
        }
        switch work {
        case .prepare(let grant): prepare(grant, on: id)
        case .step(let attempt):
            guard workers[id]!.attempt == attempt, !breaksDevice(id, attempt, .denoising) else { return }
            workers[id]!.latents!.advance(with: workers[id]!.taken, on: kind(of: id))
            if faults.contains(.deviceFaults), !isHealing, chaos.chance(0.02) {
                // Not what the kind stands for, and nobody knows: whoever takes the step again writes other bytes.
                count("device computed otherwise")
                workers[id]!.latents!.hash ^= 1
            }
            keepBoundary(of: id)
            wake(id, .stepped(attempt, .milliseconds(50)))
        case .save(let attempt, let step):
            guard workers[id]!.attempt == attempt, let latents = workers[id]!.latents else { return }
            let checkpoint = WorkerNode.Work.uploadCheckpoint(
                attempt, step: step, bytes: latents.bytes, latents.consumed)
            queue.add(.finished(id, checkpoint), at: now + time(300))
            wake(id, .written(attempt))
        case .uploadCheckpoint(let attempt, let step, let bytes, let consumed):
            guard workers[id]!.attempt == attempt else { return }
            guard let file = upload(bytes, as: .checkpoint(attempt.segment), by: id) else {
                return retry(work, on: id)
            }
            if workers[id]!.latents.map({ $0.step > step }) ?? false { count("checkpoint uploaded beside steps") }
            wake(id, .saved(attempt, step: step, file, consumed))
        case .upload(let attempt):
            guard workers[id]!.attempt == attempt, let latents = workers[id]!.latents else { return }
            guard let file = upload(latents.bytes, as: .latents(attempt.segment), by: id) else {
                return retry(work, on: id)
            }
            wake(id, .uploaded(attempt, file, latents.consumed))
        case .deliver(let attempt), .uploadVideo(let attempt):
            guard let video = workers[id]!.videos[attempt] else { return }
            if case .deliver = work, breaksDevice(id, attempt, .delivering) { return }
            guard let file = upload(video, as: .video(attempt.segment), by: id) else {
                return retry(.uploadVideo(attempt), on: id)
            }
            wake(id, .delivered(attempt, file))
        }
    }

    private func prepare(_ grant: Grant, on id: WorkerID) {
        guard workers[id]!.attempt == grant.attempt else { return }
        let segment = grant.attempt.segment
        guard let checkpoint = grant.checkpoint else {
            workers[id]!.latents = .noise(of: segment)
            keepBoundary(of: id)
            return wake(id, .prepared(grant.attempt))
        }
        guard isReachable(by: id) else { return retry(.prepare(grant), on: id) }
        do {
            guard let bytes = try head.read(checkpoint.file, as: .checkpoint(segment)) else {
                if farm?.segment(segment)?.holding?.lease == grant.attempt.lease {
                    oracle.fail("the checkpoint of \(segment) is gone")
                }
                return
            }
            workers[id]!.latents = Latents(bytes)
            keepBoundary(of: id)
            wake(id, .prepared(grant.attempt))
        } catch {
            oracle.fail("not read: \(error)")
        }
    }

    /// Of every step that is entered, also while nobody can be told: it is asked for later.
    private func keepBoundary(of id: WorkerID) {
        guard let latents = workers[id]!.latents else { return }
        workers[id]!.published[latents.step] = latents.boundary(on: kind(of: id))
    }

    private func isReachable(by id: WorkerID) -> Bool { workers[id]!.isConnected && farm != nil && !isStopped }

    /// nil where the coordinator can't be reached or has no room.
    private func upload(_ bytes: [UInt8], as subject: ArtifactSubject, by id: WorkerID) -> Artifact? {
        guard isReachable(by: id) else { return nil }
        do {
            let file = try head.write(bytes, as: subject)
            oracle.uploaded(file)
            return file
        } catch let error as StorageError where error.isDiskFull {
            count("upload refused on a full disk")
        } catch {
            oracle.fail("not stored: \(error)")
        }
        return nil
    }

    private func retry(_ work: WorkerNode.Work, on id: WorkerID) {
        queue.add(.finished(id, work), at: now + .milliseconds(300))
    }
}
