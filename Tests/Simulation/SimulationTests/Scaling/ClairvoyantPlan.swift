import Farm

/// The cheapest plan of somebody who knows the whole day: GPU-seconds with the same minimum, maximum, loading of models
/// and target wait, but no cool-down, no engine that takes time to place a job and no question asked only now and then.
///
/// Each minute it has n GPUs that work; another one costs the loading of its model besides. Work is a fluid: it is done
/// in the order it came in, and has to be done when its segment, begun at the end of the target wait, would be. That is
/// easier than to render whole segments, so whoever has to is compared with a lower bound. Found by dynamic programming
/// over minutes, GPUs and the backlog in GPU-minutes, exactly.
struct ClairvoyantPlan {
    /// Nil where no plan keeps to the target wait.
    let gpuSeconds: Int?

    private static let never = Int32.max / 2

    init(_ day: DayOfLoad, policy: ScalingPolicy, loading seconds: Int) {
        let target = Int(policy.targetWait / .seconds(1))
        let longest = day.stories.map(\.secondsEach).max() ?? 0
        let minutes = (86_400 + target + longest) / 60 + 2
        var (arrived, due) = (Array(repeating: 0, count: minutes + 1), Array(repeating: 0, count: minutes + 1))
        for story in day.stories {
            let work = story.segments * story.secondsEach
            arrived[story.second / 60 + 1] += work
            due[(story.second + target + story.secondsEach) / 60 + 1] += work
        }
        let total = Self.cheapest(
            Self.sums(arrived), Self.sums(due), policy.minimum...policy.maximum, loading: Int32((seconds + 59) / 60))
        gpuSeconds = total.map { Int($0) * 60 }
    }

    /// In whole GPU-minutes, from midnight to each minute.
    private static func sums(_ seconds: [Int]) -> [Int] {
        var sum = 0
        return seconds.map { seconds in
            sum += seconds
            return (sum + 30) / 60
        }
    }

    /// - Parameters:
    ///   - came: work that was handed in by each minute.
    ///   - owed: work that has to be done by each minute.
    ///   - loading: GPU-minutes that another GPU costs.
    private static func cheapest(
        _ came: [Int], _ owed: [Int], _ range: ClosedRange<Int>, loading: Int32
    ) -> Int32? {
        // By the number of GPUs, and by the backlog: no more than what is not due yet.
        var costs = [[Int32]](repeating: [never], count: range.count)
        costs[0][0] = 0
        for minute in 1..<came.count {
            let new = came[minute] - came[minute - 1]
            let allowed = came[minute] - owed[minute]
            var next = [[Int32]](repeating: Array(repeating: never, count: allowed + 1), count: range.count)
            for backlog in costs[0].indices {
                for (index, cost) in changed(costs.map { $0[backlog] }, loading).enumerated() where cost < never {
                    let gpus = range.lowerBound + index
                    let left = max(0, backlog + new - gpus)
                    if left <= allowed { next[index][left] = min(next[index][left], cost + Int32(gpus)) }
                }
            }
            costs = next
        }
        return costs.map { $0[0] }.min().flatMap { $0 < never ? $0 : nil }
    }

    /// The least that each number of GPUs costs when it may be reached from every other.
    private static func changed(_ costs: [Int32], _ loading: Int32) -> [Int32] {
        var best = costs
        for index in best.indices.dropFirst() { best[index] = min(best[index], best[index - 1] + loading) }
        // Giving one back costs nothing.
        for index in best.indices.dropLast().reversed() { best[index] = min(best[index], best[index + 1]) }
        return best
    }
}
