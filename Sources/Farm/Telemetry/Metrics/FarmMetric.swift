/// Every metric of StoryFarm's programs. Rules and dashboards in `ops` may name these and no others.
///
/// Labels have few values, known beforehand: no story, no user, no worker and no node is ever one.
public enum FarmMetric {
    // The process.
    public static let buildInfo = MetricDeclaration(
        "storyfarm_build_info", .gauge, "1; the label names the build that runs.", labels: ["version"])
    public static let epoch = MetricDeclaration(
        "storyfarm_epoch", .gauge, "Rises by one with every start of the coordinator on the same ledger.")
    public static let eventLoopLag = MetricDeclaration(
        "storyfarm_event_loop_lag_seconds", .histogram(bounds: fast),
        "How late the dispatcher takes its turn, looked at four times a second.")

    // The queue.
    public static let queueDepth = MetricDeclaration(
        "storyfarm_queue_depth", .gauge,
        "Segments of stories that have not ended, by their state; paused are those that only wait for their story.",
        labels: ["state"])
    public static let stories = MetricDeclaration(
        "storyfarm_stories", .gauge, "Stories by their state.", labels: ["state"])
    public static let backlog = MetricDeclaration(
        "storyfarm_backlog_seconds", .gauge,
        "Expected worker-seconds of everything that is not denoised yet, without paused stories.")
    public static let oldestReady = MetricDeclaration(
        "storyfarm_oldest_ready_seconds", .gauge,
        "How long the longest waiting ready segment has waited for a worker, without paused stories; 0 where none "
            + "waits.")

    // Workers and devices.
    public static let workers = MetricDeclaration(
        "storyfarm_workers", .gauge, "Workers by what they do.", labels: ["state"])
    public static let workersJoined = MetricDeclaration(
        "storyfarm_workers_joined_total", .counter, "Worker processes that joined.")
    public static let workersLost = MetricDeclaration(
        "storyfarm_workers_lost_total", .counter,
        "Worker processes that died or fell silent; who takes leave is not lost.")
    public static let workerExits = MetricDeclaration(
        "storyfarm_worker_exits_total", .counter,
        "Worker processes of nodes' agents that ended and were not asked to, also before they joined, by how they did.",
        labels: ["cause"])
    public static let devicesSetAside = MetricDeclaration(
        "storyfarm_devices_set_aside", .gauge, "Devices that failed too often and get no work until a probe passes.")
    public static let probesFailed = MetricDeclaration(
        "storyfarm_probes_failed_total", .counter, "Probes of set-aside devices that failed.")

    // Work.
    public static let leasesGranted = MetricDeclaration(
        "storyfarm_leases_granted_total", .counter, "Leases given to workers.", labels: ["phase"])
    public static let leaseTime = MetricDeclaration(
        "storyfarm_lease_seconds", .histogram(bounds: fast),
        "From the decision to lease a segment until that is durable and on its way to the worker.")
    public static let leasesRecalled = MetricDeclaration(
        "storyfarm_leases_recalled_total", .counter, "Leases asked back, by the reason.", labels: ["reason"])
    public static let attemptsFailed = MetricDeclaration(
        "storyfarm_attempts_failed_total", .counter,
        "Attempts that failed, by the class of failure; all but badInput are tried again, within limits.",
        labels: ["class"])
    public static let segmentsFailed = MetricDeclaration(
        "storyfarm_segments_failed_total", .counter,
        "Segments that failed for good, by the class of the last failure.",
        labels: ["class"])
    public static let segmentsFinished = MetricDeclaration(
        "storyfarm_segments_finished_total", .counter, "Segments whose video is on the coordinator's disk.")
    public static let resultsFenced = MetricDeclaration(
        "storyfarm_results_fenced_total", .counter,
        "Reports that were refused because their lease or what they were "
            + "made from is no longer the current one.", labels: ["reason"])
    public static let steps = MetricDeclaration(
        "storyfarm_step_seconds",
        .histogram(bounds: [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 15, 30, 60, 120]),
        "How long a denoising step took, waits for boundaries not counted.")

    // What is kept and passed on.
    public static let boundaryBytes = MetricDeclaration(
        "storyfarm_boundary_bytes_total", .counter, "Bytes of boundaries written to the log.")
    public static let handOff = MetricDeclaration(
        "storyfarm_handoff_seconds", .histogram(bounds: fast),
        "From a boundary's arrival at the relay until it is written and on its way to its readers.")
    public static let ledgerCommit = MetricDeclaration(
        "storyfarm_ledger_commit_seconds", .histogram(bounds: fast), "How long a durable commit to the ledger took.")
    public static let ledgerWritable = MetricDeclaration(
        "storyfarm_ledger_writable", .gauge, "1 while the ledger takes what is committed, 0 while it refuses.")
    public static let disk = MetricDeclaration(
        "storyfarm_disk_bytes", .gauge, "What is free on the coordinator's disk, and what is taken, by kind.",
        labels: ["kind"])
    public static let diskWatermark = MetricDeclaration(
        "storyfarm_disk_watermark_bytes", .gauge,
        "With less room than this, stories that have ended lose their boundaries early.")
    public static let diskReserve = MetricDeclaration(
        "storyfarm_disk_reserve_bytes", .gauge, "With less room than this, no story is accepted.")

    public static let sharedDiskFree = MetricDeclaration(
        "storyfarm_shared_disk_free_bytes", .gauge,
        "What is free where latents and videos lie, with --shared; 0 where that can't be looked at.")

    // People.
    public static let requests = MetricDeclaration(
        "storyfarm_http_requests_total", .counter, "HTTP requests, by route, not by address.",
        labels: ["method", "route", "status"])
    public static let requestTime = MetricDeclaration(
        "storyfarm_http_request_seconds", .histogram(bounds: fast), "From a request until its answer begins.",
        labels: ["method", "route"])
    public static let listeners = MetricDeclaration(
        "storyfarm_event_listeners", .gauge, "Open event streams.")

    /// Of what usually takes milliseconds, in seconds.
    private static let fast = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

    public static let all = [
        buildInfo, epoch, eventLoopLag, queueDepth, stories, backlog, oldestReady, workers, workersJoined, workersLost,
        workerExits, devicesSetAside, probesFailed, leasesGranted, leaseTime, leasesRecalled, attemptsFailed,
        segmentsFailed, segmentsFinished, resultsFenced, steps, boundaryBytes, handOff, ledgerCommit, ledgerWritable,
        disk, diskWatermark, diskReserve, sharedDiskFree, requests, requestTime, listeners,
    ]
}
