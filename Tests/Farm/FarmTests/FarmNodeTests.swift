import Farm
import Testing

/// Goal: the coordinator knows whose a node is, how many workers it shall run and how they ended.
/// Method: the farm driven by hand; its workers say that they are on a node called "node".
@Suite struct FarmNodeTests {
    private static let device = WorkerDevice(uuid: "gpu", memoryBytes: 1 << 34, kind: Rig.kind)

    private func description(capacity: Int = 8, proposed: Int = 1) -> NodeDescription {
        NodeDescription(
            build: "b", devices: [Self.device], capacity: capacity, memoryBytes: 1 << 36, proposed: proposed)
    }

    private func agent(_ number: UInt64) -> WorkerID { WorkerID(high: 1, low: number) }

    private func status(_ processes: [Int], revision: UInt64 = 1, exits: [WorkerExit] = []) -> NodeStatus {
        NodeStatus(
            revision: revision, workers: processes.map { NodeProcess(process: $0, device: "gpu", stage: .running) },
            exits: exits)
    }

    private func wants(_ actions: [FarmAction]) -> [NodeWant] {
        actions.compactMap { if case .want(_, let want) = $0 { want } else { nil } }
    }

    private func exit(_ process: Int, _ cause: ExitCause = .signalled, code: Int = 11) -> WorkerExit {
        WorkerExit(process: process, device: "gpu", cause: cause, code: code, detail: "the last words")
    }

    private func rig(workers: Int, capacity: Int = 8) -> Rig {
        var rig = Rig()
        rig.send(.nodeConnected("node", agent: agent(1), description(capacity: capacity)))
        for number in 1...workers { rig.join(UInt64(number)) }
        rig.send(.nodeReported("node", number: 1, status(Array(1...workers))))
        return rig
    }

    // MARK: Wanting

    @Test func aNewNodeRunsWhatItProposesAndThenWhatIsWanted() {
        var rig = Rig()
        let actions = rig.send(.nodeConnected("node", agent: agent(1), description(proposed: 2)))
        #expect(wants(actions) == [NodeWant(revision: 1, workers: 2)])
        #expect(wants(rig.send(.scaled(node: "node", to: 5))) == [NodeWant(revision: 2, workers: 5)])
        #expect(rig.send(.scaled(node: "node", to: 5)) == [])
        #expect(rig.send(.scaled(node: "elsewhere", to: 5)) == [])
    }

    @Test func whatIsWantedIsDurableBeforeItIsSaid() {
        var rig = Rig()
        rig.send(.nodeConnected("node", agent: agent(1), description()))
        let outcome = rig.farm.handle(.scaled(node: "node", to: 5), at: rig.now)
        let record = NodeRecord(agent: agent(1), wanted: 5, capacity: 8, revision: 2)
        #expect(outcome.changes == [.node("node", record)])
        // A farm that is started again with it wants the same.
        var second = FarmMachine(
            epoch: 2, restoring: [], devices: [:], nodes: ["node": record], heads: [:], now: rig.now)
        let actions = second.handle(.nodeConnected("node", agent: agent(1), description()), at: rig.now).actions
        #expect(wants(actions) == [NodeWant(revision: 2, workers: 5)])
    }

    @Test func aWishThatWasLostIsSaidAgain() {
        var rig = Rig()
        rig.send(.nodeConnected("node", agent: agent(1), description()))
        rig.send(.scaled(node: "node", to: 3))
        let late = rig.send(.nodeReported("node", number: 4, status([], revision: 1)))
        #expect(late.contains(.answerNode("node", number: 4)))
        #expect(wants(late).map(\.workers) == [3])
        #expect(wants(rig.send(.nodeReported("node", number: 5, status([], revision: 2)))) == [])
    }

