import Farm
import Testing

/// Goal: a farm that an autoscaler keeps is as quick as was promised and costs little more than the best plan of
/// somebody who knew the day beforehand. Method: the real rules over a day of load, second by second, on a simulated
/// cluster.
@Suite struct ScalingDayTests {
    private static let loading = 60

    private static func policy(
        target: Int = 1200, coolDown: Int = 300, minimum: Int = 0, maximum: Int = 24
    ) -> ScalingPolicy {
        ScalingPolicy(
            targetWait: .seconds(target), minimum: minimum, maximum: maximum, coolDown: .seconds(coolDown),
            startUp: .seconds(75))
    }

    private func run(_ policy: ScalingPolicy) throws -> SimulatedCluster {
        var scaler = Autoscaler(policy, now: Moment(microseconds: 0))
        var cluster = SimulatedCluster(try DayOfLoad(), placing: 15, loading: Self.loading)
        cluster.run(&scaler, every: 15)
        return cluster
    }

    @Test func aDayOfLoadIsServedInTimeForLittleMoreThanTheClairvoyantPlan() throws {
        let day = try DayOfLoad()
        let policy = Self.policy()
        #expect(policy.problem == nil)
        let cluster = try run(policy)
        #expect(cluster.waits.count == day.segments, "every segment is begun once")
        #expect(cluster.gpuSeconds >= day.gpuSeconds)
        #expect(cluster.mostJobs <= policy.maximum)
        #expect(cluster.interrupted == 0, "nobody who denoises is told to go")

        let target = Int(policy.targetWait / .seconds(1))
        let inTime = Double(cluster.waits.count { $0 <= target }) / Double(cluster.waits.count)
        let minutes = Double(cluster.longestWaits.count { $0 <= target }) / Double(cluster.longestWaits.count)
        #expect(inTime >= 0.95)
        #expect(minutes >= 0.95)

        let plan = try #require(ClairvoyantPlan(day, policy: policy, loading: Self.loading).gpuSeconds)
        #expect(plan >= day.gpuSeconds - 60 * 60, "a plan that does less than the work is none")
        let ratio = Double(cluster.gpuSeconds) / Double(plan)
        #expect(ratio <= 1.15)

        let reversals = Self.reversals(cluster.changes)
        #expect(reversals.allSatisfy { $0 >= 300 })
        print(
            """
            a day of \(day.stories.count) stories, \(day.segments) segments, \(day.gpuSeconds) GPU-s of work: \
            \(cluster.gpuSeconds) GPU-s used, the clairvoyant plan \(plan) (\(percent(ratio))); begun within \
            \(target) s: \(percent(inTime)) of the segments, \(percent(minutes)) of the time; \
            \(cluster.changes.count) changes of size, directions reversed after \(reversals.min() ?? 0) s at the \
            least (cool-down 300 s), up to \(cluster.mostJobs) jobs
            """)
    }

    @Test(arguments: [(900, 300), (1800, 300), (1800, 900), (1200, 60)])
    func whateverIsAskedForItNeverSwingsFasterThanItsCoolDown(target: Int, coolDown: Int) throws {
        let cluster = try run(Self.policy(target: target, coolDown: coolDown, minimum: 1))
        #expect(Self.reversals(cluster.changes).allSatisfy { $0 >= coolDown })
        #expect(cluster.changes.contains { $0.jobs > 0 } && cluster.changes.contains { $0.jobs < 0 })
        let inTime = Double(cluster.waits.count { $0 <= target }) / Double(cluster.waits.count)
        #expect(inTime >= 0.95)
    }

    /// Seconds between a change and the next in the other direction.
    private static func reversals(_ changes: [SimulatedCluster.Change]) -> [Int] {
        zip(changes, changes.dropFirst()).compactMap { a, b in
            (a.jobs > 0) != (b.jobs > 0) ? b.second - a.second : nil
        }
    }

    private func percent(_ share: Double) -> String { "\((share * 1000).rounded() / 10) %" }
}
