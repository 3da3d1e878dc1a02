import Farm
import Testing

/// Goal: jobs whose workers get no work neither keep others away nor stay. Method: views and moments by hand.
@Suite struct BarredJobsTests {
    private func at(_ seconds: Int) -> Moment { Moment(microseconds: Int64(seconds) * 1_000_000) }

    /// One of a test that begins at 0 and has long cooled down at 10,000.
    private func scaler(maximum: Int = 10) -> Autoscaler {
        Autoscaler(
            ScalingPolicy(
                targetWait: .seconds(660), maximum: maximum, coolDown: .seconds(300), startUp: .seconds(60)), now: at(0)
        )
    }

    private func view(backlog: Int, open: Int, _ jobs: ScalingJob...) -> ScalingView {
        ScalingView(
            backlog: .seconds(backlog), openSegments: open, readySegments: open, undeliveredSegments: 0, jobs: jobs)
    }

    private func running(_ id: Int, _ workers: ScalingJob.Activity...) -> ScalingJob {
        ScalingJob(id: "\(id)", stage: .running, workers: workers)
    }

    private func isStay(_ decision: ScalingDecision) -> Bool { if case .stay = decision { true } else { false } }

    @Test func anotherJobIsSubmittedInTheirPlaceAndThenTheyGo() {
        var scaler = scaler()
        let alone = view(backlog: 10, open: 1, running(1, .barred, .barred))
        #expect(isStay(scaler.decide(alone, at: at(10_000))))
        #expect(isStay(scaler.decide(alone, at: at(10_059))), "it may be tried again, or leave")
        #expect(
            scaler.decide(alone, at: at(10_060))
                == .submit(1, because: "backlog 10 s in 1 segment, 1 job (1 set aside or drained), 1 wanted"))
        let both = view(backlog: 10, open: 1, running(1, .barred, .barred), ScalingJob(id: "2", stage: .pending))
        #expect(isStay(scaler.decide(both, at: at(10_075))))
        #expect(
            scaler.decide(both, at: at(10_360))
                == .cancel(
                    ["1"], because: "backlog 10 s in 1 segment, 2 jobs (1 pending, 1 set aside or drained), 1 wanted"))
    }

    @Test func atTheMaximumTheyMakeRoom() {
        var scaler = scaler(maximum: 3)
        let full = view(
            backlog: 6_000, open: 10, running(1, .barred), running(2, .denoising), ScalingJob(id: "3", stage: .pending))
        #expect(isStay(scaler.decide(full, at: at(10_000))))
        #expect(
            scaler.decide(full, at: at(10_060))
                == .cancel(
                    ["1"],
                    because: "backlog 6000 s in 10 segments, 3 jobs (1 pending, 1 set aside or drained), 3 wanted"))
        let room = view(backlog: 6_000, open: 10, running(2, .denoising), running(3, .denoising))
        #expect(isStay(scaler.decide(room, at: at(10_359))))
        #expect(
            scaler.decide(room, at: at(10_360))
                == .submit(1, because: "backlog 6000 s in 10 segments, 2 jobs, 3 wanted"))
    }

    @Test func whoeverLeavesIsNotReplacedAtOnce() {
        var scaler = scaler()
        #expect(isStay(scaler.decide(view(backlog: 10, open: 1, running(1, .denoising)), at: at(10_000))))
        // It gives back what it holds, is preempted, and comes back.
        #expect(isStay(scaler.decide(view(backlog: 10, open: 1, running(1, .barred)), at: at(10_015))))
        let requeued = view(backlog: 10, open: 1, ScalingJob(id: "1", stage: .pending))
        #expect(isStay(scaler.decide(requeued, at: at(10_030))))
        #expect(isStay(scaler.decide(view(backlog: 10, open: 1, running(1, .denoising)), at: at(10_400))))
    }

    @Test func aJobWithAWorkerThatGetsWorkIsAsGoodAsThatOne() {
        var scaler = scaler(maximum: 1)
        let jobs = [running(1, .barred, .denoising), running(2, .barred, .delivering), running(3, .idle, .idle)]
        let many = ScalingView(
            backlog: .seconds(9_999), openSegments: 50, readySegments: 50, undeliveredSegments: 0, jobs: jobs)
        guard case .cancel(let going, _) = scaler.decide(many, at: at(10_000)) else {
            Issue.record("nobody goes")
            return
        }
        #expect(going == ["3", "2"])
    }
}
