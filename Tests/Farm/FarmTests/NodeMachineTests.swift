import Farm
import Testing

/// Goal: a node runs as many workers as are wanted, not one twice, and loses none that need not end.
/// Method: the machine driven by hand; its starts and ends are confirmed by the test.
@Suite struct NodeMachineTests {
    private struct Node {
        var machine: NodeMachine
        var now = Moment(microseconds: 0)
        var processes = 100
        /// Processes that run, by slot.
        var running: [Int: ProcessMark] = [:]
        var terminated: [Int] = []
        var killed: [Int] = []
        var reports: [(number: UInt64, status: NodeStatus)] = []
        var givenUp: [Int] = []
        var isFinished = false

        init(devices: Int = 1, capacity: Int = 8, isConnected: Bool = true) {
            machine = NodeMachine(
                devices: (0..<devices).map { "gpu\($0)" }, capacity: capacity, grace: .seconds(30), now: now)
            if isConnected { send(.welcomed) }
        }

        mutating func send(_ event: NodeEvent, after delay: Duration = .zero) {
            now = now + delay
            for action in machine.handle(event, at: now) {
                switch action {
                case .start(let slot, _):
                    processes += 1
                    #expect(running[slot] == nil, "two in one slot")
                    running[slot] = ProcessMark(process: processes, startTime: UInt64(processes))
                    send(.started(slot: slot, running[slot]!))
                case .terminate(let mark): terminated.append(mark.process)
                case .kill(let mark): killed.append(mark.process)
                case .report(let number, let status): reports.append((number, status))
                case .giveUp(let exit): givenUp.append(exit.process)
                case .finish: isFinished = true
                }
            }
        }

        mutating func want(_ workers: Int, spares: [Int] = [], revision: UInt64 = 1) {
            send(.wanted(NodeWant(revision: revision, workers: workers, spares: spares)))
        }

        mutating func end(_ process: Int, _ cause: ExitCause = .exited, code: Int = 1, after: Duration = .zero) {
            guard let (slot, mark) = running.first(where: { $0.value.process == process }) else {
                Issue.record("there is no process \(process)")
                return
            }
            running[slot] = nil
            send(.ended(mark, cause, code: code, detail: "", jitter: 1), after: after)
        }

        var alive: [Int] { running.values.map(\.process).sorted() }
    }

    @Test func workersAreSpreadOverTheDevices() {
        var node = Node(devices: 3, capacity: 6)
        node.want(4)
        #expect(node.running.keys.map { $0 % 3 }.sorted() == [0, 0, 1, 2])
        #expect(node.reports.last?.status.workers.map(\.device) == ["gpu0", "gpu1", "gpu2", "gpu0"])
        #expect(node.reports.last?.status.revision == 1)
        node.want(9)
        #expect(node.alive.count == 6, "no more than the node can run")
    }

    @Test func theSparesGoFirstAndNoneMoreThanNeedBe() {
        var node = Node()
        node.want(4)
        #expect(node.alive == [101, 102, 103, 104])
        node.want(2, spares: [103, 101, 104, 102], revision: 2)
        #expect(node.terminated == [103, 101])
        // Said again, as after a reconnect.
        node.want(2, spares: [104, 102], revision: 2)
        #expect(node.terminated == [103, 101])
        node.end(103, code: 0)
        node.end(101, code: 0)
        #expect(node.alive == [102, 104])
        #expect(node.reports.last?.status.exits.map(\.cause) == [.stopped, .stopped])
    }

    @Test func whomTheCoordinatorDoesNotKnowYetGoesYoungestFirst() {
        var node = Node()
        node.want(4)
        node.want(1, spares: [102])
        #expect(node.terminated == [102, 104, 103])
    }

    @Test func aSlotIsUsedAgainOnlyWhenItsProcessHasEnded() {
        var node = Node(capacity: 2)
        node.want(2)
        node.want(0)
        #expect(node.terminated.sorted() == [101, 102])
        node.want(2)
        #expect(node.alive == [101, 102])
        node.end(101, .signalled, code: 15)
        #expect(node.alive == [102, 103], "the one that was stopped costs no pause")
    }

