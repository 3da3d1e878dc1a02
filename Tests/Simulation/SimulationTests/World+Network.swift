import Farm

extension World {
    /// Two sockets each way keep the order of what they carry, as a rule; between the two nothing is sure.
    struct Route: Hashable {
        let worker: WorkerID
        let toWorker, isData: Bool

        init(_ worker: WorkerID, toWorker: Bool, _ message: Message) {
            (self.worker, self.toWorker, isData) = (worker, toWorker, message.isData)
        }
    }

    func send(_ message: Message, to worker: WorkerID) {
        guard let connection = connections[worker] else { return }
        transmit(.toWorker(worker, connection: connection, message), message, Route(worker, toWorker: true, message))
    }

    func say(_ message: Message, _ id: WorkerID) {
        guard workers[id]!.isConnected else { return }
        let connection = workers[id]!.connection
        transmit(.toCoordinator(id, connection: connection, message), message, Route(id, toWorker: false, message))
    }

    private func transmit(_ happening: Happening, _ message: Message, _ route: Route) {
        let isAtRisk = message.isOrdinary && !isHealing
        if faults.contains(.losses), isAtRisk, network.chance(0.02) { return count("message lost") }
        var arrival = max(now + network.delay(4), arrivals[route] ?? now) + .microseconds(1)
        if faults.contains(.reordering), isAtRisk, network.chance(0.03) {
            count("message overtaken")
            arrival = arrival + network.delay(200)
        } else {
            arrivals[route] = arrival
        }
        queue.add(happening, at: arrival)
        if faults.contains(.duplicates), isAtRisk, network.chance(0.03) {
            count("message came twice")
            queue.add(happening, at: arrival + network.delay(40))
        }
    }

    // MARK: Connections

    func connect(_ id: WorkerID) {
        guard workers[id]?.isAlive == true, !workers[id]!.isConnected else { return }
        guard farm != nil, !isStopped else { return schedule(.connect(id), in: network.delay(900)) }
        workers[id]!.connection += 1
        workers[id]!.isConnected = true
        connections[id] = workers[id]!.connection
        say(.hello(workers[id]!.description, workers[id]!.machine.held), id)
        say(.offer([ModelOffer(name: "embedded", digest: Self.model)]), id)
    }

    static let model = Digest(words: [1, 2, 3, 4])

    func hangUp(_ id: WorkerID) {
        guard workers[id]?.isConnected == true else { return }
        workers[id]!.isConnected = false
        connections[id] = nil
        tell(.disconnected(id))
        wake(id, .disconnected)
        schedule(.connect(id), in: network.delay(900))
    }
}