    @Test func aNodeThatBecameSmallerRunsWhatItCanAndTheWishStays() {
        var rig = Rig()
        rig.send(.nodeConnected("node", agent: agent(1), description(capacity: 8, proposed: 6)))
        let actions = rig.send(.nodeConnected("node", agent: agent(1), description(capacity: 4)))
        #expect(wants(actions).map(\.workers) == [4])
        #expect(rig.farm.nodes["node"]?.wanted == 6)
    }

    @Test func theLeastIsLostWithTheFirstSpare() {
        var rig = rig(workers: 6)
        rig.submit(1, Rig.terms(segments: 3))
        rig.reach(1, 1, head: 1)
        rig.reach(1, 2, head: 1)
        let holders = (1...3).map { Int(rig.holder(1, UInt32($0))) }
        let held = Held(
            attempt: rig.attempt(1, 1), phase: .denoising, activity: .waiting, step: 0, activityTime: .zero)
        rig.send(.heartbeat(rig.worker(UInt64(holders[0])), [held]))
        let idle = Set(1...6).subtracting(holders).sorted(by: >)
        // The seventh has not joined; the sixth was told to leave already.
        rig.send(.nodeReported("node", number: 2, status(Array(1...7))))
        rig.send(.drained(rig.worker(UInt64(idle[0])), true))
        let spares = wants(rig.send(.scaled(node: "node", to: 2)))[0].spares
        #expect(spares == [idle[0], 7] + idle.dropFirst() + [holders[0], holders[2], holders[1]])
    }

    // MARK: Names

    @Test func aNameIsItsAgentsUntilThatOneIsLost() {
        var rig = Rig()
        #expect(rig.farm.refusal(of: "node", agent: agent(1)) == nil)
        rig.send(.nodeConnected("node", agent: agent(1), description()))
        #expect(rig.farm.refusal(of: "node", agent: agent(1)) == nil, "the same one, started again")
        #expect(rig.farm.refusal(of: "node", agent: agent(2)) == .taken("node"))
        #expect(rig.send(.nodeConnected("node", agent: agent(2), description())) == [])
        rig.send(.nodeDisconnected("node"))
        rig.send(.ticked, after: FarmLimits.nodeSilence - .milliseconds(1))
        #expect(rig.farm.refusal(of: "node", agent: agent(2)) == .taken("node"))
        rig.send(.ticked, after: .milliseconds(1))
        #expect(rig.actions.contains(.notice(.nodeLost("node"))))
        #expect(rig.farm.refusal(of: "node", agent: agent(2)) == nil)
        rig.send(.nodeConnected("node", agent: agent(2), description()))
        #expect(rig.farm.nodes["node"]?.agent == agent(2))
        #expect(rig.farm.refusal(of: "node", agent: agent(1)) == .taken("node"))
    }

    @Test func aReportKeepsItAlive() {
        var rig = Rig()
        rig.send(.nodeConnected("node", agent: agent(1), description()))
        for number in 1...5 {
            rig.send(.nodeReported("node", number: UInt64(number), status([])), after: .seconds(9))
        }
        #expect(rig.farm.presences["node"]?.isConnected == true)
        rig.send(.nodeLeft("node"))
        #expect(rig.farm.presences["node"]?.isConnected == false)
        #expect(rig.farm.refusal(of: "node", agent: agent(2)) == nil, "it said goodbye")
    }

    @Test func afterARestartANameIsKeptForAsLong() {
        let start = Moment(microseconds: 0)
        var farm = FarmMachine(
            epoch: 2, restoring: [], devices: [:],
            nodes: ["node": NodeRecord(agent: agent(1), wanted: 1, capacity: 1, revision: 1)], heads: [:], now: start)
        #expect(farm.refusal(of: "node", agent: agent(2)) == .taken("node"))
        _ = farm.handle(.ticked, at: start + FarmLimits.nodeSilence)
        #expect(farm.refusal(of: "node", agent: agent(2)) == nil)
    }

