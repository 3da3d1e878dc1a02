/// A worker's side of the protocol: what it does for its leases, and what it says of them.
///
/// It denoises one segment at a time and delivers others beside it. A denoised segment's attempt goes like this:
///
/// ```
/// preparing ▸ publishing step k ▸ waiting for the predecessor's record ▸ stepping ▸ k + 1 …
///           ▸ at a step boundary: saving a checkpoint, giving back
///           ▸ after the last: publishing, uploading ▸ reported
/// ```
///
/// Records and latents themselves are its driver's: the machine only counts. Whatever was sent is sent again after a
/// reconnect until it is answered, so nothing that the connection loses is lost.
public struct WorkerMachine: Sendable {
    public private(set) var isConnected = false
    public private(set) var isStopping = false
    private var denoising: Denoising?
    private var deliveries: [Delivery] = []
    /// Sent and not answered, oldest first.
    private var reports: [WorkerReport] = []
    private var lastHeard: Moment
    private var lastBeat: Moment?
    private var now: Moment
    private var actions: [WorkerAction] = []

    /// What is done for the segment that is denoised.
    private struct Denoising {
        enum Stage: Hashable {
            case preparing, waiting, stepping, saving, uploading
        }

        let grant: Grant
        let terms: StoryTerms
        let checkpointEvery: Int
        /// The step that it enters; S after the last.
        var step: Int
        var stage = Stage.preparing
        var since: Moment
        /// Published and not yet known to be in the log.
        var unstored: [Int] = []
        /// The next record of the predecessor that it has not got.
        var nextRecord: Int
        /// To be given back at the next step boundary.
        var recall: (reason: RecallReason, saves: Bool)?
        var saved: Int

        var attempt: AttemptID { grant.attempt }
        var publishes: Bool { terms.recordCount > 0 }
        /// The record that entering this step needs.
        var wanted: Int? { grant.source == nil ? nil : terms.source(at: step) }
    }

    private struct Delivery {
        let attempt: AttemptID
        let since: Moment
    }

    public init(now: Moment) {
        self.now = now
        lastHeard = now
    }

    /// After so long without its coordinator it stops by itself: nobody would know of what it does.
    public static let silence = Duration.seconds(60)
    public static let heartbeat = Duration.seconds(1)
    /// What was sent and has no answer is sent again after so long: records, and that it waits for records.
    public static let patience = Duration.seconds(5)

    /// When it wants a ``WorkerEvent/ticked``.
    public var nextAlarm: Moment {
        isConnected ? (lastBeat ?? now) + Self.heartbeat : lastHeard + Self.silence
    }

    /// What it denoises, or holds finished latents of.
    public var attempt: AttemptID? { denoising?.attempt }

    public mutating func handle(_ event: WorkerEvent, at now: Moment) -> [WorkerAction] {
        self.now = max(now, self.now)
        switch event {
        case .welcomed: welcome()
        case .disconnected: isConnected = false
        case .stopRequested, .drainRequested: drain()
        case .granted(let grant, let terms, let checkpointEvery): begin(grant, terms, checkpointEvery)
        case .recalled(let attempt, let reason, let saves): recall(attempt, reason, saves)
        case .answered(let attempt, let report, let outcome): settle(attempt, report, outcome)
        case .stored(let segment, let step): confirm(segment, step)
        case .wanted(let segment, let step): publish(segment, from: step)
        case .record(let reader, _, let step): take(reader, step)
        case .superseded(let reader): supersede(reader)
        case .prepared(let attempt): start(attempt)
        case .stepped(let attempt, let time): finishStep(attempt, time)
        case .saved(let attempt, let step, let file, let consumed): finishSaving(attempt, step, file, consumed)
        case .uploaded(let attempt, let file, let consumed): finishUpload(attempt, file, consumed)
        case .delivered(let attempt, let file): finishDelivery(attempt, file)
        case .failed(let attempt, let phase, let failure): fail(attempt, phase, failure)
        case .ticked: break
        }
        tick()
        defer { actions = [] }
        return actions
    }

