import Farm

/// A farm under a cluster engine, second by second: jobs of one worker each that an autoscaler asks for, segments that
/// are begun in the order they were handed in.
struct SimulatedCluster {
    struct Job {
        let id: Int
        let submitted: Int
        /// When the engine places it.
        let placed: Int
        /// When its worker has loaded its model.
        let ready: Int
        /// Seconds of its segment that are left; 0 where it has none.
        var left = 0
        var isLeaving = false
    }

    /// What was changed when: jobs more, or fewer.
    struct Change {
        let second: Int
        let jobs: Int
    }

    private struct Queued {
        let story: Int
        let second: Int
        let seconds: Int
    }

    let day: DayOfLoad
    /// Until the engine has placed a job; its GPU is not held yet.
    let placing: Int
    /// Until a worker has loaded its model; its GPU is held.
    let loading: Int
    private(set) var jobs: [Job] = []
    private(set) var changes: [Change] = []
    /// Of each segment, until it was begun.
    private(set) var waits: [Int] = []
    /// For each minute in which something waited, how long the first of it had.
    private(set) var longestWaits: [Int] = []
    private(set) var gpuSeconds = 0
    /// Segments that were being denoised when their job was told to end.
    private(set) var interrupted = 0
    private(set) var mostJobs = 0
    private var queue: [Queued] = []
    private var head = 0
    private var next = 0
    private var measured: Set<Int> = []
    private var number = 0

    init(_ day: DayOfLoad, placing: Int, loading: Int) {
        (self.day, self.placing, self.loading) = (day, placing, loading)
    }

    /// Runs until midnight, and on until nothing is left to do.
    mutating func run(_ scaler: inout Autoscaler, every interval: Int) {
        var second = 0
        while second < 86_400 || head < queue.count || jobs.contains(where: { $0.left > 0 }) {
            arrive(second)
            if second % interval == 0 { ask(&scaler, second) }
            work(second)
            if second % 60 == 0, head < queue.count { longestWaits.append(second - queue[head].second) }
            second += 1
        }
    }

    private mutating func arrive(_ second: Int) {
        while next < day.stories.count, day.stories[next].second <= second {
            let story = day.stories[next]
            queue += (0..<story.segments).map { _ in
                Queued(story: next, second: story.second, seconds: story.secondsEach)
            }
            next += 1
        }
    }

    private mutating func work(_ second: Int) {
        for index in jobs.indices where jobs[index].placed <= second {
            gpuSeconds += 1
            if jobs[index].left > 0 { jobs[index].left -= 1 }
            guard jobs[index].left == 0, !jobs[index].isLeaving, jobs[index].ready <= second, head < queue.count else {
                continue
            }
            waits.append(second - queue[head].second)
            jobs[index].left = queue[head].seconds
            measured.insert(queue[head].story)
            head += 1
        }
        jobs.removeAll { $0.isLeaving && $0.left == 0 }
    }

    /// What a coordinator would say: of a story without a finished step it only knows what others took.
    private func backlog() -> Duration {
        let known = measured.map { day.stories[$0].secondsEach }
        let usual = known.isEmpty ? 64 : known.reduce(0, +) / known.count
        let waiting = queue[head...].reduce(0) { sum, segment in
            sum + (measured.contains(segment.story) ? segment.seconds : usual)
        }
        return .seconds(waiting + jobs.reduce(0) { $0 + $1.left })
    }

    private mutating func ask(_ scaler: inout Autoscaler, _ second: Int) {
        let view = ScalingView(
            backlog: backlog(), openSegments: queue.count - head + jobs.count { $0.left > 0 },
            readySegments: queue.count - head, undeliveredSegments: 0,
            jobs: jobs.map { job in
                ScalingJob(
                    id: "\(job.id)", stage: job.placed > second ? .pending : .running,
                    workers: job.ready > second ? [] : [job.left > 0 ? .denoising : .idle])
            })
        switch scaler.decide(view, at: Moment(microseconds: Int64(second) * 1_000_000)) {
        case .submit(let count, _):
            for _ in 0..<count {
                number += 1
                let placed = second + placing
                jobs.append(Job(id: number, submitted: second, placed: placed, ready: placed + loading))
            }
            changes.append(Change(second: second, jobs: count))
        case .cancel(let names, _):
            interrupted += jobs.count { names.contains("\($0.id)") && $0.left > 0 }
            jobs.removeAll { names.contains("\($0.id)") && $0.placed > second }
            for index in jobs.indices where names.contains("\(jobs[index].id)") { jobs[index].isLeaving = true }
            changes.append(Change(second: second, jobs: -names.count))
        case .stay, .giveUp: break
        }
        mostJobs = max(mostJobs, jobs.count)
    }
}