    @Test(arguments: ["", "a b", "../x", "<b>", "é", ".hidden", String(repeating: "x", count: 201)])
    func aNameThatCouldNotStandInAnAddressIsRefused(name: String) {
        #expect(Rig().farm.refusal(of: name, agent: agent(1)) == .badName)
    }

    @Test func whereThereIsNoRoomTheOneLostLongestGoes() {
        var rig = Rig()
        for number in 1...FarmLimits.nodes {
            rig.send(.nodeConnected("n\(number)", agent: agent(UInt64(number)), description()))
        }
        #expect(rig.farm.refusal(of: "more", agent: agent(0)) == .full)
        for name in ["n7", "n5"] { rig.send(.nodeLeft(name), after: .milliseconds(1)) }
        let outcome = rig.farm.handle(.nodeConnected("more", agent: agent(0), description()), at: rig.now)
        #expect(outcome.changes.contains(.node("n7", nil)))
        #expect(rig.farm.nodes.count == FarmLimits.nodes && rig.farm.nodes["n5"] != nil)
    }

    // MARK: Ends

    @Test(arguments: [
        (ExitCause.signalled, 11, true), (.signalled, 9, true), (.outOfMemory, 9, true), (.exited, 1, true),
        (.exited, 0, false), (.exited, 3, false), (.exited, 143, false), (.stopped, 9, false),
    ])
    func onlyAProcessThatBrokeIsACrash(cause: ExitCause, code: Int, isCrash: Bool) {
        var rig = rig(workers: 1)
        rig.submit(1)
        #expect(rig.holder(1, 1) == 1)
        rig.send(.nodeReported("node", number: 2, status([], exits: [exit(1, cause, code: code)])))
        #expect(rig.record(1, 1).failures == (isCrash ? 1 : 0))
        #expect(rig.record(1, 1).losses == (isCrash ? 0 : 1))
        #expect(rig.holder(1, 1) == 0 && rig.farm.workers.isEmpty, "nobody waits for it")
    }

    @Test func anExitThatIsRepeatedCountsOnce() {
        var rig = rig(workers: 2)
        rig.submit(1)
        let held = Int(rig.holder(1, 1))
        for number in 2...4 {
            rig.send(.nodeReported("node", number: UInt64(number), status([], exits: [exit(held)])))
            rig.send(.nodeConnected("node", agent: agent(1), description()))
        }
        #expect(rig.record(1, 1).failures == 1)
        #expect(rig.farm.presences["node"]?.exits == [exit(held)])
        let notice = FarmNotice.workerExited(node: "node", exit(held), rig.worker(UInt64(held)))
        #expect(rig.actions.count { $0 == .notice(notice) } == 1)
    }

    @Test func threeCrashesFailASegmentAndSayWhy() {
        var rig = Rig()
        rig.send(.nodeConnected("node", agent: agent(1), description()))
        rig.submit(1, Rig.terms(segments: 1))
        for number in 1...3 {
            rig.join(UInt64(number))
            #expect(rig.holder(1, 1) == UInt64(number))
            rig.send(.nodeReported("node", number: UInt64(number), status([], exits: [exit(number)])))
        }
        #expect(rig.record(1, 1).state == .failed)
        #expect(rig.record(1, 1).note == "process 3 was ended by signal 11: the last words")
    }

    @Test func aLostNodeIsNobodysFault() {
        var rig = rig(workers: 1)
        rig.submit(1)
        rig.send(.nodeDisconnected("node"))
        rig.send(.disconnected(rig.worker(1)))
        rig.send(.ticked, after: FarmLimits.reconnection)
        #expect(rig.record(1, 1).failures == 0 && rig.record(1, 1).losses == 1)
    }

    @Test func anotherNodesProcessWithTheSameNumberIsAnotherWorker() {
        var rig = rig(workers: 1)
        rig.submit(1)
        rig.send(.nodeConnected("other", agent: agent(2), description()))
        rig.send(.nodeReported("other", number: 1, status([], exits: [exit(1)])))
        #expect(rig.holder(1, 1) == 1)
    }
}
