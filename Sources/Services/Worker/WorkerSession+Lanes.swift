import Farm
import Foundation
import Logging
import Script
import Telemetry
import Transport
import Wire

extension WorkerSession {
    /// What the engine does, one after the other.
    enum DenoisingWork {
        case warmUp
        case action(WorkerAction)
        case probe(Message.Probe)
    }

    /// A state on this disk that goes to the coordinator's, and what it was made of.
    struct WrittenCheckpoint {
        let attempt: AttemptID
        let step: Int
        let path: String
        let consumed: Consumed
    }

    struct Received {
        let frame: Frame
        let generation: Generation
        let checksum: UInt64
    }

    // MARK: The segment that is denoised

    func workOnDenoising() async {
        for await work in denoising {
            switch work {
            case .warmUp: await warmUp()
            case .action(let action): await perform(action)
            case .probe(let probe): await render(probe)
            }
        }
    }

    /// The first model is loaded before anybody waits for it. What is wrong with it, the first lease reports.
    private func warmUp() async {
        do {
            try await engine.warmUp()
            becomeReady()
        } catch {
            logger.error("model not loaded", metadata: ["error": "\(EngineFailure.judged(error).detail)"])
        }
    }

    private func perform(_ action: WorkerAction) async {
        switch action {
        case .prepare(let grant): await prepare(grant)
        case .publish(let attempt, let step): await publish(attempt, step)
        case .step(let attempt, let step, let record): await take(attempt, step, record)
        case .save(let attempt, let step): await save(attempt, step)
        case .upload(let attempt): await uploadLatents(of: attempt)
        case .abandon(let attempt): await abandon(attempt)
        case .heartbeat, .read, .report, .say, .deliver, .uploadVideo, .stop: break
        }
    }

    /// Renders what the farm knows, so that it can tell whether this device still computes right.
    private func render(_ probe: Message.Probe) async {
        var answer = Message.Probed(number: probe.number, detail: "")
        do {
            let work = try SegmentWork(probe)
            let path = scratch("probe")
            defer { remove(path) }
            do {
                try await engine.begin(work, checkpoint: nil)
                for _ in 0..<work.settings.sampling.steps {
                    guard ending == nil else { break }
                    _ = try await engine.step(work.attempt, with: nil)
                }
                try await engine.saveLatents(of: work.attempt, to: path)
                await engine.forget(work.attempt)
            } catch {
                await engine.forget(work.attempt)
                throw error
            }
            answer.digest = try Artifact(of: path).digest
        } catch {
            answer.detail = Detail(EngineFailure.judged(error).detail)
        }
        send(.probed(answer))
    }

    /// Does something for an attempt as long as it is wanted; what goes wrong is the attempt's failure.
    private func attempting(_ attempt: AttemptID, _ phase: LeasePhase, _ body: (SegmentWork) async throws -> Void) async
    {
        guard wanted.contains(attempt), let work = works[attempt] else { return }
        do { try await body(work) } catch {
            guard wanted.contains(attempt), error as? Courier.Failure != .cancelled else { return }
            let failure = EngineFailure.judged(error)
            logger.error(
                "attempt failed",
                metadata: .attempt(attempt).adding(["class": "\(failure.cause)", "error": "\(failure.detail)"]))
            handle(.failed(attempt, phase, failure))
        }
    }

    private func prepare(_ grant: Grant) async {
        let attempt = grant.attempt
        await attempting(attempt, .denoising) { work in
            var file: String?
            defer { file.map(remove) }
            if let checkpoint = grant.checkpoint {
                let path = scratch("checkpoint")
                file = path
                try await courier.download(
                    checkpoint.file, as: .checkpoint, of: attempt, to: path, keepsGoing: stillWanted(attempt))
                consumed[attempt] = ConsumedRecords(
                    resuming: checkpoint.consumed, read: work.terms.read(before: checkpoint.step))
            } else {
                consumed[attempt] = ConsumedRecords()
            }
            try await engine.begin(work, checkpoint: file)
            handle(.prepared(attempt))
        }
    }

    private func publish(_ attempt: AttemptID, _ step: Int) async {
        await attempting(attempt, .denoising) { _ in
            let frame: Frame
            if let known = published[attempt]?[step] {
                frame = known
            } else {
                frame = Frame(try await engine.boundary(of: attempt, entering: step))
                published[attempt, default: [:]][step] = frame
            }
            let checksum = frame.withUnsafeBytes { Checksum.of($0) }
            trace("boundary sent", attempt.segment, step)
            sendData(
                .boundaryAppend(.init(attempt: attempt, step: step, bytes: frame.count, checksum: checksum)), [frame])
        }
    }

    private func take(_ attempt: AttemptID, _ step: Int, _ record: Int?) async {
        await attempting(attempt, .denoising) { work in
            var boundary: [UInt8]?
            if let record, let found = received[attempt]?[record] {
                consumed[attempt]?.add(record, of: found.generation, checksum: found.checksum)
                boundary = found.frame.bytes
                // One boundary of finished latents is blended with at every step.
                if work.settings.handoff != .final { received[attempt]?[record] = nil }
            }
            let report = try await engine.step(attempt, with: boundary)
            reports[attempt] = report
            handle(.stepped(attempt, report.time))
            await show(attempt, step + 1, report)
        }
    }