    /// What it says of itself in an introduction or a heartbeat.
    public var held: [Held] {
        var held: [Held] = []
        if let denoising {
            let activity: Held.Activity =
                switch denoising.stage {
                case .preparing: .loading
                case .waiting: .waiting
                case .stepping: .stepping
                case .saving: .saving
                case .uploading: .uploading
                }
            held.append(
                Held(
                    attempt: denoising.attempt, phase: .denoising, activity: activity, step: denoising.step,
                    activityTime: now - denoising.since))
        }
        for delivery in deliveries {
            held.append(
                Held(
                    attempt: delivery.attempt, phase: .delivering, activity: .encoding, step: 0,
                    activityTime: now - delivery.since))
        }
        return held
    }

    // MARK: Connection

    private mutating func welcome() {
        isConnected = true
        lastHeard = now
        lastBeat = now
        // Whatever was on its way may have been lost.
        publishAgain()
        read()
        for report in reports { actions.append(.report(report)) }
    }

    private mutating func publishAgain() {
        guard let denoising else { return }
        for step in denoising.unstored { actions.append(.publish(denoising.attempt, step: step)) }
    }

    private mutating func tick() {
        if isConnected {
            lastHeard = now
            guard let last = lastBeat, now - last >= Self.heartbeat else { return }
            lastBeat = now
            actions.append(.heartbeat(held))
            if let denoising, now - denoising.since >= Self.patience {
                if denoising.stage == .waiting { read() }
                publishAgain()
            }
        } else if now - lastHeard >= Self.silence, !isStopping {
            abandonAll()
            isStopping = true
            actions.append(.stop)
        }
    }

    private mutating func drain() {
        guard !isStopping else { return }
        isStopping = true
        if denoising != nil {
            if denoising!.recall == nil { denoising!.recall = (.drained, true) }
            giveBackIfBetweenSteps()
        }
        leaveWhenIdle()
    }

    private mutating func leaveWhenIdle() {
        if isStopping, denoising == nil, deliveries.isEmpty, reports.isEmpty { actions.append(.stop) }
    }

    private mutating func abandonAll() {
        if let denoising { actions.append(.abandon(denoising.attempt)) }
        for delivery in deliveries { actions.append(.abandon(delivery.attempt)) }
        (denoising, deliveries, reports) = (nil, [], [])
    }

    // MARK: Leases

    private mutating func begin(_ grant: Grant, _ terms: StoryTerms, _ checkpointEvery: Int) {
        switch grant.phase {
        case .denoising:
            if denoising?.attempt == grant.attempt { return }
            if let old = denoising { actions.append(.abandon(old.attempt)) }
            let step = grant.checkpoint?.step ?? 0
            denoising = Denoising(
                grant: grant, terms: terms, checkpointEvery: checkpointEvery, step: step, since: now,
                nextRecord: terms.handoff == .final ? terms.steps : step, saved: step)
            actions.append(.prepare(grant))
            read()
        case .delivering:
            if deliveries.contains(where: { $0.attempt == grant.attempt }) { return }
            guard let latents = grant.latents else { return }
            deliveries.append(Delivery(attempt: grant.attempt, since: now))
            actions.append(.deliver(grant.attempt, latents))
        }
    }

    private mutating func recall(_ attempt: AttemptID, _ reason: RecallReason, _ saves: Bool) {
        if let index = deliveries.firstIndex(where: { $0.attempt == attempt }) {
            deliveries.remove(at: index)
            return actions.append(.abandon(attempt))
        }
        guard denoising?.attempt == attempt else {
            reports.removeAll { $0.attempt == attempt }
            return leaveWhenIdle()
        }
        // The coordinator has taken it back already: there is nothing to save and nobody to tell.
        if reason == .leaseLost || reason == .cancelled || reason == .superseded { return drop() }
        denoising!.recall = (reason, saves)
        giveBackIfBetweenSteps()
    }

