import Control
import CoreMetrics
import Farm
import Logging
import Transport
import Wire

extension Dispatcher {
    // MARK: What arrives on the control socket

    func watchConnections() async {
        for await event in control.connectionEvents where event.kind == .disconnected {
            guard let peer = event.peer, refused.remove(peer) == nil, !lostNode(peer) else { continue }
            guard let worker = peers.removeValue(forKey: peer) else { continue }
            guard connections[worker] == peer else { continue }
            connections[worker] = nil
            tell(.disconnected(worker))
        }
    }

    func receive(_ multipart: Multipart) {
        guard let peer = multipart.peer, !refused.contains(peer) else { return }
        do {
            let raw = multipart.frames.dropFirst().map(\.count)
            let message = try multipart.frames[0].withSpan { (bytes) throws(WireError) in
                try Message(arriving: bytes, rawFrames: raw, from: [.worker, .node], on: .control)
            }
            if case .hello(let hello) = message { return welcome(hello, peer) }
            if case .nodeHello(let hello) = message { return welcome(hello, peer, key: multipart.userID) }
            if let node = nodePeers[peer] { return receive(message, fromNode: node, peer) }
            guard let worker = peers[peer] else { return refuse(peer, .outOfOrder, "no introduction") }
            receive(message, from: worker)
        } catch {
            if case .unknownVersion = error.reason {
                refuse(peer, .version, "protocol version \(WireLimits.version) is spoken here")
            } else {
                refuse(peer, .malformed, "\(error)")
            }
        }
    }

    private func receive(_ message: Message, from worker: WorkerID) {
        switch message {
        case .heartbeat(let heartbeat):
            sightings.note(heartbeat, of: worker, at: clock.now)
            tell(.heartbeat(worker, heartbeat.held))
            send(.heartbeatAnswer(.init(number: heartbeat.number, epoch: farm.epoch)), to: worker)
        case .offer(let offer): offering.yield((worker, offer))
        case .progress(let progress): note(progress, of: worker)
        case .release(let release):
            guard case .known(let reason) = release.reason else { return }
            tell(.released(worker, release.attempt, release.phase, reason, step: release.step))
        case .failed(let failed):
            let failure = Failure(
                cause: failed.failureClass, step: failed.step, neededBytes: failed.neededBytes,
                detail: failed.detail.text)
            tell(.failed(worker, failed.attempt, failed.phase, failure))
        case .drain:
            if farm.workers[worker] != nil { sightings.note(worker, isLeaving: true) }
            tell(.leaving(worker))
        case .bye(let bye):
            let hasEnded = bye.reason == .known(.drained) || bye.reason == .known(.stopped)
            if hasEnded, farm.workers[worker] != nil { sightings.note(worker, isLeaving: true) }
            tell(.left(worker, isCrash: bye.reason == .known(.broken)))
        case .probed(let probed):
            if probed.digest == nil { logger.error("probe failed", metadata: ["reason": "\(probed.detail.text)"]) }
            tell(.probed(worker, number: probed.number, probed.digest))
        case .nodeReport: if let peer = connections[worker] { refuse(peer, .outOfOrder, "a worker is no node") }
        // The routes let nothing else through.
        default: break
        }
    }

    private func welcome(_ hello: Message.Hello, _ peer: PeerID) {
        guard nodePeers[peer] == nil else { return refuse(peer, .outOfOrder, "a node is no worker") }
        let id = WorkerID(of: hello.secret)
        if let refusal = refusal(of: hello) { return refuse(peer, .notAdmitted, refusal) }
        if let old = connections[id], old != peer {
            peers[old] = nil
            control.disconnect(old)
        }
        peers[peer] = id
        connections[id] = peer
        let isNew = farm.workers[id] == nil
        send(welcoming.message(to: id), to: id)
        let description = WorkerDescription(
            node: hello.node, process: hello.process, encoder: hello.encoder, device: hello.device,
            isSimulated: hello.isSimulated)
        tell(.connected(id, description, hello.held))
        for held in hello.held where held.phase == .denoising { expect(held, of: id) }
        guard isNew else { return }
        meters.workersJoined.increment()
        board.publish(.workerJoined, worker: id.hexadecimal, "\(hello.node), process \(hello.process)")
        logger.info("worker joined", metadata: ["worker": "\(id.hexadecimal)", "node": "\(hello.node)"])
    }

    /// The log may have lost what the worker wrote.
    private func expect(_ held: Held, of worker: WorkerID) {
        errands.append { [relay] in await relay.expect(held.attempt, at: held.step, of: worker) }
    }

    private func refusal(of hello: Message.Hello) -> String? {
        guard hello.isSimulated, !configuration.admitsSimulation else { return nil }
        return "this farm takes no workers that only pretend to denoise"
    }

    func refuse(_ peer: PeerID, _ reason: Message.RefusalReason, _ detail: String) {
        logger.notice("connection refused", metadata: ["peer": "\(peer)", "reason": "\(detail)"])
        // Whatever else it says until its connection is closed is not heard.
        refused.insert(peer)
        _ = lostNode(peer)
        if let worker = peers.removeValue(forKey: peer), connections[worker] == peer {
            connections[worker] = nil
            tell(.disconnected(worker))
        }
        let refusal = Message.refused(
            .init(
                reason: .known(reason), detail: Detail(detail), lowestVersion: WireLimits.version,
                highestVersion: WireLimits.version))
        // Its reason first; then the connection.
        if let header = try? refusal.encoded() { control.post(Multipart([Frame(header)], to: peer)) { _ in } }
        control.disconnect(peer, lingers: true)
    }

    // MARK: Sending

    func send(_ message: Message, to worker: WorkerID) {
        guard let peer = connections[worker] else { return }
        send(message, through: peer)
    }

    func send(_ message: Message, through peer: PeerID) {
        do {
            control.post(try Multipart([Frame(message.encoded())], to: peer)) { [control] outcome in
                // A worker that takes nothing has lost this: it comes back and both sides compare what they hold.
                if case .failure(.peerFull) = outcome { control.disconnect(peer) }
            }
        } catch {
            logger.critical("a message of our own is beyond the limits", metadata: ["error": "\(error)"])
        }
    }
}
