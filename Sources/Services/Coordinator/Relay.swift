import CoreMetrics
import Farm
import Logging
import Storage
import Telemetry
import Transport
import Wire

/// Boundaries on their way from a segment's worker to its successor's: written to the log, then shown.
///
/// It serves the data socket on the socket's thread: a boundary changes threads neither on its way in nor out. Files go
/// on to the ``Vault``, so that no boundary waits for somebody's checkpoint to reach the disk.
actor Relay {
    /// What is to be said to the ``Dispatcher``, in order.
    enum Report: Sendable {
        case event(FarmEvent)
        /// An answer that needs no decision.
        case answer(WorkerID, AttemptID, FarmReport, ReportOutcome)
        case progress(WorkerID, Message.Progress)
        /// Something was not stored for want of room.
        case diskFull
    }

    private let link: Link
    let log: BoundaryLog
    let reports: AsyncStream<Report>.Continuation
    private let vault: VaultInbox
    private let welcome: @Sendable (WorkerID) -> Message
    private let meters: FarmMeters
    let logger: Logger
    private let thread: SocketThread
    private let (retries, retry) = AsyncStream.makeStream(of: Refused.self)

    var exchange = BoundaryExchange()
    private var peers: [PeerID: WorkerID] = [:]
    private var connections: [WorkerID: PeerID] = [:]
    /// Who may write a segment's stream and read its predecessor's.
    private var holders: [SegmentID: WorkerID] = [:]
    var terms: [StoryID: StoryTerms] = [:]
    /// What readers asked for before it was known here that they hold their leases, as after a restart.
    private var early: [WorkerID: Message.BoundaryRead] = [:]
    /// How far workers say that they are, to be compared with the log once they can be asked for what it lacks.
    private var expected: [AttemptID: Int] = [:]

    /// A record that found no room at its reader.
    struct Refused: Sendable {
        let reader: AttemptID
        let stream: StreamID
        let step: Int
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Milliseconds until a record is offered again to a reader that took no more.
    private static let pause = Duration.milliseconds(20)

    init(
        _ link: Link, on thread: SocketThread, log: sending BoundaryLog, reports: AsyncStream<Report>.Continuation,
        vault: VaultInbox, welcome: @escaping @Sendable (WorkerID) -> Message,
        meters: FarmMeters, logger: Logger
    ) {
        (self.link, self.thread, self.log, self.reports, self.vault) = (link, thread, log, reports, vault)
        (self.welcome, self.meters, self.logger) = (welcome, meters, logger)
    }

    /// Serves until the link is closed.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watchConnections() }
            group.addTask { await self.readAgain() }
            for await message in link.messages { receive(message) }
            retry.finish()
            vault.finish()
            reports.finish()
        }
    }

    /// Takes no more messages; then ``run()`` ends.
    nonisolated func stop() { link.beginClosing() }

    // MARK: What the dispatcher says

    /// What the log holds of stories that go on: the heads of their streams.
    func restore(_ stories: [StoryRecord]) -> [SegmentID: Int] {
        var heads: [SegmentID: Int] = [:]
        for story in stories {
            terms[story.id] = story.terms
            for index in story.touched.indices {
                let id = SegmentID(story: story.id, number: UInt32(index + 1))
                let records = records(of: id, story.touched[index], upTo: story.terms.recordCount)
                heads[id] = records.count
                exchange.restore(id, story.touched[index].generations, records)
            }
        }
        return heads
    }

    /// What the log holds of a story that had ended and is to go on; also where it never stopped.
    func wake(_ story: StoryRecord) -> [SegmentID: Int] {
        if terms[story.id] == nil { return restore([story]) }
        let segments = story.touched.indices.map { SegmentID(story: story.id, number: UInt32($0 + 1)) }
        return Dictionary(uniqueKeysWithValues: segments.map { ($0, exchange.head(of: $0)) })
    }

    private func records(
        of id: SegmentID, _ record: SegmentRecord, upTo count: Int
    ) -> [BoundaryExchange.Record] {
        var records: [BoundaryExchange.Record] = []
        while records.count < count, let spans = record.spans(of: records.count..<(records.count + 1)).first {
            let stream = StreamID(segment: id, generation: spans.generation)
            do {
                guard let entry = try log.entry(of: stream, step: UInt32(records.count)) else { break }
                records.append(.init(generation: spans.generation, checksum: entry.checksum))
            } catch {
                note(error, in: StreamID(segment: id, generation: record.generation))
                return []
            }
        }
        return records
    }

    /// From now on only this attempt writes its stream and reads its predecessor's; nil for nobody.
    func admit(_ segment: SegmentID, _ attempt: AttemptID?, by worker: WorkerID?, _ story: StoryRecord?) {
        if terms[segment.story] == nil {
            guard attempt != nil, let story else { return }
            _ = restore([story])
        }
        // Settled since it was restored, where it had left something open.
        if let story { terms[segment.story] = story.terms }
        exchange.admit(segment, attempt)
        holders[segment] = worker
        guard let worker, let attempt else { return }
        if let reading = early.removeValue(forKey: worker), reading.reader == attempt { read(reading) }
        askForMissing(attempt, of: worker)
    }

    /// A worker says that its attempt has entered a step.
    func expect(_ attempt: AttemptID, at step: Int, of worker: WorkerID) {
        expected[attempt] = step
        askForMissing(attempt, of: worker)
    }

    /// A stream has a new generation: its reader stops, if it has had what is void.
    func open(_ stream: StreamID, from step: Int) {
        guard terms[stream.segment.story] != nil else { return }
        guard let reader = exchange.open(stream, from: step), let holder = holders[reader.segment] else { return }
        send(.boundarySuperseded(.init(reader: reader, stream: stream, fromStep: step)), to: holder)
    }

    /// A story has ended: nobody reads its boundaries, until it goes on.
    func rest(_ story: StoryID, segments: Int) {
        exchange.forget(story, segments: segments)
        terms[story] = nil
        holders = holders.filter { $0.key.story != story }
        expected = expected.filter { $0.key.segment.story != story }
    }

    /// Removes a story's boundaries.
    func forget(_ story: StoryID, segments: Int) {
        rest(story, segments: segments)
        do { try log.remove(story) } catch { logger.warning("log not removed", metadata: ["error": "\(error)"]) }
    }

    /// Removes the boundaries of stories that are gone.
    func sweep(_ stories: [StoryRecord]) {
        let known = Set(stories.map(\.id))
        for story in logged where !known.contains(story) { forget(story, segments: 0) }
    }

    /// Bytes of boundaries, by story.
    func usage() -> [StoryID: Int] {
        // What can't be looked at can't be removed either.
        Dictionary(uniqueKeysWithValues: logged.map { ($0, (try? log.byteCount(of: $0)) ?? 0) })
    }

    private var logged: [StoryID] {
        do { return try log.stories() } catch {
            logger.warning("boundaries not listed", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// Closes a worker's data connection.
    func hangUp(_ worker: WorkerID) {
        if let peer = connections[worker] { link.disconnect(peer) }
    }

    // MARK: What arrives

    private func watchConnections() async {
        for await event in link.connectionEvents where event.kind == .disconnected {
            guard let peer = event.peer, let worker = peers.removeValue(forKey: peer) else { continue }
            if connections[worker] == peer { (connections[worker], early[worker]) = (nil, nil) }
            vault.put(.gone(peer))
        }
    }

    private func receive(_ multipart: Multipart) {
        guard let peer = multipart.peer else { return }
        do {
            let raw = Array(multipart.frames.dropFirst())
            let message = try multipart.frames[0].withSpan { (bytes) throws(WireError) in
                try Message(arriving: bytes, rawFrames: raw.map(\.count), from: [.worker], on: .data)
            }
            if case .attach(let attach) = message { return self.attach(peer, WorkerID(of: attach.secret)) }
            guard let worker = peers[peer] else { return refuse(peer, "no introduction") }
            receive(message, raw, from: worker, through: peer)
        } catch {
            refuse(peer, "\(error)")
        }
    }

    /// What a peer must not say costs it the connection and nothing else.
    private func refuse(_ peer: PeerID, _ reason: String) {
        logger.notice(
            "data connection closed", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
        link.disconnect(peer)
    }

    private func attach(_ peer: PeerID, _ worker: WorkerID) {
        if let old = connections[worker], old != peer {
            peers[old] = nil
            vault.put(.gone(old))
            link.disconnect(old)
        }
        peers[peer] = worker
        connections[worker] = peer
        send(welcome(worker), to: worker)
        for attempt in expected.keys where holders[attempt.segment] == worker { askForMissing(attempt, of: worker) }
    }

    private func receive(_ message: Message, _ raw: [Frame], from worker: WorkerID, through peer: PeerID) {
        switch message {
        case .boundaryAppend(let append): self.append(append, raw[0], from: worker, peer)
        case .boundaryRead(let read):
            if holders[read.reader.segment] == worker { self.read(read) } else { early[worker] = read }
        case .bye: link.disconnect(peer)
        default: if !vault.put(.message(message, raw, worker, peer)) { refuse(peer, "more than its credit") }
        }
    }

    private func append(_ append: Message.BoundaryAppend, _ payload: Frame, from worker: WorkerID, _ peer: PeerID) {
        let (attempt, step) = (append.attempt, append.step)
        guard holders[attempt.segment] == worker else { return }
        guard payload.withUnsafeBytes({ $0.areFiniteNumbers }) else {
            return refuse(peer, "a boundary that is not finite")
        }
        switch exchange.admission(of: attempt, step: step, checksum: append.checksum) {
        // The log compares the checksum; once is enough for so many bytes.
        case .write: write(attempt, step, append.checksum, payload, from: worker, peer)
        case .duplicate: send(.boundaryStored(.init(stream: attempt.stream, step: step)), to: worker)
        // It asks for its lease soon enough.
        case .stale: meters.resultsFenced.increment(.lateBoundary)
        case .conflict:
            guard payload.withUnsafeBytes({ Checksum.of($0) }) == append.checksum else {
                return refuse(peer, "a damaged boundary")
            }
            reports.yield(.event(.conflicted(attempt.stream, step: step)))
        case .gap(let expected): send(.boundaryWanted(.init(attempt: attempt, fromStep: expected)), to: worker)
        }
    }

    private func write(
        _ attempt: AttemptID, _ step: Int, _ checksum: UInt64, _ payload: Frame, from worker: WorkerID, _ peer: PeerID
    ) {
        let start = ContinuousClock.now
        do {
            let outcome = try payload.withUnsafeBytes { (bytes) throws(StorageError) in
                let stream = exchange.stream(of: attempt.segment, at: step)
                return try log.append(bytes, checksum: checksum, step: UInt32(step), to: stream)
            }
            if case .conflict = outcome {
                reports.yield(.event(.conflicted(attempt.stream, step: step)))
                return
            }
        } catch {
            if case .wrongChecksum = error.reason { return refuse(peer, "a damaged boundary") }
            // Not stored: its writer sends it again, every five seconds, until the disk has room.
            return note(error, in: attempt.stream)
        }
        meters.boundaryBytes.increment(by: payload.count)
        let deliveries = exchange.stored(attempt, step: step, checksum: checksum)
        deliver(deliveries, fresh: payload, of: step)
        meters.handOff.record(since: start)
        send(.boundaryStored(.init(stream: attempt.stream, step: step)), to: worker)
        reports.yield(.event(.reached(attempt.stream, head: step + 1)))
    }

    // MARK: Reading

    private func read(_ reading: Message.BoundaryRead) {
        switch exchange.read(reading.reader, reading.stream, from: reading.fromStep, window: reading.window) {
        case .records(let deliveries): deliver(deliveries, fresh: nil, of: nil)
        case .superseded(let stream, let step):
            guard let holder = holders[reading.reader.segment] else { return }
            send(
                .boundarySuperseded(.init(reader: reading.reader, stream: stream, fromStep: step)), to: holder)
        case .stale: break
        }
    }

    private func readAgain() async {
        await withDiscardingTaskGroup { group in
            for await refused in retries where exchange.refused(refused.reader, refused.stream, step: refused.step) {
                group.addTask {
                    try? await ContinuousClock().sleep(for: Self.pause)
                    await self.offerAgain(refused)
                }
            }
            group.cancelAll()
        }
    }

    private func offerAgain(_ refused: Refused) {
        deliver(exchange.offerAgain(refused.reader, refused.stream), fresh: nil, of: nil)
    }

    private func deliver(_ deliveries: [BoundaryExchange.Delivery], fresh: Frame?, of freshStep: Int?) {
        for delivery in deliveries {
            guard let holder = holders[delivery.reader.segment] else { continue }
            guard let payload = delivery.step == freshStep ? fresh : stored(delivery) else { continue }
            let record = Message.boundaryRecord(
                .init(
                    reader: delivery.reader, stream: delivery.stream, step: delivery.step, bytes: payload.count,
                    checksum: delivery.checksum))
            let refused = Refused(reader: delivery.reader, stream: delivery.stream, step: delivery.step)
            send(record, payload, to: holder) { [retry] in retry.yield(refused) }
        }
    }

    private func stored(_ delivery: BoundaryExchange.Delivery) -> Frame? {
        do {
            guard let entry = try log.entry(of: delivery.stream, step: UInt32(delivery.step)) else { return nil }
            return try Frame(count: entry.byteCount) { (buffer) throws(StorageError) in
                try log.read(entry, into: buffer)
            }
        } catch {
            note(error, in: exchange.current(delivery.stream.segment))
            return nil
        }
    }

    private func askForMissing(_ attempt: AttemptID, of worker: WorkerID) {
        guard let step = expected[attempt], holders[attempt.segment] == worker, connections[worker] != nil else {
            return
        }
        expected[attempt] = nil
        let head = exchange.head(of: attempt.segment)
        guard head <= step else { return }
        send(.boundaryWanted(.init(attempt: attempt, fromStep: head)), to: worker)
    }

    // MARK: Sending

    private func send(_ message: Message, to worker: WorkerID) {
        guard let peer = connections[worker], let header = encoded(message) else { return }
        link.insist(Multipart([header], to: peer))
    }

    private func send(
        _ message: Message, _ payload: Frame, to worker: WorkerID, whenFull: @escaping @Sendable () -> Void
    ) {
        guard let peer = connections[worker], let header = encoded(message) else { return }
        link.post(Multipart([header, payload], to: peer)) { outcome in
            switch outcome {
            case .failure(.peerFull), .failure(.queueFull): whenFull()
            // Whoever is gone comes back and asks.
            case .success, .failure: break
            }
        }
    }

    private func encoded(_ message: Message) -> Frame? {
        do { return Frame(try message.encoded()) } catch {
            logger.critical("a message of our own is beyond the limits", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