    @Test func earlyEndsAreAnsweredWithLongerAndLongerPauses() {
        var node = Node()
        node.want(1)
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            node.end(node.alive[0], after: .seconds(1))
            #expect(node.machine.nextAlarm != nil)
            node.send(.ticked, after: .seconds(pause) - .milliseconds(1))
            #expect(node.alive == [], "\(pause)")
            node.send(.ticked, after: .milliseconds(1))
            #expect(node.alive.count == 1, "\(pause)")
        }
        // Then one lives for long enough: the next pause is the shortest.
        node.end(node.alive[0], after: NodeMachine.healthyTime)
        node.send(.ticked, after: .seconds(1))
        #expect(node.alive.count == 1)
    }

    @Test func theJitterShortensAPauseByUpToAHalf() {
        for (jitter, pause) in [(0.0, 500), (0.5, 750), (1.0, 1000)] {
            var node = Node()
            node.want(1)
            let mark = node.running.removeValue(forKey: 0)!
            node.send(.ended(mark, .exited, code: 1, detail: "", jitter: jitter))
            #expect(node.machine.nextAlarm == node.now + .milliseconds(pause))
        }
    }

    @Test func workersThatEndTogetherFailOnce() {
        var node = Node()
        node.want(8)
        for process in node.alive { node.end(process, .signalled, code: 9) }
        node.send(.ticked, after: .seconds(1))
        #expect(node.alive.count == 8)
    }

    @Test func aBrokenDeviceLeavesItsShareToTheOthers() {
        var node = Node(devices: 2, capacity: 4)
        node.want(2)
        let broken = node.running[0]!.process
        node.end(broken)
        #expect(node.running.keys.sorted() == [1, 3])
    }

    /// Every worker ends with this status as soon as it is started, so often.
    private func ends(_ node: inout Node, code: Int, times: Int) {
        for _ in 0..<times {
            for process in node.alive { node.end(process, code: code) }
            node.send(.ticked, after: .seconds(60))
        }
    }

    @Test func whereEveryWorkerSaysThatItsInputIsWrongTheNodeGivesUp() {
        var node = Node(devices: 2, capacity: 2)
        node.want(2)
        ends(&node, code: 2, times: NodeMachine.wrongStartsMax - 1)
        #expect(node.alive.count == 2 && node.givenUp == [])
        // One that still tries may have what the other lacks.
        node.end(node.running[0]!.process, code: 2)
        #expect(node.givenUp == [] && !node.isFinished)
        let last = node.running[1]!.process
        node.end(last, code: 2)
        #expect(node.givenUp == [last] && node.isFinished)
        #expect(node.alive == [] && node.reports.last?.status.exits.last?.process == last)
    }

    @Test func aWorkerThatEndsOtherwiseOrHasWorkedKeepsTheNodeTrying() {
        for (code, life) in [(1, Duration.seconds(0)), (0, NodeMachine.healthyTime)] {
            var node = Node()
            node.want(1)
            ends(&node, code: 2, times: NodeMachine.wrongStartsMax - 1)
            node.end(node.alive[0], code: code, after: life)
            node.send(.ticked, after: .seconds(60))
            ends(&node, code: 2, times: NodeMachine.wrongStartsMax - 1)
            #expect(node.givenUp == [] && node.alive.count == 1, "status \(code)")
        }
        // Since one has worked, what is wrong came later, and may go.
        var node = Node()
        node.want(1)
        node.end(node.alive[0], code: 0, after: NodeMachine.healthyTime)
        node.send(.ticked, after: .seconds(60))
        ends(&node, code: 2, times: 2 * NodeMachine.wrongStartsMax)
        #expect(node.givenUp == [] && node.alive.count == 1)
    }

    @Test func whatCantBeStartedIsTriedAgainLater() {
        var machine = NodeMachine(devices: ["cpu"], capacity: 1, grace: .seconds(1), now: Moment(microseconds: 0))
        var now = Moment(microseconds: 0)
        _ = machine.handle(.welcomed, at: now)
        let first = machine.handle(.wanted(NodeWant(revision: 1, workers: 1)), at: now)
        #expect(first.contains(.start(slot: 0, device: 0)))
        _ = machine.handle(.startFailed(slot: 0, jitter: 1), at: now)
        now = now + .milliseconds(999)
        #expect(!machine.handle(.ticked, at: now).contains(.start(slot: 0, device: 0)))
        now = now + .milliseconds(1)
        #expect(machine.handle(.ticked, at: now).contains(.start(slot: 0, device: 0)))
    }

    @Test func whoDoesNotStopIsKilled() {
        var node = Node()
        node.want(1)
        node.want(0)
        node.send(.ticked, after: .seconds(29))
        #expect(node.killed == [])
        node.send(.ticked, after: .seconds(1))
        node.send(.ticked, after: .seconds(30))
        #expect(node.killed == [101], "once")
        node.end(101, .signalled, code: 9)
        #expect(node.reports.last?.status.exits.map(\.cause) == [.stopped])
    }

    @Test func exitsAreRepeatedUntilAReportWithThemIsAnswered() {
        var node = Node()
        node.want(2)
        let before = node.reports.last!.number
        node.end(101, .signalled, code: 11)
        #expect(node.reports.last?.status.exits.map(\.code) == [11])
        node.send(.answered(number: before))
        node.send(.ticked, after: NodeMachine.heartbeat)
        #expect(node.reports.last?.status.exits.map(\.code) == [11], "that one was without it")
        let number = node.reports.last!.number
        node.end(102, code: 2)
        node.send(.answered(number: number))
        node.send(.ticked, after: NodeMachine.heartbeat)
        #expect(node.reports.last?.status.exits.map(\.code) == [2])
    }

    @Test func withoutACoordinatorNothingIsStartedAndNothingIsStopped() {
        var node = Node()
        node.want(2)
        node.send(.disconnected)
        // Workers stop by themselves where nobody hears them: no device is to blame.
        node.end(101, code: 3)
        node.send(.ticked, after: .seconds(600))
        #expect(node.alive == [102] && node.terminated == [])
        node.send(.welcomed)
        #expect(node.alive == [102, 103])
        #expect(node.reports.last?.status.exits.map(\.code) == [3])
    }

    @Test func beforeTheCoordinatorHasSpokenNothingIsDecided() {
        var node = Node()
        node.send(.ticked, after: .seconds(10))
        #expect(node.alive == [])
        #expect(node.reports.last?.status.revision == 0)
    }

    @Test func workersOfAnEarlierAgentAreStoppedBeforeOthersTakeTheirSlots() {
        var node = Node(capacity: 2, isConnected: false)
        node.running[0] = ProcessMark(process: 7, startTime: 70)
        node.send(.found(slot: 0, node.running[0]!))
        #expect(node.terminated == [7])
        node.send(.welcomed)
        node.want(2)
        #expect(node.running.keys.sorted() == [0, 1] && node.alive == [7, 101])
        #expect(node.reports.last?.status.workers.map(\.stage) == [.stopping, .starting])
        node.send(.ticked, after: .seconds(30))
        #expect(node.killed == [7], "also one that does not stop")
        node.end(7)
        #expect(node.alive == [101, 102])
    }

    @Test func askedToStopItEndsAllAndThenItself() {
        var node = Node()
        node.want(2)
        node.send(.stopRequested)
        #expect(node.terminated == [102, 101] && !node.isFinished)
        node.end(101, code: 143)
        #expect(node.alive == [102] && !node.isFinished)
        node.end(102, code: 143)
        #expect(node.isFinished)
        #expect(node.reports.last?.status.exits.map(\.cause) == [.stopped, .stopped])
    }

    @Test func askedToStopWithoutWorkersItEndsAtOnce() {
        var node = Node(isConnected: false)
        node.send(.stopRequested)
        #expect(node.isFinished)
    }
}
