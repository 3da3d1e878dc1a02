import Control
import Farm
import Logging
import Transport
import Wire

extension Dispatcher {
    // MARK: What nodes' agents say

    /// - Parameter key: the sender's.
    func welcome(_ hello: Message.NodeHello, _ peer: PeerID, key: String?) {
        guard peers[peer] == nil, nodePeers[peer] == nil || nodePeers[peer] == hello.node else {
            return refuse(peer, .outOfOrder, "one connection is one agent's")
        }
        let agent = WorkerID(of: hello.secret)
        if let refusal = farm.refusal(of: hello.node, agent: agent) {
            // In the log and among the news: somebody may be about to take over what is not theirs.
            board.publish(.notice, "an agent was refused: \(refusal)")
            logger.warning("node refused", metadata: ["reason": "\(refusal)"])
            configuration.refusedNode?(RefusedNode(node: hello.node, key: key, reason: "\(refusal)"))
            return refuse(peer, refusal.reason, "\(refusal)")
        }
        if let old = nodeConnections[hello.node], old != peer {
            nodePeers[old] = nil
            control.disconnect(old)
        }
        let isNew = nodeConnections[hello.node] == nil
        (nodePeers[peer], nodeConnections[hello.node]) = (hello.node, peer)
        send(welcoming.message(to: agent), through: peer)
        tell(
            .nodeConnected(
                hello.node, agent: agent,
                NodeDescription(
                    build: hello.build, devices: hello.devices, capacity: hello.capacity,
                    memoryBytes: hello.memoryBytes, proposed: hello.proposed)))
        guard isNew else { return }
        board.publish(.notice, "node \(hello.node) is there, for up to \(hello.capacity) workers")
        logger.info("node joined", metadata: ["node": "\(hello.node)", "capacity": "\(hello.capacity)"])
    }

    func receive(_ message: Message, fromNode node: String, _ peer: PeerID) {
        switch message {
        case .nodeReport(let report):
            let status = NodeStatus(report)
            // The agent may be heard before what its worker said last.
            for exit in status.exits where exit.isWanted { noteLeave(of: exit.process, on: node) }
            tell(.nodeReported(node, number: report.number, status))
        case .bye:
            _ = lostNode(peer)
            tell(.nodeLeft(node))
        // Its workers say so themselves.
        case .drain: break
        default: refuse(peer, .outOfOrder, "a node is no worker")
        }
    }

    private func noteLeave(of process: Int, on node: String) {
        for worker in farm.workers.values
        where worker.description.node == node && worker.description.process == process {
            sightings.note(worker.id, isLeaving: true)
        }
    }

    /// - Returns: whether it was a node's connection.
    func lostNode(_ peer: PeerID) -> Bool {
        guard let node = nodePeers.removeValue(forKey: peer) else { return false }
        guard nodeConnections[node] == peer else { return true }
        nodeConnections[node] = nil
        tell(.nodeDisconnected(node))
        return true
    }

    func send(_ message: Message, toNode node: String) {
        if let peer = nodeConnections[node] { send(message, through: peer) }
    }

    // MARK: What people ask

    func nodes() -> [NodeOverview] {
        farm.nodes.sorted { $0.key < $1.key }.map { name, record in
            let presence = farm.presences[name]
            return NodeOverview(
                name: name, state: presence?.isConnected == true ? "connected" : "lost",
                devices: (presence?.description?.devices ?? []).map {
                    .init(uuid: $0.uuid, memoryBytes: $0.memoryBytes)
                },
                capacity: record.capacity, wanted: record.wanted,
                running: presence?.status?.workers.count { $0.stage != .stopping } ?? 0,
                freeMemoryBytes: presence?.status?.freeMemoryBytes ?? 0,
                freeDiskBytes: presence?.status?.freeDiskBytes ?? 0, build: presence?.description?.build ?? "",
                exits: (presence?.exits ?? []).reversed().map {
                    .init(
                        process: $0.process, device: $0.device, cause: "\($0.cause)", code: $0.code, detail: $0.detail)
                })
        }
    }

    func scale(node: String, to workers: Int) async throws(ControlError) {
        guard let record = farm.nodes[node] else { throw .notFound(what: "node \(node)") }
        try require(workers)
        guard workers <= record.capacity else {
            throw .invalid(
                field: "workers", reason: "is \(workers), and node \(node) runs at most \(record.capacity)")
        }
        try requireLedger()
        try await decide(.scaled(node: node, to: workers))
    }

    func scaleAll(to workers: Int) async throws(ControlError) {
        try require(workers)
        try requireLedger()
        for (node, record) in farm.nodes.sorted(by: { $0.key < $1.key }) {
            tell(.scaled(node: node, to: min(workers, record.capacity)))
        }
        try await decide(.ticked)
    }

    private func require(_ workers: Int) throws(ControlError) {
        guard 0...WireLimits.nodeWorkers ~= workers else {
            throw .invalid(
                field: "workers", reason: "is \(workers), expected 0 to \(WireLimits.nodeWorkers)")
        }
    }
}

extension NodeRefusal {
    fileprivate var reason: Message.RefusalReason {
        switch self {
        case .taken: .alreadyConnected
        case .badName: .notAdmitted
        case .full: .full
        }
    }
}

extension NodeStatus {
    fileprivate init(_ report: Message.NodeReport) {
        self.init(
            revision: report.revision,
            workers: report.workers.map { worker in
                let stage: NodeProcess.Stage =
                    switch worker.state {
                    case .known(.starting): .starting
                    case .known(.stopping): .stopping
                    case .known(.running), .unknown: .running
                    }
                return NodeProcess(process: worker.process, device: worker.device, stage: stage)
            },
            exits: report.exits.map {
                WorkerExit(
                    process: $0.process, device: $0.device, cause: $0.cause, code: $0.code, detail: $0.detail.text)
            }, freeMemoryBytes: report.freeMemoryBytes, freeDiskBytes: report.freeDiskBytes)
    }
}

extension Message.Want {
    init(_ want: NodeWant) {
        self.init(
            revision: want.revision, workers: want.workers,
            spares: want.spares.prefix(WireLimits.nodeWorkers).map { Message.Spare(process: $0) })
    }
}
