import Farm
import HostFacts
import Logging
import Script
import Synchronization
import Transport
import Wire

/// The driver of a worker's side of the protocol: hears, has the machine decide, says and has the engine work.
///
/// Work goes in two lanes, one for the segment that is denoised and one for those that are delivered; in each of them
/// one thing is done after the other.
actor WorkerSession {
    let configuration: WorkerConfiguration
    let engine: any Engine
    let control: Link
    let courier: Courier
    let logger: Logger
    let encoder: String
    private let readiness: @Sendable (Bool) -> Void
    private let openData: @Sendable (String) throws(SocketError) -> Link
    private let secret = Secret.random()
    private let start = ContinuousClock.now

    private var machine: WorkerMachine
    private var data: Link?
    private var dataEndpoint: String?
    private(set) var isAttached = false
    private(set) var ending: WorkerEnding?
    private var approach = Approach()
    private var isAskedToStop = false
    private var isLeaving = false
    private var beats: UInt64 = 0
    private var stepsEver: UInt64 = 0
    /// Asks for everything to be given back, from wherever nothing can wait.
    nonisolated let stop: AsyncStream<Void>.Continuation
    private let stops: AsyncStream<Void>
    private let (opened, openedData) = AsyncStream.makeStream(of: Link.self)

    let (denoising, denoisingLane) = AsyncStream.makeStream(of: DenoisingWork.self)
    let (checkpoints, checkpointLane) = AsyncStream.makeStream(of: WrittenCheckpoint.self)
    let (delivering, deliveringLane) = AsyncStream.makeStream(of: WorkerAction.self)
    /// What leases ask for, by attempt.
    var works: [AttemptID: SegmentWork] = [:]
    var jobs: [AttemptID: Message.LeaseGrant] = [:]
    /// Attempts that somebody works for; what is done for others is for nothing.
    let wanted = WantedAttempts()
    /// Boundaries of the attempt at hand, by step; may have to be sent again.
    var published: [AttemptID: [Int: Frame]] = [:]
    /// The predecessor's, by step.
    var received: [AttemptID: [Int: Received]] = [:]
    var consumed: [AttemptID: ConsumedRecords] = [:]
    var reports: [AttemptID: StepReport] = [:]
    /// Of attempts whose finished latents are uploaded.
    var times: [AttemptID: StepTimes] = [:]
    /// Numbers of the last transfers, for the reports about them.
    var transfers: [AttemptID: [Digest: UInt64]] = [:]
    /// Files of finished latents that are still here, by their digest.
    var latents: [Digest: String] = [:]
    var order: [Digest] = []
    var scratchNumber = 0

    init(
        _ configuration: WorkerConfiguration, engine: any Engine, control: Link, encoder: String, logger: Logger,
        readiness: @escaping @Sendable (Bool) -> Void,
        openData: @escaping @Sendable (String) throws(SocketError) -> Link
    ) {
        (self.configuration, self.engine, self.control) = (configuration, engine, control)
        (self.encoder, self.logger, self.openData, self.readiness) = (encoder, logger, openData, readiness)
        courier = Courier(shared: configuration.shared, logger: logger)
        (stops, stop) = AsyncStream.makeStream(of: Void.self)
        machine = WorkerMachine(now: Moment(microseconds: 0))
    }

    /// Works until it is drained, forsaken or refused.
    func run() async -> WorkerEnding {
        denoisingLane.yield(.warmUp)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.watchControl() }
            group.addTask { await self.tick() }
            group.addTask { await self.workOnDenoising() }
            group.addTask { await self.workOnCheckpoints() }
            group.addTask { await self.workOnDeliveries() }
            group.addTask { await self.serveData() }
            group.addTask { for await _ in self.stops { await self.requestStop() } }
            for await message in control.messages { receive(message) }
            denoisingLane.finish()
            checkpointLane.finish()
            deliveringLane.finish()
            openedData.finish()
            data?.beginClosing()
            await courier.close()
            stop.finish()
            group.cancelAll()
        }
        return ending ?? .forsaken(approach.stage)
    }

    /// Gives everything back at the next step, then leaves.
    private func requestStop() {
        isAskedToStop = true
        beginLeaving()
        if machine.isConnected { send(.drain(.init(reason: .known(.shutdown), grace: .zero))) }
        handle(.stopRequested)
    }

    // MARK: Deciding

    private var now: Moment { Moment(microseconds: Int64((ContinuousClock.now - start) / .microseconds(1))) }

    func becomeReady() { if !isLeaving, ending == nil { readiness(true) } }

    private func beginLeaving() {
        isLeaving = true
        readiness(false)
    }

    func handle(_ event: WorkerEvent) {
        guard ending == nil else { return }
        // The machine lets go of an attempt with its last report.
        if case .uploaded(let attempt, _, _) = event { times[attempt] = machine.times }
        for action in machine.handle(event, at: now) { perform(action) }
    }

    private func tick() async {
        while !Task.isCancelled, ending == nil {
            let next = min(machine.nextAlarm - now, .seconds(1))
            try? await ContinuousClock().sleep(for: max(next, .milliseconds(1)))
            handle(.ticked)
        }
    }

    private func perform(_ action: WorkerAction) {
        switch action {
        case .heartbeat(let held):
            beats += 1
            let memory = engine.memory
            send(
                .heartbeat(
                    .init(
                        number: beats, steps: stepsEver, held: held, freeBytes: memory.freeBytes,
                        usedBytes: memory.usedBytes)))
        case .read(let attempt, let stream, let step, let window):
            sendData(.boundaryRead(.init(reader: attempt, stream: stream, fromStep: step, window: window)))
        case .report(let report): say(report)
        case .say(let attempt, let step, let time, let waited):
            stepsEver += 1
            send(.progress(progress(of: attempt, step: step, time: time, waited: waited)))
        case .publish, .step, .save, .upload: denoisingLane.yield(.action(action))
        case .prepare(let grant):
            wanted.add(grant.attempt)
            denoisingLane.yield(.action(action))
        case .deliver(let attempt, _):
            wanted.add(attempt)
            deliveringLane.yield(action)
        case .uploadVideo: deliveringLane.yield(action)
        case .abandon(let attempt):
            wanted.remove(attempt)
            // Not in the lane, which may be waiting for just that.
            Task { await courier.cancel(attempt) }
            denoisingLane.yield(.action(action))
        case .stop: end(isAskedToStop || machine.isConnected ? .drained : .forsaken(approach.stage))
        }
    }

    func progress(of attempt: AttemptID, step: Int, time: Duration, waited: Duration = .zero) -> Message.Progress {
        let report = reports[attempt]
        return .init(
            attempt: attempt, step: step, stepTime: time, waitTime: waited,
            sceneWeight: Float(report?.sceneWeight ?? 0), noiseDeviation: Float(report?.frameZeroDeviation ?? 0),
            similarityDropped: report?.isSimilarityDropped ?? false)
    }

    private func end(_ reason: WorkerEnding) {
        guard ending == nil else { return }
        ending = reason
        if reason == .drained { send(.bye(.init(reason: .known(.drained), detail: ""))) }
        control.beginClosing()
    }

    // MARK: Control

    private func watchControl() async {
        for await event in control.connectionEvents {
            note(event.kind)
            switch event.kind {
            case .ready: introduce()
            case .disconnected: handle(.disconnected)
            case .notAdmitted: end(.refused("the coordinator does not know this worker's key"))
            case .handshakeFailed(let failure): logger.warning("handshake failed", metadata: ["how": "\(failure)"])
            case .connected, .accepted, .retrying, .acceptFailed, .violation: break
            }
        }
    }

    /// Says once why nothing happens; and stops where that is beyond repair from here.
    private func note(_ kind: ConnectionEvent.Kind) {
        switch approach.note(kind) {
        case .nobodyListens?:
            logger.notice("nobody listens there yet", metadata: ["coordinator": "\(configuration.coordinator)"])
        case .unwelcome?: end(.unwelcome)
        case nil: break
        }
    }

    private func introduce() {
        send(
            .hello(
                .init(
                    secret: secret, node: configuration.node, process: Int(HostProcess.id), build: WorkerBuild.name,
                    encoder: encoder, device: engine.device, held: machine.held, isSimulated: engine.isSimulated)))
        offer()
    }

    /// Whoever cannot be sent a boundary offers nothing: what it was leased would stand still.
    private func offer() { send(.offer(.init(models: isAttached ? engine.models : []))) }

    private func receive(_ multipart: Multipart) {
        guard let message = decode(multipart, .control) else { return }
        switch message {
        case .welcome(let welcome):
            let endpoint = TCPEndpoint(welcome.dataEndpoint)?.reached(as: TCPEndpoint(configuration.coordinator))
            let place = endpoint?.description ?? welcome.dataEndpoint
            if dataEndpoint != place { open(place) }
            handle(.welcomed)
        case .refused(let refusal):
            switch refusal.reason {
            case .known(.version), .known(.notAdmitted), .known(.full): end(.refused(refusal.detail.text))
            // The connection ends; the next one begins anew.
            case .known, .unknown: logger.notice("refused", metadata: ["reason": "\(refusal.detail.text)"])
            }
        case .leaseGrant(let grant): begin(grant)
        case .recall(let recall):
            let reason: RecallReason = if case .known(let reason) = recall.reason { reason } else { .neededEarlier }
            handle(.recalled(recall.attempt, reason, savesCheckpoint: recall.checkpoint))
        case .verdict(let verdict): handle(.answered(verdict.attempt, verdict.report, verdict.outcome))
        case .drain:
            beginLeaving()
            handle(.drainRequested)
        case .probe(let probe): denoisingLane.yield(.probe(probe))
        case .heartbeatAnswer: break
        case .bye: break
        default: logger.warning("an unexpected message")
        }
    }

    private func begin(_ grant: Message.LeaseGrant) {
        do {
            let work = try SegmentWork(grant)
            works[grant.attempt] = work
            jobs[grant.attempt] = grant
            let every = if case .denoising(let job) = grant.job { job.checkpointEvery } else { 0 }
            handle(.granted(grant.grant(), work.terms, checkpointEvery: every))
        } catch {
            let failure = Failure(cause: .badInput, step: 0, detail: "\(error)")
            say(.failed(grant.attempt, grant.phase, failure))
        }
    }

    func decode(_ multipart: Multipart, _ channel: Route.Channel) -> Message? {
        do {
            let raw = multipart.frames.dropFirst().map(\.count)
            return try multipart.frames[0].withSpan { (bytes) throws(WireError) in
                try Message(arriving: bytes, rawFrames: raw, from: [.coordinator], on: channel)
            }
        } catch {
            logger.error("a message is not understood", metadata: ["error": "\(error)"])
            return nil
        }
    }

    // MARK: Data

    /// A coordinator that was started again may listen elsewhere.
    private func open(_ endpoint: String) {
        do {
            let link = try openData(endpoint)
            data?.beginClosing()
            (data, dataEndpoint, isAttached) = (link, endpoint, false)
            openedData.yield(link)
        } catch {
            logger.critical("no data connection", metadata: ["error": "\(error)"])
        }
    }

    private func serveData() async {
        for await link in opened {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.watchData(link) }
                for await message in link.messages { await receiveData(message) }
                group.cancelAll()
            }
            await courier.disconnected()  // Of a link that is closed from here nothing else tells it.
        }
    }

    private func watchData(_ link: Link) async {
        for await event in link.connectionEvents {
            switch event.kind {
            case .ready: post(.attach(.init(secret: secret)), [], through: link)
            case .disconnected:
                isAttached = false
                offer()
                await courier.disconnected()
            case .notAdmitted, .handshakeFailed:
                let why: Logger.Metadata = ["endpoint": "\(link.endpoint)", "why": "\(event.kind)"]
                logger.warning("no data connection", metadata: why)
            case .connected, .accepted, .retrying, .acceptFailed, .violation: break
            }
        }
    }

    private func receiveData(_ multipart: Multipart) async {
        guard let message = decode(multipart, .data) else { return }
        let raw = Array(multipart.frames.dropFirst())
        switch message {
        case .welcome(let welcome):
            guard let data else { return }
            isAttached = true
            offer()
            await courier.connected(data, initialCredit: welcome.initialCredit)
            // What was said meanwhile was not heard.
            if machine.isConnected { handle(.welcomed) }
        case .boundaryStored(let stored): handle(.stored(stored.stream.segment, step: stored.step))
        case .boundaryWanted(let wanted): handle(.wanted(wanted.attempt.segment, from: wanted.fromStep))
        case .boundaryRecord(let record): take(record, raw[0])
        case .boundarySuperseded(let superseded): handle(.superseded(reader: superseded.reader))
        default: await courier.receive(message, raw)
        }
    }

    private func take(_ record: Message.BoundaryRecord, _ frame: Frame) {
        guard wanted.contains(record.reader), frame.withUnsafeBytes({ Checksum.of($0) }) == record.checksum else {
            return
        }
        received[record.reader, default: [:]][record.step] = Received(
            frame: frame, generation: record.stream.generation, checksum: record.checksum)
        trace("boundary taken", record.stream.segment, record.step)
        handle(.record(reader: record.reader, record.stream, step: record.step))
    }

    /// With the machine's own time, so that what several processes of it say can be compared.
    func trace(_ what: Logger.Message, _ segment: SegmentID, _ step: Int) {
        logger.trace(what, metadata: ["at": "\(HostClock.nanoseconds)", "of": "\(segment.number)/\(step)"])
    }

    // MARK: Sending

    func send(_ message: Message) { post(message, [], through: control) }

    /// What is said while nobody listens is said again when somebody does.
    func sendData(_ message: Message, _ raw: [Frame] = []) {
        guard isAttached, let data else { return }
        post(message, raw, through: data)
    }

    private func post(_ message: Message, _ raw: [Frame], through link: Link) {
        do {
            try link.post(Multipart([Frame(message.encoded())] + raw)) { _ in }
        } catch {
            logger.critical("a message of our own is beyond the limits", metadata: ["error": "\(error)"])
        }
    }

    private func say(_ report: WorkerReport) {
        func transfer(_ file: Artifact) -> UInt64 { transfers[report.attempt]?[file.digest] ?? 0 }
        switch report {
        case .checkpoint(let attempt, let step, let file, let consumed):
            sendData(
                .checkpoint(
                    .init(
                        attempt: attempt, step: step, consumed: consumed, transfer: transfer(file), artifact: file)))
        case .denoised(let attempt, let file, let consumed):
            sendData(
                .denoised(
                    .init(
                        attempt: attempt, consumed: consumed, transfer: transfer(file), latents: file,
                        steppingTime: times[attempt]?.stepping ?? .zero, waitTime: times[attempt]?.waiting ?? .zero)))
        case .delivered(let attempt, let file):
            let latents = jobs[attempt].flatMap { job -> Digest? in
                if case .delivering(let job) = job.job { job.latents.digest } else { nil }
            }
            sendData(
                .delivered(
                    .init(
                        attempt: attempt, transfer: transfer(file), video: file,
                        latentsDigest: latents ?? file.digest, encoder: encoder,
                        frames: works[attempt]?.settings.video.frames ?? 1, decodingTime: .zero, encodingTime: .zero)))
        case .failed(let attempt, let phase, let failure):
            send(
                .failed(
                    .init(
                        attempt: attempt, phase: phase, failureClass: failure.cause, detail: Detail(failure.detail),
                        step: failure.step, neededBytes: failure.neededBytes, availableBytes: 0)))
        case .released(let attempt, let phase, let reason, let step):
            send(.release(.init(attempt: attempt, phase: phase, reason: .known(reason), step: step)))
        }
    }
}