    private func show(_ attempt: AttemptID, _ step: Int, _ report: StepReport) async {
        guard case .denoising(let job)? = jobs[attempt]?.job, job.previewEvery > 0, step % job.previewEvery == 0,
            isAttached, let picture = try? await engine.picture(of: attempt),
            picture.jpeg.count <= WireLimits.previewBytes
        else { return }
        var progress = progress(of: attempt, step: step, time: report.time)
        progress.preview = .init(
            bytes: picture.jpeg.count, format: .known(.jpeg), width: picture.width, height: picture.height)
        sendData(.progress(progress), [Frame(picture.jpeg)])
    }

    private func save(_ attempt: AttemptID, _ step: Int) async {
        let path = scratch("checkpoint")
        var isWritten = false
        await attempting(attempt, .denoising) { _ in
            try await engine.save(attempt, to: path)
            let read = consumed[attempt]?.consumed ?? ConsumedRecords().consumed
            checkpointLane.yield(WrittenCheckpoint(attempt: attempt, step: step, path: path, consumed: read))
            isWritten = true
            handle(.written(attempt))
        }
        if !isWritten { remove(path) }
    }

    /// Uploads checkpoints beside the steps.
    func workOnCheckpoints() async {
        for await checkpoint in checkpoints {
            await attempting(checkpoint.attempt, .denoising) { _ in
                let file = try await upload(checkpoint.path, .checkpoint, checkpoint.attempt)
                handle(.saved(checkpoint.attempt, step: checkpoint.step, file, checkpoint.consumed))
            }
            remove(checkpoint.path)
        }
    }

    private func uploadLatents(of attempt: AttemptID) async {
        await attempting(attempt, .denoising) { _ in
            let path = scratch("latents")
            let file: Artifact
            do {
                try await engine.saveLatents(of: attempt, to: path)
                file = try await upload(path, .latents, attempt)
            } catch {
                remove(path)
                throw error
            }
            keep(path, as: file)
            let read = consumed[attempt]?.consumed ?? ConsumedRecords().consumed
            handle(.uploaded(attempt, file, read))
        }
    }

    private func upload(_ path: String, _ kind: Message.TransferKind, _ attempt: AttemptID) async throws -> Artifact {
        let (file, number) = try await courier.upload(
            path, as: kind, of: attempt, keepsGoing: stillWanted(attempt))
        transfers[attempt, default: [:]][file.digest] = number
        return file
    }

    private func abandon(_ attempt: AttemptID) async {
        await engine.forget(attempt)
        forget(attempt)
    }

    private func forget(_ attempt: AttemptID) {
        (works[attempt], jobs[attempt], published[attempt], transfers[attempt]) = (nil, nil, nil, nil)
        (received[attempt], consumed[attempt], reports[attempt], times[attempt]) = (nil, nil, nil, nil)
    }

    // MARK: Segments that are delivered

    func workOnDeliveries() async {
        for await action in delivering {
            switch action {
            case .deliver(let attempt, let file): await deliver(attempt, file)
            // The video is made again from the latents: it was the coordinator's disk that lost it.
            case .uploadVideo(let attempt):
                if case .delivering(let job)? = jobs[attempt]?.job { await deliver(attempt, job.latents) }
            default: break
            }
        }
    }

    private func deliver(_ attempt: AttemptID, _ file: Artifact) async {
        await attempting(attempt, .delivering) { work in
            let path: String
            if let here = latents[file.digest], FileManager.default.fileExists(atPath: here) {
                path = here
            } else {
                path = scratch("latents")
                do {
                    try await courier.download(
                        file, as: .latents, of: attempt, to: path, keepsGoing: stillWanted(attempt))
                } catch {
                    remove(path)
                    throw error
                }
                keep(path, as: file)
            }
            let video = scratch("mp4")
            defer { remove(video) }
            _ = try await engine.deliver(work, latents: path, to: video, keepsGoing: stillWanted(attempt))
            let delivered = try await upload(video, .video, attempt)
            handle(.delivered(attempt, delivered))
        }
    }

    // MARK: Scratch files

    /// Finished latents are worth keeping until they are delivered: the last few.
    private func keep(_ path: String, as file: Artifact) {
        latents[file.digest] = path
        order.append(file.digest)
        while order.count > Self.latentsKept {
            let oldest = order.removeFirst()
            if !order.contains(oldest) { latents.removeValue(forKey: oldest).map(remove) }
        }
    }

    private static var latentsKept: Int { FarmLimits.deliveriesPerWorker + 2 }

    private func scratch(_ kind: String) -> String {
        scratchNumber += 1
        return "\(configuration.scratch)/\(scratchNumber).\(kind)"
    }

    private func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    private nonisolated func stillWanted(_ attempt: AttemptID) -> @Sendable () -> Bool {
        { [wanted] in wanted.contains(attempt) }
    }
}
