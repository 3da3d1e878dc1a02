extension FarmMachine {
    /// A node's name is its agent's, told by its secret, until the agent was silent for ``FarmLimits/nodeSilence``.
    ///
    /// - Returns: nil where this agent may connect.
    public func refusal(of node: String, agent: WorkerID) -> NodeRefusal? {
        guard NodeName.isValid(node) else { return .badName }
        guard let record = nodes[node] else {
            return nodes.count < FarmLimits.nodes || longestLost != nil ? nil : .full
        }
        return record.agent == agent || presences[node]?.lost != nil ? nil : .taken(node)
    }

    mutating func connect(_ node: String, _ agent: WorkerID, _ description: NodeDescription) {
        guard refusal(of: node, agent: agent) == nil else { return }
        var record =
            nodes[node]
            ?? NodeRecord(
                agent: agent, wanted: min(description.proposed, description.capacity),
                capacity: description.capacity, revision: 1)
        (record.agent, record.capacity) = (agent, description.capacity)
        if nodes[node] == nil, nodes.count >= FarmLimits.nodes, let oldest = longestLost { forget(node: oldest) }
        if nodes[node] != record { change(node, record) }
        var presence = presences[node] ?? NodePresence(heard: now)
        (presence.isConnected, presence.description, presence.lost) = (true, description, nil)
        presence.heard = now
        // What another agent said is no longer so.
        presence.status = nil
        presences[node] = presence
        setAlarm(.nodeSilence(node), at: now + FarmLimits.nodeSilence)
        want(node)
    }

    mutating func disconnect(_ node: String) { presences[node]?.isConnected = false }

    /// Its agent ends: there is nobody to wait for.
    mutating func leave(_ node: String) {
        guard presences[node] != nil, presences[node]!.lost == nil else { return }
        (presences[node]!.isConnected, presences[node]!.lost) = (false, now)
        presences[node]!.status?.workers = []
        clearAlarm(.nodeSilence(node))
        notice(.nodeLost(node))
    }

    /// Its workers have connections and heartbeats of their own: they may live on.
    mutating func checkSilence(ofNode node: String) {
        guard let presence = presences[node], presence.lost == nil else { return }
        let limit = presence.heard + FarmLimits.nodeSilence
        if limit <= now { leave(node) } else { setAlarm(.nodeSilence(node), at: limit) }
    }

    mutating func scale(_ node: String, to workers: Int) {
        guard var record = nodes[node], record.wanted != workers, workers >= 0 else { return }
        record.wanted = workers
        record.revision += 1
        change(node, record)
        if presences[node]?.isConnected == true { want(node) }
    }

    mutating func report(_ node: String, _ number: UInt64, _ status: NodeStatus) {
        guard var presence = presences[node], let record = nodes[node] else { return }
        (presence.status, presence.heard, presence.lost, presence.isConnected) = (status, now, nil, true)
        presences[node] = presence
        setAlarm(.nodeSilence(node), at: now + FarmLimits.nodeSilence)
        // Exits are repeated until they are answered.
        for exit in status.exits where !presence.exits.contains(exit) { note(exit, on: node) }
        act(.answerNode(node, number: number))
        // It was lost with a connection.
        if status.revision != record.revision { want(node) }
    }

    /// Whoever is gone need not be waited for; and only its node's agent knows whether it broke.
    private mutating func note(_ exit: WorkerExit, on node: String) {
        presences[node]!.exits = (presences[node]!.exits + [exit]).suffix(FarmLimits.exitsPerNode)
        let gone = workers.values.filter {
            $0.description.node == node && $0.description.process == exit.process
        }.sorted { $0.number < $1.number }
        if !exit.isWanted { notice(.workerExited(node: node, exit, gone.first?.id)) }
        for worker in gone {
            lose(worker.id, isCrash: exit.isCrash, how: "\(exit)")
        }
    }

    // MARK: Wanting

    private mutating func want(_ node: String) {
        guard let record = nodes[node] else { return }
        act(
            .want(
                node: node,
                NodeWant(revision: record.revision, workers: record.attainable, spares: spares(of: node))))
    }

    /// A node's processes, those first whose end costs least.
    private func spares(of node: String) -> [Int] {
        var joined: [Int: WorkerRecord] = [:]
        for worker in workers.values where worker.description.node == node {
            let process = worker.description.process
            if joined[process].map({ $0.number < worker.number }) ?? true { joined[process] = worker }
        }
        let running = presences[node]?.status?.workers.filter { $0.stage != .stopping }.map(\.process)
        let processes = running ?? joined.keys.sorted { joined[$0]!.number < joined[$1]!.number }
        let worths = processes.enumerated().map { index, process in
            // Of equals the youngest goes.
            (process: process, worth: worth(of: joined[process]) + [-index])
        }
        return worths.sorted { $0.worth.lexicographicallyPrecedes($1.worth) }.map(\.process)
    }

    /// What is lost with a worker's end, to be compared from left to right.
    private func worth(of worker: WorkerRecord?) -> [Int] {
        // It has not joined yet.
        guard let worker else { return [1] }
        if worker.isDraining { return [0] }
        guard worker.isAvailable else { return [2] }
        guard let segment = worker.denoising else { return [worker.delivering.isEmpty ? 3 : 4] }
        let isWaiting = worker.watch?.activity == .waiting
        // Of a story, the later segments: the others wait for the earlier ones.
        return [isWaiting ? 5 : 6, stories[segment.story]?.priority ?? 0, -Int(segment.number)]
    }

    // MARK: Keeping

    private var longestLost: String? {
        presences.compactMap { name, presence in presence.lost.map { (name: name, time: $0) } }
            .min { ($0.time, $0.name) < ($1.time, $1.name) }?.name
    }

    private mutating func forget(node: String) {
        (nodes[node], presences[node]) = (nil, nil)
        outcome.changes.append(.node(node, nil))
    }

    private mutating func change(_ node: String, _ record: NodeRecord) {
        nodes[node] = record
        outcome.changes.append(.node(node, record))
    }

    /// After a restart nodes are neither there nor lost: their agents have as long to come back as after a silence.
    mutating func awaitNodes() {
        for node in nodes.keys.sorted() {
            presences[node] = NodePresence(heard: now)
            setAlarm(.nodeSilence(node), at: now + FarmLimits.nodeSilence)
        }
    }
}