    private mutating func supersede(_ reader: AttemptID) {
        guard let denoising, denoising.attempt == reader else { return }
        let (attempt, step) = (denoising.attempt, denoising.step)
        drop()
        report(.released(attempt, .denoising, .superseded, step: step))
    }

    private mutating func drop() {
        guard let denoising else { return }
        actions.append(.abandon(denoising.attempt))
        reports.removeAll { $0.attempt == denoising.attempt }
        self.denoising = nil
        leaveWhenIdle()
    }

    // MARK: Steps

    private mutating func start(_ attempt: AttemptID) {
        guard denoising?.attempt == attempt, denoising!.stage == .preparing else { return }
        enter()
    }

    /// Enters a step: publishes its boundary, then takes the step as soon as the predecessor's record is there.
    private mutating func enter() {
        guard var denoising else { return }
        if denoising.publishes {
            denoising.unstored.append(denoising.step)
            if isConnected { actions.append(.publish(denoising.attempt, step: denoising.step)) }
        }
        denoising.since = now
        if denoising.step == denoising.terms.steps {
            denoising.stage = .uploading
            self.denoising = denoising
            if denoising.unstored.isEmpty { actions.append(.upload(denoising.attempt)) }
            return
        }
        denoising.stage = .waiting
        self.denoising = denoising
        if giveBackIfBetweenSteps() { return }
        if denoising.checkpointEvery > 0, denoising.step > 0, denoising.step % denoising.checkpointEvery == 0,
            denoising.saved < denoising.step
        {
            return save()
        }
        go()
    }

    private mutating func go() {
        guard var denoising, denoising.stage == .waiting else { return }
        if let wanted = denoising.wanted, denoising.nextRecord <= wanted { return }
        denoising.stage = .stepping
        denoising.since = now
        self.denoising = denoising
        actions.append(.step(denoising.attempt, step: denoising.step, record: denoising.wanted))
    }

    private mutating func finishStep(_ attempt: AttemptID, _ time: Duration) {
        guard denoising?.attempt == attempt, denoising!.stage == .stepping else { return }
        denoising!.step += 1
        if isConnected { actions.append(.say(stepped: attempt, step: denoising!.step, time)) }
        enter()
    }

    private mutating func take(_ reader: AttemptID, _ step: Int) {
        guard denoising?.attempt == reader, denoising!.nextRecord == step else { return }
        denoising!.nextRecord += 1
        go()
    }

    private mutating func confirm(_ segment: SegmentID, _ step: Int) {
        guard denoising?.attempt.segment == segment else { return }
        denoising!.unstored.removeAll { $0 == step }
        if denoising!.stage == .uploading, denoising!.unstored.isEmpty, step == denoising!.terms.steps {
            actions.append(.upload(denoising!.attempt))
        }
    }

    private mutating func publish(_ segment: SegmentID, from step: Int) {
        guard let current = denoising, current.attempt.segment == segment, current.stage != .preparing,
            step <= current.step
        else { return }
        denoising!.unstored = Array(max(step, current.grant.checkpoint?.step ?? 0)...current.step)
        publishAgain()
    }

    /// Asks for the predecessor's records, as far as there are any that it has not got.
    private mutating func read() {
        guard isConnected, let denoising, let source = denoising.grant.source,
            denoising.nextRecord
                <= (denoising.terms.handoff == .final ? denoising.terms.steps : denoising.terms.steps - 1)
        else { return }
        actions.append(.read(denoising.attempt, source, from: denoising.nextRecord))
    }

    // MARK: Giving back

    /// Between two steps a recalled segment goes back, with a checkpoint where one is wanted.
    @discardableResult
    private mutating func giveBackIfBetweenSteps() -> Bool {
        guard let denoising, let recall = denoising.recall,
            denoising.stage == .waiting || denoising.stage == .preparing
        else { return false }
        if recall.saves, denoising.stage == .waiting, denoising.step > denoising.saved {
            save()
        } else {
            giveBack()
        }
        return true
    }

