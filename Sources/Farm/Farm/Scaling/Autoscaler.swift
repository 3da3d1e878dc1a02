/// Decides how many jobs a farm needs: as few as get through the backlog within the target wait.
///
/// - It grows at once, to the backlog's GPU-time over what is left of the target wait when a job has started, but to no
///   more workers than there are segments. Fewer jobs for longer cost the same GPU-time as more for less, and fewer
///   starts; so those are as few as the target allows. While anything is still to be encoded there is at least one.
/// - It gives back what has been idle for as long as another start takes, so that waiting for work costs no more than
///   starting again, and jobs that wait without need; also while work is open, which is then nothing for the idle: each
///   segment of it waits for another, or for another model. Whoever denoises is left alone, since its work would only
///   be done elsewhere; unless there are more than the maximum, and then the idle go first.
/// - A job none of whose workers gets any work, for as long, is no part of all that: there is another one in its place,
///   within the maximum, and it is the first to be given back.
/// - After a growth nothing is given back for a cool-down, and the other way round: it can't swing faster than that.
///
/// It has no clock and starts nothing: a view and the moment go in, a decision comes out.
public struct Autoscaler: Sendable {
    public let policy: ScalingPolicy
    private var lastGrowth: Moment?
    private var lastReduction: Moment
    /// Since when jobs have had nothing to do.
    private var idleSince: [String: Moment] = [:]
    /// Since when none of their workers gets any.
    private var barredSince: [String: Moment] = [:]
    /// Since when jobs run without a worker that has joined.
    private var startingSince: [String: Moment] = [:]
    /// Jobs that were told to end.
    private var leaving: [String: Farewell] = [:]
    /// Jobs of this autoscaler's time that none of whose workers has joined yet.
    private var unproven: Set<String> = []
    private var known: Set<String> = []
    private var failedStarts = 0
    /// Whether jobs were idle for long while no segment was ready, and none has been since: what is open is a chain.
    private var isChain = false

    private struct Farewell {
        /// What the job was when it was told.
        let stage: ScalingJob.Stage
        let time: Moment
    }

    /// A job that is still there so long after it was told to end has not heard of it.
    private static let farewellTime = FarmLimits.loading

    /// Jobs in a row that may end, or be held, before their workers join.
    public static let failedStartsMax = 3

    /// - Parameter now: nothing is given back for a cool-down from then on: what was before, nobody remembers.
    public init(_ policy: ScalingPolicy, now: Moment) {
        self.policy = policy
        lastGrowth = now
        lastReduction = Moment(microseconds: .min / 2)
    }

    /// Remembers what was submitted: a job may have ended before a view shows it.
    public mutating func submitted(_ ids: [String]) {
        unproven.formUnion(ids)
        known.formUnion(ids)
    }

    public mutating func decide(_ view: ScalingView, at now: Moment) -> ScalingDecision {
        let jobs = view.jobs.map(known(as:))
        follow(jobs, now)
        guard failedStarts < Self.failedStartsMax else {
            return .giveUp(
                because: "\(failedStarts) jobs in a row ended, or were held, before a worker of theirs had joined")
        }
        let staying = jobs.filter { $0.stage == .pending || $0.stage == .running }
        let able = staying.filter { !hasLongBeenBarred($0, now) }
        let idle = able.count { hasLongBeenIdle($0, now) }
        isChain = view.readySegments == 0 && view.openSegments > 0 && (isChain || idle > 0)
        let wanted = wanted(view, able, longIdle: idle)
        let facts = facts(view, staying, wanted)
        let room = policy.maximum - staying.count
        if room < 0 { return reduce(to: policy.maximum, staying, now, isForced: true, facts) }
        if wanted > able.count, room > 0 { return grow(by: min(wanted - able.count, room), now, facts) }
        let kept = min(wanted, able.count)
        if staying.count > kept { return reduce(to: kept, staying, now, isForced: false, facts) }
        return .stay(because: facts)
    }

    // MARK: How many

    /// - Parameter able: without those none of whose workers gets any work.
    private func wanted(_ view: ScalingView, _ able: [ScalingJob], longIdle: Int) -> Int {
        var wanted = 0
        if view.openSegments > 0, view.backlog > .zero {
            let time = (policy.targetWait - policy.startUp) / .seconds(1) * Double(policy.workersPerJob)
            let byTime = (view.backlog / .seconds(1) / time).rounded(.up)
            let bySegments = (view.openSegments + policy.workersPerJob - 1) / policy.workersPerJob
            wanted = min(bySegments, byTime < Double(policy.maximum) ? max(1, Int(byTime)) : policy.maximum)
        }
        // A chain of segments that wait for each other is no faster with more workers.
        let hasIdle = able.contains { $0.workers.contains(.idle) }
        if view.readySegments == 0, hasIdle || isChain { wanted = min(wanted, able.count) }
        if longIdle > 0 {
            // What is ready and left lying by the idle is nothing for them. One of them stays, to show that it still
            // is: without it as many would be started again.
            wanted = min(wanted, able.count - longIdle + (view.readySegments > 0 ? 1 : 0))
        }
        // To encode what is denoised takes little time, but somebody.
        if view.undeliveredSegments > 0 { wanted = max(wanted, 1) }
        return min(max(wanted, policy.minimum), policy.maximum)
    }

