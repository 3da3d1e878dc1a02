import Farm
import Testing

/// Goal: a farm is as large as its backlog needs, and whoever works is left to work. Method: views and moments by hand.
@Suite struct AutoscalerTests {
    private func at(_ seconds: Int) -> Moment { Moment(microseconds: Int64(seconds) * 1_000_000) }

    /// One of a test that begins at 0 and has long cooled down at 10,000.
    private func scaler(minimum: Int = 0, maximum: Int = 10, workersPerJob: Int = 1) -> Autoscaler {
        Autoscaler(
            ScalingPolicy(
                targetWait: .seconds(660), minimum: minimum, maximum: maximum, coolDown: .seconds(300),
                workersPerJob: workersPerJob, startUp: .seconds(60)), now: at(0))
    }

    private func view(
        backlog: Int, open: Int, ready: Int? = nil, undelivered: Int = 0, _ jobs: [ScalingJob] = []
    ) -> ScalingView {
        ScalingView(
            backlog: .seconds(backlog), openSegments: open, readySegments: ready ?? open,
            undeliveredSegments: undelivered, jobs: jobs)
    }

    private func running(_ id: Int, _ workers: ScalingJob.Activity...) -> ScalingJob {
        ScalingJob(id: "\(id)", stage: .running, workers: workers)
    }

    private let givenUp = ScalingDecision.giveUp(
        because: "3 jobs in a row ended, or were held, before a worker of theirs had joined")

    private func isStay(_ decision: ScalingDecision) -> Bool { if case .stay = decision { true } else { false } }