    private mutating func save() {
        denoising!.stage = .saving
        denoising!.since = now
        actions.append(.save(denoising!.attempt, step: denoising!.step))
    }

    private mutating func finishSaving(_ attempt: AttemptID, _ step: Int, _ file: Artifact, _ consumed: Consumed) {
        guard denoising?.attempt == attempt, denoising!.stage == .saving else { return }
        denoising!.saved = step
        report(.checkpoint(attempt, step: step, file, consumed))
        denoising!.stage = .waiting
        denoising!.since = now
        if denoising!.recall != nil { giveBack() } else { go() }
    }

    private mutating func giveBack() {
        guard let denoising, let recall = denoising.recall else { return }
        self.denoising = nil
        actions.append(.abandon(denoising.attempt))
        report(
            .released(
                denoising.attempt, .denoising, recall.reason == .drained ? .drained : .recalled, step: denoising.step))
    }

    // MARK: Reports

    private mutating func report(_ report: WorkerReport) {
        reports.append(report)
        if isConnected { actions.append(.report(report)) }
    }

    private mutating func finishUpload(_ attempt: AttemptID, _ file: Artifact, _ consumed: Consumed) {
        guard denoising?.attempt == attempt, denoising!.stage == .uploading else { return }
        report(.denoised(attempt, file, consumed))
    }

    private mutating func finishDelivery(_ attempt: AttemptID, _ file: Artifact) {
        guard deliveries.contains(where: { $0.attempt == attempt }) else { return }
        report(.delivered(attempt, file))
    }

    private mutating func fail(_ attempt: AttemptID, _ phase: LeasePhase, _ failure: Failure) {
        switch phase {
        case .denoising:
            guard denoising?.attempt == attempt else { return }
            denoising = nil
        case .delivering:
            guard let index = deliveries.firstIndex(where: { $0.attempt == attempt }) else { return }
            deliveries.remove(at: index)
        }
        actions.append(.abandon(attempt))
        report(.failed(attempt, phase, failure))
    }

    private mutating func settle(_ attempt: AttemptID, _ kind: FarmReport, _ outcome: ReportOutcome) {
        reports.removeAll { $0.attempt == attempt && $0.kind == kind }
        switch kind {
        case .denoised:
            if outcome == .damaged, denoising?.attempt == attempt {
                actions.append(.upload(attempt))
            } else if denoising?.attempt == attempt {
                actions.append(.abandon(attempt))
                denoising = nil
            }
        case .delivered:
            if outcome == .damaged, deliveries.contains(where: { $0.attempt == attempt }) {
                actions.append(.uploadVideo(attempt))
            } else {
                deliveries.removeAll { $0.attempt == attempt }
            }
        case .checkpoint:
            // Another one holds the segment, or what it was made of is void. A damaged one is done without.
            if outcome == .stale || outcome == .mismatch, denoising?.attempt == attempt { drop() }
        case .failed, .release: break
        }
        leaveWhenIdle()
    }
}

extension WorkerReport {
    public var attempt: AttemptID {
        switch self {
        case .checkpoint(let attempt, _, _, _), .denoised(let attempt, _, _), .delivered(let attempt, _),
            .failed(let attempt, _, _), .released(let attempt, _, _, _):
            attempt
        }
    }

    /// What it names on the coordinator's disk; nil for none.
    public var file: Artifact? {
        switch self {
        case .checkpoint(_, _, let file, _), .denoised(_, let file, _), .delivered(_, let file): file
        case .failed, .released: nil
        }
    }

    public var kind: FarmReport {
        switch self {
        case .checkpoint: .checkpoint
        case .denoised: .denoised
        case .delivered: .delivered
        case .failed: .failed
        case .released: .release
        }
    }
}