    private mutating func grow(by count: Int, _ now: Moment, _ facts: String) -> ScalingDecision {
        let left = policy.coolDown - (now - lastReduction)
        guard left <= .zero else { return .stay(because: "\(facts); cools down for \(Self.words(left))") }
        lastGrowth = now
        return .submit(count, because: facts)
    }

    private mutating func reduce(
        to count: Int, _ staying: [ScalingJob], _ now: Moment, isForced: Bool, _ facts: String
    ) -> ScalingDecision {
        let spare = isForced ? staying : staying.filter { isSpare($0, now) }
        guard !spare.isEmpty else { return .stay(because: "\(facts); none has been idle for \(policy.idleTime)") }
        let left = lastGrowth.map { policy.coolDown - (now - $0) } ?? .zero
        guard left <= .zero else { return .stay(because: "\(facts); cools down for \(Self.words(left))") }
        let order = spare.enumerated().sorted { a, b in
            // Of equals the youngest: engines number their jobs upwards, and so the order they come in is their age.
            a.element.worth != b.element.worth
                ? a.element.worth.lexicographicallyPrecedes(b.element.worth) : a.offset > b.offset
        }
        let going = order.prefix(staying.count - count).map(\.element)
        for job in going { leaving[job.id] = Farewell(stage: job.stage, time: now) }
        lastReduction = now
        return .cancel(going.map(\.id), because: isForced ? "\(facts); more than the maximum" : facts)
    }

    private func isSpare(_ job: ScalingJob, _ now: Moment) -> Bool {
        if job.stage == .pending { return true }
        if let since = startingSince[job.id] { return now - since >= FarmLimits.loading }
        return hasLongBeenIdle(job, now) || hasLongBeenBarred(job, now)
    }

    private func hasLongBeenIdle(_ job: ScalingJob, _ now: Moment) -> Bool {
        idleSince[job.id].map { now - $0 >= policy.idleTime } ?? false
    }

    /// Not at once: whoever leaves gets no work either, and a device that was set aside is tried again.
    private func hasLongBeenBarred(_ job: ScalingJob, _ now: Moment) -> Bool {
        barredSince[job.id].map { now - $0 >= policy.idleTime } ?? false
    }

    // MARK: What was before

    /// A job that was told to end does so, whatever the engine calls it; one that was placed just before it would have
    /// been withdrawn is there still.
    private func known(as job: ScalingJob) -> ScalingJob {
        guard let told = leaving[job.id], told.stage == .running || job.stage != .running else { return job }
        var job = job
        job.stage = .leaving
        return job
    }

    private mutating func follow(_ jobs: [ScalingJob], _ now: Moment) {
        let names = Set(jobs.map(\.id))
        for gone in unproven.subtracting(names) where leaving[gone] == nil { failedStarts += 1 }
        unproven.formIntersection(names)
        // Whatever was held before this autoscaler's time is none of its starts.
        unproven.formUnion(jobs.filter { $0.stage != .held }.map(\.id).filter { !known.contains($0) })
        for job in jobs where job.stage == .held {
            if unproven.remove(job.id) != nil { failedStarts += 1 }
        }
        for job in jobs where !job.workers.isEmpty {
            if unproven.remove(job.id) != nil { failedStarts = 0 }
        }
        known = names
        leaving = leaving.filter { entry in
            now - entry.value.time < Self.farewellTime && jobs.contains { $0.id == entry.key && $0.stage == .leaving }
        }
        idleSince = Self.since(jobs.filter(\.isIdle), idleSince, now)
        barredSince = Self.since(jobs.filter(\.isBarred), barredSince, now)
        startingSince = Self.since(jobs.filter(\.isStarting), startingSince, now)
    }

    private static func since(_ jobs: [ScalingJob], _ known: [String: Moment], _ now: Moment) -> [String: Moment] {
        Dictionary(jobs.map { ($0.id, known[$0.id] ?? now) }) { first, _ in first }
    }

    // MARK: Words

    /// As "backlog 5400 s in 9 segments, 2 jobs (1 pending, 1 idle), 4 wanted".
    private func facts(_ view: ScalingView, _ staying: [ScalingJob], _ wanted: Int) -> String {
        let pending = staying.count { $0.stage == .pending }
        let kinds = [
            (pending, "pending"), (staying.count(where: \.isStarting), "starting"),
            (staying.count(where: \.isIdle), "idle"), (staying.count(where: \.isBarred), "set aside or drained"),
        ]
        let parts = kinds.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        let jobs = (staying.count == 1 ? "1 job" : "\(staying.count) jobs") + (parts.isEmpty ? "" : " (\(parts))")
        let segments = view.openSegments == 1 ? "1 segment" : "\(view.openSegments) segments"
        let denoised = view.undeliveredSegments > 0 ? ", \(view.undeliveredSegments) to be encoded" : ""
        return "backlog \(Self.words(view.backlog)) in \(segments)\(denoised), \(jobs), \(wanted) wanted"
    }

    private static func words(_ duration: Duration) -> String {
        "\(Int((duration / .seconds(1)).rounded(.up))) s"
    }
}
