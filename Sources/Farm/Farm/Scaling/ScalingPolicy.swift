/// How large a cluster engine shall keep a farm.
///
/// The engine launches and places jobs, each with a number of workers; which segment a worker renders is the
/// coordinator's business alone.
public struct ScalingPolicy: Hashable, Sendable {
    /// What is handed in now shall be begun after so long.
    public var targetWait: Duration
    /// Jobs that are kept without any work.
    public var minimum: Int
    /// Jobs at once.
    public var maximum: Int
    /// Between a growth and the next reduction, and the other way round.
    public var coolDown: Duration
    /// Workers of one job, and so GPUs.
    public var workersPerJob: Int
    /// From a job's submission to its workers' first step.
    public var startUp: Duration

    public init(
        targetWait: Duration, minimum: Int = 0, maximum: Int, coolDown: Duration, workersPerJob: Int = 1,
        startUp: Duration = .seconds(60)
    ) {
        (self.targetWait, self.minimum, self.maximum) = (targetWait, minimum, maximum)
        (self.coolDown, self.workersPerJob, self.startUp) = (coolDown, workersPerJob, startUp)
    }

    /// How long a job may have nothing to do.
    var idleTime: Duration { startUp }

    /// What can't be meant, in words with the option's name; nil where there is nothing.
    public var problem: String? {
        if maximum < 1 || maximum > Self.jobsMax { return "--max is \(maximum), expected 1 to \(Self.jobsMax)" }
        if minimum < 0 || minimum > maximum { return "--min is \(minimum), expected 0 to \(maximum), which is --max" }
        if workersPerJob < 1 || workersPerJob > Self.workersMax {
            return "--workers-per-job is \(workersPerJob), expected 1 to \(Self.workersMax)"
        }
        if targetWait <= startUp {
            return "--target-wait is \(targetWait), expected more than the \(startUp) of --start-up"
        }
        if coolDown < .zero || coolDown > targetWait {
            return "--cool-down is \(coolDown), expected 0 to \(targetWait), which is --target-wait"
        }
        return nil
    }

    private static let jobsMax = 1024
    private static let workersMax = 256
}
