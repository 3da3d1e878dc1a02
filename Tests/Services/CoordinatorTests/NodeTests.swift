import Control
import Coordinator
import Farm
import Telemetry
import Testing
import Transport
import Wire

/// Goal: a node's agent is told how many workers to run, nobody else speaks in its name, and what it says of its
/// workers is believed. Method: agents that say what a test tells them, over real sockets.
@Suite(.timeLimit(.minutes(5))) struct NodeTests {
    /// An agent's connection.
    private struct Agent {
        let link: Link
        let thread: SocketThread

        init(_ farm: OpenFarm) throws {
            thread = try SocketThread(in: Context(ioThreads: 1), name: "agent")
            link = try thread.connect(
                .dealer, to: farm.coordinator.controlEndpoint,
                .control(.curveClient(farm.home.workerKeys, server: farm.home.keys.publicKey)))
        }

        func say(_ message: Message) async throws { try await link.send(Multipart([Frame(message.encoded())])) }

        func hello(_ secret: Secret, node: String = "node", capacity: Int = 8) async throws {
            let device = WorkerDevice(uuid: "gpu", memoryBytes: 1, kind: ScriptedWorker.kind)
            try await say(
                .nodeHello(
                    .init(
                        secret: secret, node: node, build: "scripted", devices: [device], capacity: capacity,
                        memoryBytes: 1, proposed: 1)))
        }

        func hear<Answer>(_ fits: (Message) -> Answer?) async throws -> Answer {
            for await multipart in link.messages {
                let message = try multipart.frames[0].withSpan { (bytes) throws(WireError) in
                    try Message(arriving: bytes, rawFrames: [], from: [.coordinator], on: .control)
                }
                if let answer = fits(message) { return answer }
            }
            throw ScriptedWorker.Ended()
        }

        func want() async throws -> Message.Want {
            try await hear { if case .want(let want) = $0 { want } else { nil } }
        }

        func refusal() async throws -> Message.Refused {
            try await hear { if case .refused(let refused) = $0 { refused } else { nil } }
        }

        func report(_ processes: [Int], revision: UInt64, exits: [Message.WorkerExit] = []) async throws {
            try await say(
                .nodeReport(
                    .init(
                        number: 1, revision: revision,
                        workers: processes.map { .init(process: $0, device: "gpu", state: .known(.running)) },
                        exits: exits, freeMemoryBytes: 5, freeDiskBytes: 6)))
        }
    }

    @Test func aWishIsPassedOnAndKeptOverARestart() async throws {
        let secret = Secret.random()
        try await withHome { home in
            try await home.open { farm in
                let agent = try Agent(farm)
                try await agent.hello(secret)
                #expect(try await agent.want() == .init(revision: 1, workers: 1, spares: []))
                try await farm.control.scale(node: "node", to: 5)
                #expect(try await agent.want().workers == 5)
                await #expect(throws: ControlError.notFound(what: "node other")) {
                    try await farm.control.scale(node: "other", to: 1)
                }
                for wrong in [-1, 9, 257] {
                    let error = await #expect(throws: ControlError.self) {
                        try await farm.control.scale(node: "node", to: wrong)
                    }
                    guard case .invalid(field: "workers", _)? = error else { Issue.record("\(wrong)"); continue }
                }
            }
            try await home.open { farm in
                #expect(await farm.control.nodes().map(\.state) == ["lost"])
                let agent = try Agent(farm)
                try await agent.hello(secret)
                #expect(try await agent.want() == .init(revision: 2, workers: 5, spares: []))
                // Of all, each as many as it can.
                try await farm.control.scaleAll(to: 200)
                #expect(try await agent.want().workers == 8)
                try await agent.report([7, 8], revision: 3)
                while await farm.control.nodes().first?.running != 2 { await Task.yield() }
                let node = try #require(await farm.control.nodes().first)
                #expect(node.state == "connected" && node.devices == [.init(uuid: "gpu", memoryBytes: 1)])
                #expect((node.wanted, node.freeMemoryBytes, node.freeDiskBytes) == (8, 5, 6))
            }
        }
    }

    @Test func aConnectedNodesNameIsRefusedToWhoeverLacksItsSecret() async throws {
        try await withFarm { farm in
            let secret = Secret.random()
            let (agent, thief) = (try Agent(farm), try Agent(farm))
            try await agent.hello(secret)
            _ = try await agent.want()
            try await thief.hello(.random())
            let refusal = try await thief.refusal()
            #expect(refusal.reason == .known(.alreadyConnected))
            #expect(refusal.detail.text.contains("the node node is another agent's"))
            try await farm.happened { $0.kind == .notice && $0.text.hasPrefix("an agent was refused") }
            // Nothing has changed for the other.
            try await farm.control.scale(node: "node", to: 2)
            #expect(try await agent.want().workers == 2)
            // The same agent, started again while its old connection still stands.
            let again = try Agent(farm)
            try await again.hello(secret)
            #expect(try await again.want() == .init(revision: 2, workers: 2, spares: []))
            try await farm.control.scale(node: "node", to: 3)
            #expect(try await again.want().workers == 3)
        }
    }

    @Test(arguments: ["../../etc", "<script>", "a b", ".x"])
    func aNameThatIsNoneIsRefused(name: String) async throws {
        let (refusals, refusal) = AsyncStream.makeStream(of: RefusedNode.self)
        try await withFarm({ $0.refusedNode = { refusal.yield($0) } }) { farm in
            let agent = try Agent(farm)
            try await agent.hello(.random(), node: name)
            #expect(try await agent.refusal().reason == .known(.notAdmitted))
            #expect(await farm.control.nodes() == [])
            refusal.finish()
            var told: [RefusedNode] = []
            for await one in refusals { told.append(one) }
            #expect(told.map(\.node) == [name])
            #expect(told.map(\.key) == [farm.home.workerKeys.publicKey.z85])
        }
    }

    @Test func aNodeIsNoWorkerAndAWorkerNoNode() async throws {
        try await withFarm { farm in
            let agent = try Agent(farm)
            try await agent.report([], revision: 0)
            #expect(try await agent.refusal().reason == .known(.outOfOrder))
            let second = try Agent(farm)
            try await second.hello(.random())
            try await second.say(.heartbeat(.init(number: 1, steps: 0, held: [], freeBytes: 0)))
            #expect(try await second.refusal().reason == .known(.outOfOrder))
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            try await worker.say(
                .nodeReport(
                    .init(number: 1, revision: 0, workers: [], exits: [], freeMemoryBytes: 0, freeDiskBytes: 0)))
            let reason = try await worker.hear(.control) { message in
                if case .refused(let refused) = message { refused.reason } else { nil }
            }
            #expect(reason == .known(.outOfOrder))
        }
    }

    /// Method: the agent is heard, and what its worker said last is not.
    @Test(arguments: [(ExitCause.exited, 143, 0.0), (.stopped, 9, 0), (.exited, 1, 1), (.signalled, 9, 1)])
    func whoWasToldToEndIsNotLost(cause: ExitCause, code: Int, lost: Double) async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await withHome { home in
            try await home.open(metrics: metrics) { farm in
                let agent = try Agent(farm)
                try await agent.hello(.random())
                let want = try await agent.want()
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                let exit = Message.WorkerExit(process: 1, device: "gpu", cause: cause, code: code, detail: "")
                try await agent.report([], revision: want.revision, exits: [exit])
                try await farm.happened { $0.kind == .workerLost }
                #expect(metrics.text().contains("\nstoryfarm_workers_lost_total \(Int(lost))\n"))
            }
        }
    }

    /// Method: the one that had joined and the one that had not end in the same way.
    @Test func aProcessThatEndsIsOneFailureWhetherItJoinedOrNot() async throws {
        let metrics = PrometheusRegistry(FarmMetric.all)
        try await withHome { home in
            try await home.open(metrics: metrics) { farm in
                let agent = try Agent(farm)
                try await agent.hello(.random())
                let want = try await agent.want()
                let worker = try ScriptedWorker(home)
                try await worker.join(farm)
                let name = try #require(await farm.control.workers().first?.id)
                let exits = [1, 2].map {
                    Message.WorkerExit(process: $0, device: "gpu", cause: .exited, code: 2, detail: "no model")
                }
                // Who was asked to end is no failure.
                let asked = Message.WorkerExit(process: 3, device: "gpu", cause: .exited, code: 143, detail: "")
                try await agent.report([], revision: want.revision, exits: [asked] + exits)
                let text = "on node node, process 2 ended with status 2: no model"
                try await farm.happened { $0.kind == .notice && $0.text == text && $0.cause == "workerExited" }
                try await farm.happened { $0.kind == .workerLost && $0.worker == name && $0.cause == "workerLost" }
                try await farm.happened { $0.text.contains("process 1 ended") && $0.worker == name && $0.cause == nil }
                #expect(metrics.text().contains("\nstoryfarm_worker_exits_total{cause=\"exited\"} 2\n"))
            }
        }
    }

    /// Method: the worker's connection stands and it goes on saying that it lives; its node knows better.
    @Test func aProcessThatEndedIsACrashAtOnce() async throws {
        try await withFarm { farm in
            let agent = try Agent(farm)
            try await agent.hello(.random())
            let want = try await agent.want()
            let worker = try ScriptedWorker(farm.home)
            try await worker.join(farm)
            let story = try await farm.submit(OpenFarm.story(segments: 1))
            _ = try await worker.grant()
            let exit = Message.WorkerExit(process: 1, device: "gpu", cause: .signalled, code: 11, detail: "a fault")
            try await agent.report([], revision: want.revision, exits: [exit])
            try await agent.hear { if case .heartbeatAnswer(let answer) = $0, answer.number == 1 { () } else { nil } }
            #expect(try await farm.control.story(story).segments[0].failures == 1)
            let node = try #require(await farm.control.nodes().first)
            #expect(
                node.exits == [.init(process: 1, device: "gpu", cause: "signalled", code: 11, detail: "a fault")])
        }
    }
}
