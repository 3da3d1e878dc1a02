import Storage

@testable import Farm

extension Oracle {
    /// What must hold after every event.
    func check(_ farm: FarmMachine, seed: UInt64) throws {
        var held: [WorkerID: (denoising: [SegmentID], delivering: [SegmentID])] = [:]
        var (waiting, queued, leases) = (0, 0, 0)
        for story in farm.stories.values {
            var isDenoised = true
            var isReady = false
            for (index, record) in story.touched.enumerated() {
                let id = SegmentID(story: story.id, number: UInt32(index + 1))
                if let holding = record.holding {
                    leases += 1
                    switch holding.phase {
                    case .denoising: held[holding.worker, default: ([], [])].denoising.append(id)
                    case .delivering: held[holding.worker, default: ([], [])].delivering.append(id)
                    }
                }
                if record.state == .denoised { waiting += 1 }
                if record.state == .ready { isReady = true }
                if story.terms.handoff != .none, !story.state.isTerminal {
                    if record.isDenoised, !isDenoised { throw Violation(seed: seed, "\(id) was accepted out of order") }
                    isDenoised = isDenoised && record.isDenoised
                }
                if let problem = problem(of: record, in: story) { throw Violation(seed: seed, "\(id) \(problem)") }
            }
            if isReady, story.isRunnable { queued += 1 }
        }
        for (worker, leases) in held.sorted(by: { $0.key < $1.key }) {
            guard leases.denoising.count <= 1, leases.delivering.count <= FarmLimits.deliveriesPerWorker else {
                throw Violation(seed: seed, "\(worker) holds \(leases)")
            }
        }
        for worker in farm.workers.values {
            let leases = held[worker.id] ?? ([], [])
            // After a restart a worker's own leases are known once it has introduced itself.
            let known = [worker.denoising].compactMap { $0 } + worker.delivering
            guard Set(known).isSubset(of: leases.denoising + leases.delivering) else {
                throw Violation(seed: seed, "\(worker.id) is taken to hold \(known), and holds \(leases)")
            }
            if let segment = worker.denoising, worker.recalled == nil,
                worker.isSetAside || farm.stories[segment.story]?.isPaused == true
            {
                throw Violation(seed: seed, "\(segment) is paused, or its device set aside, and nobody recalls it")
            }
        }
        try checkBounds(farm, waiting: waiting, queued: queued, leases: leases, seed: seed)
    }

    private func problem(of record: SegmentRecord, in story: StoryRecord) -> String? {
        if record.checkpoints.count > FarmLimits.checkpointsKept {
            return "keeps \(record.checkpoints.count) checkpoints"
        }
        if record.head > story.terms.recordCount { return "has more records than steps" }
        if record.isClosed, record.holding != nil { return "has ended and is leased" }
        if story.state.isTerminal, record.holding?.phase == .denoising {
            return "is denoised for a story that has ended"
        }
        if record.failures >= FarmLimits.failuresPerSegment, !record.isClosed {
            return "goes on after too many failures"
        }
        return nil
    }

    /// Every queue holds what waits and nothing else.
    private func checkBounds(
        _ farm: FarmMachine, waiting: Int, queued: Int, leases: Int, seed: UInt64
    ) throws {
        let footprint = farm.footprint
        guard footprint.waitingDeliveries == waiting else {
            throw Violation(
                seed: seed, "\(waiting) segments wait for delivery, in queues \(footprint.waitingDeliveries)")
        }
        guard footprint.queuedStories == queued else {
            throw Violation(seed: seed, "\(queued) stories wait for workers, in queues \(footprint.queuedStories)")
        }
        guard footprint.alarms <= 3 * farm.workers.count + farm.stories.count + farm.devices.count + leases else {
            throw Violation(seed: seed, "\(footprint.alarms) alarms")
        }
    }

    // MARK: The end

    /// What must hold when everything is over: nothing lost, every segment made of its predecessor's own boundaries.
    ///
    /// - Parameters:
    ///   - isOfOneKind: where all devices compute the same, the bytes are those of a farm without faults.
    ///   - mayFail: whether a device or a person may have ended a story; all others finish.
    func checkEnd(
        _ farm: FarmMachine, _ head: HeadNode, seed: UInt64, isOfOneKind: Bool, mayFail: Bool
    ) throws {
        for (id, terms) in stories.sorted(by: { $0.key < $1.key }) {
            guard let story = farm.stories[id] else { throw Violation(seed: seed, "story \(id.rawValue) is lost") }
            guard story.state == .finished else {
                guard !mayFail else { continue }
                throw Violation(
                    seed: seed, "story \(id.rawValue) is \(story.state) and not finished: \(story.note ?? "")")
            }
            // A pruned story has its videos only.
            if story.touched.allSatisfy({ $0.latents == nil }) {
                for (index, record) in story.touched.enumerated() {
                    let segment = SegmentID(story: id, number: UInt32(index + 1))
                    guard let video = record.video?.file, head.holds(video, as: .video(segment)) else {
                        throw Violation(seed: seed, "the video of \(segment) is gone")
                    }
                }
                continue
            }
            var reference = Reference(terms)
            for number in 1...terms.segmentCount {
                let segment = SegmentID(story: id, number: UInt32(number))
                let record = story.segment(number)
                guard let file = record.latents?.file, let bytes = try head.read(file, as: .latents(segment)),
                    let video = record.video?.file, head.holds(video, as: .video(segment))
                else { throw Violation(seed: seed, "what was made of \(segment) is gone") }
                let latents = Latents(bytes)
                let expected = reference.render(segment)
                guard !isOfOneKind || latents.hash == expected else {
                    throw Violation(seed: seed, "\(segment) has other latents than without faults")
                }
                guard number > 1 else { continue }
                let before = SegmentID(story: id, number: UInt32(number - 1))
                let records = try head.records(of: before, story.segment(number - 1).generations)
                let read = terms.read(before: terms.steps)
                guard read.isEmpty || read.upperBound <= records.count,
                    latents.read == read.map({ Latents.Reading(step: $0, checksum: records[$0].checksum) })
                else {
                    throw Violation(
                        seed: seed,
                        "\(segment) is not made of the boundaries of \(before): \(terms.handoff) from "
                            + "\(terms.firstBlend) read \(latents.read), log \(records)")
                }
            }
        }
        try checkLeftovers(farm, head, seed: seed)
    }

    private func checkLeftovers(_ farm: FarmMachine, _ head: HeadNode, seed: UInt64) throws {
        for story in head.store.stories {
            for artifact in head.store.artifacts(of: story) {
                let file = Artifact(bytes: artifact.byteCount, digest: artifact.id.digest)
                guard let segment = artifact.id.subject.segment, reportedFiles.contains(file) else { continue }
                guard farm.keeps(segment, file) else {
                    throw Violation(seed: seed, "\(artifact.id) is kept for nobody")
                }
            }
        }
    }
}

/// A story as one worker renders it that never fails.
private struct Reference {
    let terms: StoryTerms
    private var before: [UInt64] = []

    init(_ terms: StoryTerms) { self.terms = terms }

    /// Of the next segment.
    mutating func render(_ segment: SegmentID) -> UInt64 {
        let kind = DeviceKind.simulated("A")
        var latents = Latents.noise(of: segment)
        var records: [UInt64] = []
        for step in 0..<terms.steps {
            records.append(latents.boundary(on: kind).checksum)
            let record = segment.number > 1 ? terms.source(at: step).map { before[$0] } : nil
            latents.advance(with: record, on: kind)
        }
        records.append(latents.boundary(on: kind).checksum)
        before = records
        return latents.hash
    }
}
