import Control
import Farm
import Script

extension Dispatcher {
    // MARK: The farm at a glance

    /// Between two counts of all stories while nothing changes but the time.
    private static let countInterval = Duration.milliseconds(100)

    /// Counted anew when something has changed: many who ask do not keep it from deciding.
    func queue() -> QueueReport {
        let now = clock.now
        if let counted, counted.alterations == alterations, now - counted.time < Self.countInterval {
            return counted.report
        }
        let report = countedQueue()
        counted = (report, alterations, now)
        return report
    }

    private func countedQueue() -> QueueReport {
        let census = census()
        return QueueReport(
            segments: census.segments.named, stories: census.stories.named, workers: census.workers.named,
            backlogSeconds: census.backlog / .seconds(1),
            oldestReadySeconds: census.oldestReady.map { $0 / .seconds(1) }, waiting: waiting())
    }

    /// Stories that nobody here can render, and why.
    private func waiting() -> [QueueReport.Waiting] {
        let offers = farm.workers.values.flatMap(\.offers)
        var waiting: [QueueReport.Waiting] = []
        for story in farm.stories.values.filter({ !$0.state.isTerminal }).sorted(by: { $0.id < $1.id }) {
            guard waiting.count < 100 else { break }
            let reason: String? =
                if story.isPaused {
                    "it is paused"
                } else if farm.workers.isEmpty {
                    "no worker is connected"
                } else if !offers.contains(where: { $0.name == story.terms.model }) {
                    "no worker has the model '\(story.terms.model)'"
                } else if let pin = story.pin, !offers.contains(where: { $0.digest == pin.model }) {
                    "it was begun with another version of '\(story.terms.model)' than any worker has"
                } else {
                    story.note
                }
            if let reason { waiting.append(.init(story: story.id.rawValue, reason: reason)) }
        }
        return waiting
    }

    func workers() async -> [WorkerOverview] {
        let pictured = await vault.pictured(farm.workers.values.compactMap(\.denoising))
        return farm.workers.values.map { worker in
            let device = worker.description.device
            return WorkerOverview(
                id: worker.id.hexadecimal, node: worker.description.node, process: worker.description.process,
                device: device.uuid, accelerator: device.kind.accelerator, memoryBytes: device.memoryBytes,
                freeBytes: sightings.workers[worker.id]?.freeBytes,
                usedBytes: sightings.workers[worker.id]?.usedBytes, models: worker.offers.map(\.name),
                state: state(of: worker), denoising: worker.denoising.map { work(on: $0, pictured) },
                delivering: worker.delivering.map { work(on: $0, pictured) },
                isSimulated: worker.description.isSimulated, note: note(on: worker))
        }.sorted { ($0.node, $0.process) < ($1.node, $1.process) }
    }

    /// Of a device that was set aside: why, and when it may come back.
    private func note(on worker: WorkerRecord) -> String? {
        let uuid = worker.description.device.uuid
        guard worker.isSetAside, let device = farm.devices[uuid], let probe = farm.probes[uuid] else { return nil }
        let failed = "failed \(device.failed.count) segments" + (probe.attempts > 0 ? ", \(probe.attempts) probes" : "")
        if probe.running != nil { return "\(failed); is probed" }
        let seconds = max(0, Int((probe.next - clock.now) / .seconds(1)))
        return "\(failed); probed in \(seconds) s, or when its worker is started again"
    }

    func drain(worker id: String, _ isDraining: Bool) async throws(ControlError) {
        guard let worker = WorkerID(hexadecimal: id), farm.workers[worker] != nil else {
            throw .notFound(what: "worker \(id)")
        }
        try requireLedger()
        sightings.note(worker, isLeaving: isDraining)
        try await decide(.drained(worker, isDraining))
    }

    private func work(on id: SegmentID, _ pictured: Set<SegmentID>) -> WorkerOverview.Work {
        let seen = sightings.segments[id]
        return .init(
            story: id.story.rawValue, segment: Int(id.number), step: seen?.step ?? 0, activity: seen?.activity,
            secondsPerStep: seen?.stepTime.map { $0 / .seconds(1) }, hasPreview: pictured.contains(id))
    }

    private func state(of worker: WorkerRecord) -> String {
        "\(FarmCensus.WorkerGroup(worker, isConnected: connections[worker.id] != nil))"
    }

    // MARK: A story

    func detail(
        of record: StoryRecord, _ story: ResolvedStory, _ overview: StoryOverview, _ pictured: Set<SegmentID>
    ) -> StoryDetail {
        let segments = story.segments.enumerated().map { index, texts in
            let id = SegmentID(story: record.id, number: UInt32(index + 1))
            let segment = record.segment(index + 1)
            let seen = sightings.segments[id]
            return StoryDetail.Segment(
                number: index + 1, state: "\(segment.state)", scene: texts.scene, action: texts.action,
                step: segment.isDenoised ? record.terms.steps : seen?.step ?? segment.resumeStep,
                worker: segment.holding?.worker.hexadecimal, activity: seen?.activity,
                secondsPerStep: seen?.stepTime.map { $0 / .seconds(1) }, failures: segment.failures,
                note: segment.note, hasPreview: pictured.contains(id))
        }
        return StoryDetail(
            overview: overview, revision: record.revision, model: story.model, script: story.json,
            steps: record.terms.steps, awaitsDefaults: record.pin == nil && !catalog.knows(story.model),
            pin: record.pin.map(StoryDetail.Pin.init), segments: segments,
            secondsLeft: secondsLeft(of: segments, steps: record.terms.steps))
    }

    /// As it goes now: the steps that are left, shared among those who work on the story.
    private func secondsLeft(of segments: [StoryDetail.Segment], steps: Int) -> Double? {
        let paces = segments.compactMap(\.secondsPerStep)
        guard !paces.isEmpty else { return nil }
        let left = segments.reduce(0) { $0 + max(0, steps - $1.step) }
        let pace = paces.reduce(0, +) / Double(paces.count)
        return Double(left) * pace / Double(paces.count)
    }
}

extension StoryDetail.Pin {
    init(_ pin: Farm.Pin) {
        let kind = pin.kind
        let threads = kind.threads == 1 ? "1 thread" : "\(kind.threads) threads"
        self.init(
            model: "\(pin.model)",
            device: [kind.accelerator, kind.cpuLevel, "libtorch \(kind.libtorch)", kind.precision, threads]
                .filter { !$0.isEmpty }.joined(separator: " "),
            encoder: pin.encoder, isSimulated: pin.isSimulated)
    }
}
