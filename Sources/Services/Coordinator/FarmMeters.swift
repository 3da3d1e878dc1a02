import CoreMetrics
import Farm
import Storage
import Telemetry

/// What a coordinator measures of its farm.
struct FarmMeters: Sendable {
    /// Why a report counts for nothing.
    enum Fence: Hashable, Sendable, CaseIterable {
        case lateCheckpoint, lateDenoised, lateDelivered, lateFailed, lateRelease
        /// A boundary of an earlier lease.
        case lateBoundary
        /// A result made of other boundaries than those that the log has.
        case otherBoundaries
        /// Other bytes for a boundary than the log has.
        case otherBytes

        init(late report: FarmReport) {
            self =
                switch report {
                case .checkpoint: .lateCheckpoint
                case .denoised: .lateDenoised
                case .delivered: .lateDelivered
                case .failed: .lateFailed
                case .release: .lateRelease
                }
        }
    }

    /// A segment that waits or is worked on.
    enum OpenState: Hashable, Sendable, CaseIterable {
        case blocked, ready, denoising, denoised, delivering, paused

        /// nil for a segment that nothing is to be done for.
        init?(_ group: FarmCensus.SegmentGroup) {
            switch group {
            case .blocked: self = .blocked
            case .ready: self = .ready
            case .denoising: self = .denoising
            case .denoised: self = .denoised
            case .delivering: self = .delivering
            case .paused: self = .paused
            case .finished, .failed, .cancelled: return nil
            }
        }
    }

    enum DiskKind: Hashable, Sendable, CaseIterable {
        case free, boundaries, checkpoints, latents, videos, films, ledger
    }

    let queueDepth: GaugeFamily<OpenState>
    let stories: GaugeFamily<FarmCensus.StoryGroup>
    let backlog: Meter
    let oldestReady: Meter
    let workers: GaugeFamily<FarmCensus.WorkerGroup>
    let workersJoined: Counter
    let workersLost: Counter
    let workerExits: CounterFamily<ExitCause>
    let devicesSetAside: Meter
    let probesFailed: Counter
    let leasesGranted: CounterFamily<LeasePhase>
    let leaseTime: Timer
    let leasesRecalled: CounterFamily<RecallReason>
    let attemptsFailed: CounterFamily<FailureClass>
    let segmentsFailed: CounterFamily<FailureClass>
    let segmentsFinished: Counter
    let resultsFenced: CounterFamily<Fence>
    let steps: Timer
    let boundaryBytes: Counter
    let handOff: Timer
    let ledgerCommit: Timer
    let ledgerWritable: Meter
    let disk: GaugeFamily<DiskKind>
    /// Nil where nothing is shared.
    let sharedDiskFree: Meter?
    let eventLoopLag: Timer

    init(_ factory: any MetricsFactory, epoch: UInt64, configuration: CoordinatorConfiguration) {
        FarmMetric.buildInfo.gauge(CoordinatorBuild.name, in: factory).set(1)
        FarmMetric.epoch.gauge(in: factory).set(epoch)
        FarmMetric.diskWatermark.gauge(in: factory).set(configuration.retention.watermarkBytes)
        FarmMetric.diskReserve.gauge(in: factory).set(configuration.retention.reservedBytes)
        queueDepth = GaugeFamily(FarmMetric.queueDepth, in: factory)
        stories = GaugeFamily(FarmMetric.stories, in: factory)
        backlog = FarmMetric.backlog.gauge(in: factory)
        oldestReady = FarmMetric.oldestReady.gauge(in: factory)
        workers = GaugeFamily(FarmMetric.workers, in: factory)
        workersJoined = FarmMetric.workersJoined.counter(in: factory)
        workersLost = FarmMetric.workersLost.counter(in: factory)
        workerExits = CounterFamily(FarmMetric.workerExits, in: factory)
        devicesSetAside = FarmMetric.devicesSetAside.gauge(in: factory)
        probesFailed = FarmMetric.probesFailed.counter(in: factory)
        leasesGranted = CounterFamily(FarmMetric.leasesGranted, in: factory)
        leaseTime = FarmMetric.leaseTime.timer(in: factory)
        leasesRecalled = CounterFamily(FarmMetric.leasesRecalled, in: factory)
        attemptsFailed = CounterFamily(FarmMetric.attemptsFailed, in: factory)
        segmentsFailed = CounterFamily(FarmMetric.segmentsFailed, in: factory)
        segmentsFinished = FarmMetric.segmentsFinished.counter(in: factory)
        resultsFenced = CounterFamily(FarmMetric.resultsFenced, in: factory)
        steps = FarmMetric.steps.timer(in: factory)
        boundaryBytes = FarmMetric.boundaryBytes.counter(in: factory)
        handOff = FarmMetric.handOff.timer(in: factory)
        ledgerCommit = FarmMetric.ledgerCommit.timer(in: factory)
        ledgerWritable = FarmMetric.ledgerWritable.gauge(in: factory)
        ledgerWritable.set(1)
        disk = GaugeFamily(FarmMetric.disk, in: factory)
        sharedDiskFree = configuration.shared.map { _ in FarmMetric.sharedDiskFree.gauge(in: factory) }
        eventLoopLag = FarmMetric.eventLoopLag.timer(in: factory)
    }

    func note(_ notice: FarmNotice) {
        switch notice {
        case .fenced(_, let report): resultsFenced.increment(Fence(late: report))
        case .mismatched: resultsFenced.increment(.otherBoundaries)
        case .recordConflict: resultsFenced.increment(.otherBytes)
        case .attemptFailed(_, _, let failure): attemptsFailed.increment(failure.cause)
        case .segmentFailed(_, let failure): segmentsFailed.increment(failure.cause)
        case .probeFailed: probesFailed.increment()
        case .recalled(_, let reason): leasesRecalled.increment(reason)
        case .workerExited(_, let exit, _): workerExits.increment(exit.cause)
        // Of these the number of something else tells; whether a worker was lost or has left, its dispatcher knows.
        case .workerLost, .generationOpened, .segmentHeld, .deviceSetAside, .deviceReadmitted, .hung, .leaseUnknown,
            .attemptKept, .nodeLost:
            break
        }
    }

    func note(_ census: FarmCensus) {
        var depth: [OpenState: Int] = [:]
        for (state, count) in census.segments {
            if let state = OpenState(state) { depth[state] = count }
        }
        queueDepth.set(depth)
        stories.set(census.stories)
        workers.set(census.workers)
        backlog.set(census.backlog / .seconds(1))
        oldestReady.set(census.oldestReady.map { $0 / .seconds(1) } ?? 0)
        devicesSetAside.set(census.devicesSetAside)
    }
}
