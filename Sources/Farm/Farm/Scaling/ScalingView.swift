/// A farm and its jobs at one moment, as far as its size depends on them.
public struct ScalingView: Hashable, Sendable {
    /// GPU-time of everything that is not denoised yet.
    public var backlog: Duration
    /// Segments that are not denoised yet: more workers than these have nothing to do.
    public var openSegments: Int
    /// Segments of these that a free worker would get now.
    public var readySegments: Int
    /// Segments that are denoised and still to be encoded, which takes a worker as well.
    public var undeliveredSegments: Int
    /// The engine's jobs, those that wait included.
    public var jobs: [ScalingJob]

    public init(
        backlog: Duration, openSegments: Int, readySegments: Int, undeliveredSegments: Int, jobs: [ScalingJob]
    ) {
        (self.backlog, self.openSegments, self.readySegments) = (backlog, openSegments, readySegments)
        (self.undeliveredSegments, self.jobs) = (undeliveredSegments, jobs)
    }
}

/// A job of the cluster engine.
public struct ScalingJob: Hashable, Sendable {
    public enum Stage: Hashable, Sendable {
        /// The engine has not placed it yet.
        case pending
        case running
        /// It ends.
        case leaving
        /// The engine does not place it before a person says so.
        case held
    }

    /// What a worker does, from what costs least to give up.
    public enum Activity: Int, Hashable, Comparable, Sendable {
        /// It gets no work: its device is set aside, or it is drained.
        case barred = -1
        case idle, delivering, waiting, denoising

        public static func < (a: Activity, b: Activity) -> Bool { a.rawValue < b.rawValue }
    }

    /// The engine's name for it.
    public var id: String
    public var stage: Stage
    /// Its workers that have joined the farm.
    public var workers: [Activity]

    public init(id: String, stage: Stage, workers: [Activity] = []) {
        (self.id, self.stage, self.workers) = (id, stage, workers)
    }

    var isIdle: Bool { stage == .running && workers.max() == .idle }
    /// Running with workers none of which gets any work.
    var isBarred: Bool { stage == .running && workers.max() == .barred }
    /// Running without a worker that has joined.
    var isStarting: Bool { stage == .running && workers.isEmpty }

    /// What is lost with it, to be compared from left to right.
    var worth: [Int] {
        switch stage {
        case .pending, .leaving, .held: [0]
        case .running:
            if isBarred {
                // One that waits may still be of use.
                [-1]
            } else if isStarting {
                // One that loads a model has cost something already, but nobody's work.
                [1]
            } else {
                [2 + workers.count { $0 == .denoising }, workers.map { max(0, $0.rawValue) }.reduce(0, +)]
            }
        }
    }
}

/// What to do about a farm's size, and why.
public enum ScalingDecision: Hashable, Sendable {
    case stay(because: String)
    /// So many more jobs.
    case submit(Int, because: String)
    /// These jobs end; those that run give back what they hold.
    case cancel([String], because: String)
    /// Jobs end before their workers join: more of them would do the same.
    case giveUp(because: String)

    /// In words for a log.
    public var reason: String {
        switch self {
        case .stay(let reason), .submit(_, let reason), .cancel(_, let reason), .giveUp(let reason): reason
        }
    }
}