    @Test func itSubmitsAsManyJobsAsTheTargetWaitNeeds() {
        var scaler = scaler()
        // 600 s are left when a job has started.
        let first = scaler.decide(view(backlog: 1801, open: 20), at: at(10_000))
        #expect(first == .submit(4, because: "backlog 1801 s in 20 segments, 0 jobs, 4 wanted"))
        let jobs = (1...4).map { ScalingJob(id: "\($0)", stage: .pending) }
        #expect(isStay(scaler.decide(view(backlog: 1801, open: 20, jobs), at: at(10_015))), "those are on their way")
        #expect(
            scaler.decide(view(backlog: 3001, open: 20, jobs), at: at(10_030))
                == .submit(2, because: "backlog 3001 s in 20 segments, 4 jobs (4 pending), 6 wanted"))
    }

    @Test func thereAreNeverMoreThanTheMaximumOrThanSegments() {
        var scaler = scaler(maximum: 5)
        if case .submit(let count, _) = scaler.decide(view(backlog: 1_000_000, open: 99), at: at(10_000)) {
            #expect(count == 5)
        } else {
            Issue.record("nothing is submitted")
        }
        var other = self.scaler(workersPerJob: 4)
        let decision = other.decide(view(backlog: 1_000_000, open: 9), at: at(10_000))
        #expect(decision == .submit(3, because: "backlog 1000000 s in 9 segments, 0 jobs, 3 wanted"))
    }

    @Test func theMinimumIsKeptWithoutWork() {
        var scaler = scaler(minimum: 2)
        #expect(
            scaler.decide(view(backlog: 0, open: 0), at: at(10_000))
                == .submit(2, because: "backlog 0 s in 0 segments, 0 jobs, 2 wanted"))
        let idle = [running(1, .idle), running(2, .idle)]
        for second in stride(from: 10_015, to: 20_000, by: 15) {
            #expect(isStay(scaler.decide(view(backlog: 0, open: 0, idle), at: at(second))))
        }
    }

    @Test func onlyWhoHasBeenIdleForAsLongAsAStartTakesIsGivenBack() {
        var scaler = scaler()
        let jobs = [running(1, .denoising), running(2, .idle), running(3, .delivering), running(4, .waiting)]
        #expect(isStay(scaler.decide(view(backlog: 10, open: 2, ready: 0, jobs), at: at(10_000))))
        #expect(isStay(scaler.decide(view(backlog: 10, open: 2, ready: 0, jobs), at: at(10_059))))
        let decision = scaler.decide(view(backlog: 10, open: 2, ready: 0, jobs), at: at(10_060))
        #expect(decision == .cancel(["2"], because: "backlog 10 s in 2 segments, 4 jobs (1 idle), 1 wanted"))
        // It is on its way, and nobody else has been idle.
        #expect(isStay(scaler.decide(view(backlog: 10, open: 2, ready: 0, jobs), at: at(10_500))))
    }

    @Test func whatIsToBeEncodedKeepsAJobAlsoWhereItsNodeFails() {
        var scaler = scaler()
        let (delivering, requeued) = (running(1, .delivering), ScalingJob(id: "1", stage: .pending))
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, undelivered: 2, [delivering]), at: at(10_000))))
        // The engine starts the job again, which must not be withdrawn meanwhile.
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, undelivered: 2, [requeued]), at: at(10_015))))
        // It has come back, and all that lies is of a kind that it can't encode, or not yet.
        for second in stride(from: 10_030, to: 12_000, by: 15) {
            let idle = view(backlog: 0, open: 0, undelivered: 2, [running(1, .idle)])
            #expect(isStay(scaler.decide(idle, at: at(second))))
        }
        #expect(!isStay(scaler.decide(view(backlog: 0, open: 0, [running(1, .idle)]), at: at(12_000))))
    }

    @Test func whatIsToBeEncodedBringsAJob() {
        var scaler = scaler()
        let decision = scaler.decide(view(backlog: 0, open: 0, undelivered: 2), at: at(10_000))
        #expect(
            decision == .submit(1, because: "backlog 0 s in 0 segments, 2 to be encoded, 0 jobs, 1 wanted"))
    }

    @Test func whoHadWorkInBetweenWasNotIdle() {
        var scaler = scaler()
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, [running(1, .idle)]), at: at(10_000))))
        #expect(isStay(scaler.decide(view(backlog: 9, open: 1, [running(1, .denoising)]), at: at(10_050))))
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, [running(1, .idle)]), at: at(10_070))))
        #expect(!isStay(scaler.decide(view(backlog: 0, open: 0, [running(1, .idle)]), at: at(10_130))))
    }

    @Test func whoHasNotHeardIsToldAgain() {
        var scaler = scaler()
        let jobs = [running(1, .idle)]
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, jobs), at: at(10_000))))
        #expect(!isStay(scaler.decide(view(backlog: 0, open: 0, jobs), at: at(10_060))))
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, jobs), at: at(10_959))))
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, jobs), at: at(10_960))))
        var told = false
        for second in stride(from: 10_961, to: 11_100, by: 15) {
            if !isStay(scaler.decide(view(backlog: 0, open: 0, jobs), at: at(second))) { told = true }
        }
        #expect(told)
    }

    @Test func jobsThatWaitWithoutNeedAreWithdrawnFirst() {
        var scaler = scaler()
        let jobs = [running(1, .idle), ScalingJob(id: "2", stage: .pending), ScalingJob(id: "3", stage: .pending)]
        let decision = scaler.decide(view(backlog: 10, open: 1, jobs), at: at(10_000))
        #expect(
            decision == .cancel(["3", "2"], because: "backlog 10 s in 1 segment, 3 jobs (2 pending, 1 idle), 1 wanted"))
        // One was placed before it could be withdrawn: it is asked again.
        let placed = [running(1, .idle), running(3)]
        #expect(isStay(scaler.decide(view(backlog: 10, open: 1, placed), at: at(10_010))))
    }

    @Test func aLoweredMaximumTakesTheIdleFirstAndWhoDenoisesLast() {
        var scaler = scaler(maximum: 3)
        let jobs = [
            running(1, .denoising, .denoising), running(2, .idle, .denoising), running(3, .waiting, .idle),
            running(4, .idle, .idle), running(5, .delivering, .idle), running(6),
        ]
        guard case .cancel(let going, let reason) = scaler.decide(view(backlog: 9_999, open: 50, jobs), at: at(10_000))
        else {
            Issue.record("nobody goes")
            return
        }
        #expect(going == ["6", "4", "5"])
        #expect(reason.hasSuffix("more than the maximum"))
    }

    @Test func directionsAreNotReversedWithinTheCoolDown() {
        var scaler = scaler()
        let idle = [running(1, .idle), running(2, .idle)]
        #expect(isStay(scaler.decide(view(backlog: 600, open: 1, [running(1, .denoising)]), at: at(9_000))))
        #expect(!isStay(scaler.decide(view(backlog: 1200, open: 2, [running(1, .denoising)]), at: at(10_000))))
        var (reduced, grown) = (0, 0)
        for second in stride(from: 10_015, to: 12_000, by: 15) where reduced == 0 {
            if !isStay(scaler.decide(view(backlog: 0, open: 0, idle), at: at(second))) { reduced = second }
        }
        #expect(reduced == 10_300, "the first question after 300 s")
        for second in stride(from: reduced + 15, to: 14_000, by: 15) where grown == 0 {
            if !isStay(scaler.decide(view(backlog: 600, open: 9), at: at(second))) { grown = second }
        }
        #expect(grown == 10_600)
    }

    @Test func whoIsJustStartedGivesNothingBack() {
        var scaler = Autoscaler(
            ScalingPolicy(targetWait: .seconds(660), maximum: 4, coolDown: .seconds(300)), now: at(50))
        let jobs = [running(1, .idle)]
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, jobs), at: at(50))))
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, jobs), at: at(349))))
        #expect(!isStay(scaler.decide(view(backlog: 0, open: 0, jobs), at: at(350))))
    }

    @Test func aChainOfSegmentsGetsNoWorkersThatWouldOnlyWait() {
        var scaler = scaler()
        let jobs = [running(1, .denoising), running(2, .idle)]
        #expect(isStay(scaler.decide(view(backlog: 6_000, open: 10, ready: 0, jobs), at: at(10_000))))
        #expect(!isStay(scaler.decide(view(backlog: 6_000, open: 10, ready: 1, jobs), at: at(10_015))))
    }

    @Test func aChainGivesBackWhoWaitsForItAndGrowsNoMore() {
        var scaler = scaler()
        let jobs = [running(1, .denoising), running(2, .idle), running(3, .idle)]
        #expect(isStay(scaler.decide(view(backlog: 6_000, open: 10, ready: 0, jobs), at: at(10_000))))
        #expect(
            scaler.decide(view(backlog: 6_000, open: 10, ready: 0, jobs), at: at(10_060))
                == .cancel(["3", "2"], because: "backlog 6000 s in 10 segments, 3 jobs (2 idle), 1 wanted"))
        for second in stride(from: 10_075, to: 14_000, by: 15) {
            let left = view(backlog: 6_000, open: 10, ready: 0, [running(1, .denoising)])
            #expect(isStay(scaler.decide(left, at: at(second))))
        }
        // Another story is no part of it.
        #expect(!isStay(scaler.decide(view(backlog: 6_000, open: 10, [running(1, .denoising)]), at: at(14_000))))
    }

    /// As where a story names a model that nobody here has.
    @Test func whatNobodyTakesKeepsOneIdleJobAndNoMore() {
        var scaler = scaler(maximum: 4)
        #expect(scaler.decide(view(backlog: 6_000, open: 10, ready: 1), at: at(10_000)).isSubmission(of: 4))
        var jobs = (1...4).map { running($0, .idle) }
        var changes: [String] = []
        for second in stride(from: 10_015, to: 20_000, by: 15) {
            switch scaler.decide(view(backlog: 6_000, open: 10, ready: 1, jobs), at: at(second)) {
            case .cancel(let going, _):
                changes += going
                jobs.removeAll { going.contains($0.id) }
            case .stay: break
            case .submit, .giveUp: Issue.record("\(second): it grows for what nobody takes")
            }
        }
        #expect(changes == ["4", "3", "2"])
        // Somebody takes something: there is work for more.
        let busy = view(backlog: 6_000, open: 10, ready: 1, [running(1, .denoising)])
        #expect(scaler.decide(busy, at: at(20_000)).isSubmission(of: 3))
    }

    @Test func theMinimumStaysWhateverIsIdle() {
        var scaler = scaler(minimum: 2)
        let jobs = (1...3).map { running($0, .idle) }
        #expect(isStay(scaler.decide(view(backlog: 6_000, open: 10, ready: 0, jobs), at: at(10_000))))
        #expect(
            scaler.decide(view(backlog: 6_000, open: 10, ready: 0, jobs), at: at(10_060))
                == .cancel(["3"], because: "backlog 6000 s in 10 segments, 3 jobs (3 idle), 2 wanted"))
    }

    @Test func aJobWhoseWorkersNeverJoinIsGivenBackInTheEnd() {
        var scaler = scaler()
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, [running(1)]), at: at(10_000))))
        #expect(isStay(scaler.decide(view(backlog: 0, open: 0, [running(1)]), at: at(10_899))))
        #expect(!isStay(scaler.decide(view(backlog: 0, open: 0, [running(1)]), at: at(10_900))))
    }

    @Test func jobsThatEndBeforeTheirWorkersJoinAreNotSubmittedForEver() {
        var scaler = scaler()
        var decision = ScalingDecision.stay(because: "")
        for number in 1...3 {
            decision = scaler.decide(
                view(backlog: 60, open: 1, [ScalingJob(id: "\(number)", stage: .pending)]), at: at(10_000 + number * 60)
            )
            #expect(isStay(decision))
            decision = scaler.decide(view(backlog: 60, open: 1), at: at(10_030 + number * 60))
        }
        #expect(decision == givenUp)
    }

    @Test func jobsThatEndBeforeAnybodyLooksAreCountedAsWell() {
        var scaler = scaler()
        for number in 1...3 {
            let decision = scaler.decide(view(backlog: 60, open: 1), at: at(10_000 + number * 15))
            #expect(decision == .submit(1, because: "backlog 60 s in 1 segment, 0 jobs, 1 wanted"))
            scaler.submitted(["\(number)"])
        }
        let last = scaler.decide(view(backlog: 60, open: 1), at: at(10_060))
        #expect(last == givenUp)
    }

    @Test func aHeldJobIsReplacedAndIsNoneToGiveBack() {
        var scaler = scaler()
        let held = ScalingJob(id: "1", stage: .held)
        #expect(
            scaler.decide(view(backlog: 600, open: 1, [held]), at: at(10_000))
                == .submit(1, because: "backlog 600 s in 1 segment, 0 jobs, 1 wanted"))
        // Somebody lets it go on, and now there is one too many.
        let released = [ScalingJob(id: "1", stage: .pending), running(2, .denoising)]
        #expect(
            scaler.decide(view(backlog: 600, open: 1, released), at: at(10_300))
                == .cancel(["1"], because: "backlog 600 s in 1 segment, 2 jobs (1 pending), 1 wanted"))
    }

    @Test func jobsAreNotSubmittedForEverWhereEachIsHeld() {
        var scaler = scaler()
        var held: [ScalingJob] = []
        for number in 1...3 {
            #expect(
                scaler.decide(view(backlog: 60, open: 1, held), at: at(10_000 + number * 60)).isSubmission(of: 1))
            scaler.submitted(["\(number)"])
            held.append(ScalingJob(id: "\(number)", stage: .held))
        }
        #expect(scaler.decide(view(backlog: 60, open: 1, held), at: at(10_300)) == givenUp)
        // Another one after it is not blamed for them.
        var next = self.scaler()
        #expect(next.decide(view(backlog: 60, open: 1, held), at: at(10_000)).isSubmission(of: 1))
    }

    @Test func aWorkerThatJoinedShowsThatJobsCanWork() {
        var scaler = scaler()
        for number in 1...6 {
            let jobs = [ScalingJob(id: "\(number)", stage: .pending), running(100 + number / 2, .denoising)]
            #expect(isStay(scaler.decide(view(backlog: 1_200, open: 2, jobs), at: at(10_000 + number * 60))))
            let decision = scaler.decide(
                view(backlog: 60, open: 1, [running(100 + number / 2, .denoising)]), at: at(10_030 + number * 60))
            #expect(isStay(decision), "\(number): \(decision)")
        }
    }

    @Test(arguments: [
        (ScalingPolicy(targetWait: .seconds(600), maximum: 0, coolDown: .zero), "--max is 0"),
        (ScalingPolicy(targetWait: .seconds(600), minimum: 5, maximum: 4, coolDown: .zero), "--min is 5"),
        (ScalingPolicy(targetWait: .seconds(60), maximum: 4, coolDown: .zero), "--target-wait is 60.0 seconds"),
        (ScalingPolicy(targetWait: .seconds(600), maximum: 4, coolDown: .seconds(601)), "--cool-down is 601.0 seconds"),
        (
            ScalingPolicy(targetWait: .seconds(600), maximum: 4, coolDown: .zero, workersPerJob: 0),
            "--workers-per-job is 0"
        ),
    ])
    func whatCantBeMeantIsNamed(policy: ScalingPolicy, words: String) throws {
        #expect(try #require(policy.problem).hasPrefix(words))
        #expect(ScalingPolicy(targetWait: .seconds(600), maximum: 4, coolDown: .seconds(300)).problem == nil)
    }
}

extension ScalingDecision {
    fileprivate func isSubmission(of count: Int) -> Bool {
        if case .submit(count, _) = self { true } else { false }
    }
}
