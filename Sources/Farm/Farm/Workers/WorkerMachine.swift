/// A worker's side of the protocol: what it does for its leases, and what it says of them.
///
/// It denoises one segment at a time and delivers others beside it. A denoised segment's attempt goes like this:
///
/// ```
/// preparing ▸ publishing step k ▸ waiting for the predecessor's record ▸ stepping ▸ k + 1 …
///           ▸ at a step boundary: saving a checkpoint, which is uploaded beside the next steps; giving back
///           ▸ after the last: publishing, uploading ▸ reported
/// ```
///
/// Records and latents themselves are its driver's: the machine only counts. Whatever was sent is sent again after a
/// reconnect until it is answered, so nothing that the connection loses is lost.
public struct WorkerMachine: Sendable {
    public internal(set) var isConnected = false
    public internal(set) var isStopping = false
    /// It has stopped since its coordinator has not answered for so long.
    private var isForsaken = false
    var denoising: Denoising?
    var deliveries: [Delivery] = []
    /// Sent and not answered, oldest first.
    var reports: [WorkerReport] = []
    var lastHeard: Moment
    var lastBeat: Moment?
    /// When its reports were last sent.
    var lastReported: Moment?
    var now: Moment
    var actions: [WorkerAction] = []

    /// What is done for the segment that is denoised.
    struct Denoising {
        enum Stage: Hashable {
            case preparing, waiting, stepping, saving, uploading
            /// To be given back once its checkpoint is answered: results and releases travel on different connections,
            /// and a release that came first would make the checkpoint one of an earlier lease.
            case yielding
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
        /// Records before this one were asked for.
        var askedBefore = 0
        /// To be given back at the next step boundary.
        var recall: (reason: RecallReason, saves: Bool)?
        var saved: Int
        /// The step of the checkpoint that is written or uploaded.
        var saving: Int?
        var hasBegunUpload = false
        var times = StepTimes()
        /// For the record of the step at hand.
        var waited = Duration.zero
        /// When it last said again what has no answer.
        var repeated: Moment?
        /// The record that the log lacked last, and when it said so.
        var lacked: (step: Int, at: Moment)?

        var attempt: AttemptID { grant.attempt }
        var publishes: Bool { terms.recordCount > 0 }
        /// Neighbours are at the same step nearly at once: each saves at steps of its own, or the coordinator's disk
        /// would have all of them to sync in the same moment.
        var isCheckpointDue: Bool {
            checkpointEvery > 0 && step > 0 && (step + Int(attempt.segment.number)) % checkpointEvery == 0
        }
        /// The last record of the predecessor that it will need.
        var lastRecord: Int { terms.handoff == .final ? terms.steps : terms.steps - 1 }
        /// The record that entering this step needs.
        var wanted: Int? { grant.source == nil ? nil : terms.source(at: step) }
    }

    struct Delivery {
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
    /// What was sent and has no answer is sent again after so long: reports, records, and that it waits for records.
    public static let patience = Duration.seconds(5)
    /// Records that it asks for at once.
    public static let window = FarmLimits.readWindow

    /// When it wants a ``WorkerEvent/ticked``.
    public var nextAlarm: Moment {
        isConnected ? (lastBeat ?? now) + Self.heartbeat : lastHeard + Self.silence
    }

    /// What it denoises, or holds finished latents of.
    public var attempt: AttemptID? { denoising?.attempt }

    /// What its steps have taken so far.
    public var times: StepTimes { denoising?.times ?? StepTimes() }

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
        case .written(let attempt): goOnBesideUpload(attempt)
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
                case .saving, .yielding: .saving
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

    mutating func welcome() {
        isConnected = true
        lastHeard = now
        lastBeat = now
        // Whatever was on its way may have been lost.
        denoising?.repeated = now
        publishAgain()
        read()
        reportAgain()
    }

    mutating func reportAgain() {
        guard !reports.isEmpty else { return }
        lastReported = now
        for report in reports { actions.append(.report(report)) }
    }

    mutating func publishAgain() {
        guard let denoising else { return }
        for step in denoising.unstored { actions.append(.publish(denoising.attempt, step: step)) }
    }

    mutating func tick() {
        if isConnected {
            lastHeard = now
            guard let last = lastBeat, now - last >= Self.heartbeat else { return }
            lastBeat = now
            actions.append(.heartbeat(held))
            if let denoising, now - max(denoising.since, denoising.repeated ?? denoising.since) >= Self.patience {
                self.denoising!.repeated = now
                if denoising.stage == .waiting { read() }
                publishAgain()
            }
            if let last = lastReported, now - last >= Self.patience { reportAgain() }
        } else if now - lastHeard >= Self.silence, !isForsaken {
            // Also where it was asked to stop before: what it would give back, nobody is there to take.
            abandonAll()
            (isStopping, isForsaken) = (true, true)
            actions.append(.stop)
        }
    }

    mutating func drain() {
        guard !isStopping else { return }
        isStopping = true
        if denoising != nil {
            if denoising!.recall == nil { denoising!.recall = (.drained, true) }
            giveBackIfBetweenSteps()
        }
        leaveWhenIdle()
    }

    mutating func leaveWhenIdle() {
        if isStopping, denoising == nil, deliveries.isEmpty, reports.isEmpty { actions.append(.stop) }
    }

    mutating func abandonAll() {
        if let denoising { actions.append(.abandon(denoising.attempt)) }
        for delivery in deliveries { actions.append(.abandon(delivery.attempt)) }
        (denoising, deliveries, reports) = (nil, [], [])
    }
}
