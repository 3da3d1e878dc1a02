import Farm
import Glibc
import HostFacts
import Logging
import Transport
import Wire

/// The driver of a node agent's side of the protocol: hears, has the machine decide, starts and stops workers.
actor NodeSession {
    private let configuration: NodeConfiguration
    private let folder: NodeFolder
    private let control: Link
    private let logger: Logger
    private let output: @Sendable (WorkerLine) -> Void
    private let launcher: WorkerLauncher
    private let start = ContinuousClock.now
    private var machine: NodeMachine
    private var logs: [Int: WorkerLog] = [:]
    /// Workers of this agent, by process.
    private var children: [Int: Child] = [:]
    /// Workers of one before it.
    private var orphans: [ProcessMark: Int] = [:]
    private var memoryKills = MemoryKills.count()
    private var refusal: String?
    private var despair: String?
    private var approach = Approach()
    private var isUnwelcome = false
    private var isOver = false
    /// Asks for all workers to be stopped, from wherever nothing can wait.
    nonisolated let stop: AsyncStream<Void>.Continuation
    private let stops: AsyncStream<Void>
    private let ends: AsyncStream<WorkerLauncher.Ended>

    private struct Child {
        let slot: Int
        let mark: ProcessMark
    }

    /// Between two looks at what workers have written, and at orphans, whose end nobody tells.
    private static let pause = Duration.milliseconds(200)

    init(
        _ configuration: NodeConfiguration, folder: NodeFolder, control: Link, logger: Logger,
        output: @escaping @Sendable (WorkerLine) -> Void
    ) {
        (self.configuration, self.folder, self.control) = (configuration, folder, control)
        (self.logger, self.output) = (logger, output)
        (stops, stop) = AsyncStream.makeStream(of: Void.self)
        let (ends, ended) = AsyncStream.makeStream(of: WorkerLauncher.Ended.self)
        self.ends = ends
        launcher = WorkerLauncher(
            program: configuration.program, devices: configuration.devices, folder: folder.path, ended: ended)
        machine = NodeMachine(
            devices: configuration.devices.map(\.device.uuid), capacity: configuration.capacity,
            grace: configuration.grace, now: Moment(microseconds: 0))
    }

    /// Works until it was asked to stop, or refused, and no worker lives any more.
    func run() async -> NodeEnding {
        stopOrphans()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.watchControl() }
            group.addTask { await self.tick() }
            group.addTask { for await end in self.ends { await self.note(end) } }
            group.addTask { for await _ in self.stops { await self.handle(.stopRequested) } }
            for await message in control.messages { receive(message) }
            launcher.ended.finish()
            stop.finish()
            group.cancelAll()
        }
        if isUnwelcome { return .unwelcome }
        if let despair { return .hopeless(despair) }
        return refusal.map { .refused($0) } ?? .stopped
    }

    // MARK: Deciding

    private var now: Moment { Moment(microseconds: Int64((ContinuousClock.now - start) / .microseconds(1))) }

    private func handle(_ event: NodeEvent) {
        // What is started leads to more: in order, and without an end in the middle.
        var events = [event][...]
        while let event = events.popFirst() {
            for action in machine.handle(event, at: now) {
                if let next = perform(action) { events.append(next) }
            }
        }
    }

    private func tick() async {
        while !Task.isCancelled, !isOver {
            let next = machine.nextAlarm.map { $0 - now } ?? Self.pause
            try? await ContinuousClock().sleep(for: min(max(next, .milliseconds(1)), Self.pause))
            passOn()
            for mark in orphans.keys where !mark.isAlive { noteEnd(ofOrphan: mark) }
            // What was killed while no worker ended was none of them.
            memoryKills = max(memoryKills, MemoryKills.count())
            handle(.ticked)
        }
    }

    /// - Returns: what follows at once.
    private func perform(_ action: NodeAction) -> NodeEvent? {
        switch action {
        case .start(let slot, let device): return start(slot: slot, device: device)
        case .terminate(let mark):
            logger.info("worker told to stop", metadata: ["process": "\(mark.process)"])
            send(SIGTERM, to: mark)
        case .kill(let mark):
            logger.warning("worker does not stop and is killed", metadata: ["process": "\(mark.process)"])
            send(SIGKILL, to: mark)
        case .report(let number, let status): report(number, status)
        case .giveUp(let exit):
            logger.error("workers can't be started here", metadata: ["last": "\(exit)"])
            despair = exit.detail.split(separator: "\n").last.map { WorkerLine.message(of: String($0)) } ?? "\(exit)"
        case .finish: finish()
        }
        return nil
    }

    /// A child's number is nobody else's until its end was told; any other process may have another's by now.
    private func send(_ signal: Int32, to mark: ProcessMark) {
        if children[mark.process] != nil { kill(pid_t(mark.process), signal) } else { mark.send(signal) }
    }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        send(.bye(.init(reason: .known(.stopped), detail: "")))
        control.beginClosing()
    }

    // MARK: Processes

    private func start(slot: Int, device: Int) -> NodeEvent {
        do {
            var log = logs[slot] ?? WorkerLog(folder.log(ofSlot: slot))
            let mark = try launcher.start(slot: slot, device: device, log: log.begin())
            logs[slot] = log
            children[mark.process] = Child(slot: slot, mark: mark)
            logger.info("worker started", metadata: ["process": "\(mark.process)", "slot": "\(slot)"])
            return .started(slot: slot, mark)
        } catch {
            logger.error(
                "worker not started", metadata: ["program": "\(configuration.program.path)", "error": "\(error)"])
            return .startFailed(slot: slot, jitter: .random(in: 0..<1))
        }
    }

    private func note(_ end: WorkerLauncher.Ended) {
        guard let child = children.removeValue(forKey: end.process) else { return }
        passOn(slot: child.slot, isOver: true)
        var cause = end.cause
        if cause == .signalled, end.code == Int(SIGKILL) {
            let kills = MemoryKills.count()
            if kills > memoryKills { cause = .outOfMemory }
            memoryKills = kills
        }
        let (last, tail) = (logs[child.slot]?.lastLine, logs[child.slot]?.tail(bytesMax: WireLimits.detailBytes))
        logger.info(
            "worker ended",
            metadata: [
                "process": "\(end.process)", "cause": "\(cause)", "code": "\(end.code)", "said": "\(last ?? "")",
            ])
        handle(.ended(child.mark, cause, code: end.code, detail: tail ?? "", jitter: .random(in: 0..<1)))
    }

    private func stopOrphans() {
        for (slot, mark) in Orphans.find(folder: folder.path) {
            logger.notice("a worker of an earlier agent is stopped", metadata: ["process": "\(mark.process)"])
            orphans[mark] = slot
            if logs[slot] == nil { logs[slot] = WorkerLog(folder.log(ofSlot: slot)) }
            handle(.found(slot: slot, mark))
        }
    }

    private func noteEnd(ofOrphan mark: ProcessMark) {
        guard let slot = orphans.removeValue(forKey: mark) else { return }
        passOn(slot: slot, isOver: true)
        // How it ended, only its parent was told.
        handle(.ended(mark, .stopped, code: 0, detail: "", jitter: .random(in: 0..<1)))
    }

    private func passOn() { for slot in logs.keys.sorted() { passOn(slot: slot) } }

    private func passOn(slot: Int, isOver: Bool = false) {
        for line in logs[slot]?.lines(isOver: isOver) ?? [] { output(WorkerLine(slot: slot, text: line)) }
    }

    // MARK: Control

    private func watchControl() async {
        for await event in control.connectionEvents {
            note(event.kind)
            switch event.kind {
            case .ready: if refusal == nil { introduce() }
            case .disconnected: handle(.disconnected)
            case .notAdmitted: refuse("it does not know this node's key")
            case .handshakeFailed(let failure): logger.warning("handshake failed", metadata: ["how": "\(failure)"])
            case .connected, .accepted, .retrying, .acceptFailed, .violation: break
            }
        }
    }

    /// Says once why nothing happens; and stops where that is beyond repair from here.
    private func note(_ kind: ConnectionEvent.Kind) {
        switch approach.note(kind) {
        case .nobodyListens?:
            logger.notice("nobody listens there yet", metadata: ["coordinator": "\(configuration.coordinator)"])
        case .unwelcome?:
            isUnwelcome = true
            refuse("it ends connections before a word is said")
        case nil: break
        }
    }

    private func introduce() {
        send(
            .nodeHello(
                .init(
                    secret: folder.secret, node: configuration.node, build: NodeBuild.name,
                    devices: configuration.devices.map(\.device), capacity: configuration.capacity,
                    memoryBytes: HostMemory.totalBytes, proposed: configuration.proposed)))
    }

    /// There is no use in trying again: the workers are stopped, which could not join for the same reason or would not
    /// be told from those of another agent.
    private func refuse(_ reason: String) {
        guard refusal == nil else { return }
        refusal = reason
        logger.error("refused", metadata: ["reason": "\(reason)"])
        handle(.stopRequested)
    }

    private func receive(_ multipart: Multipart) {
        let message: Message
        do {
            let raw = multipart.frames.dropFirst().map(\.count)
            message = try multipart.frames[0].withSpan { (bytes) throws(WireError) in
                try Message(arriving: bytes, rawFrames: raw, from: [.coordinator], on: .control)
            }
        } catch {
            return logger.error("a message is not understood", metadata: ["error": "\(error)"])
        }
        switch message {
        case .welcome: handle(.welcomed)
        case .want(let want):
            logger.info("workers wanted", metadata: ["workers": "\(want.workers)"])
            handle(
                .wanted(
                    NodeWant(
                        revision: want.revision, workers: want.workers, spares: want.spares.map(\.process))))
        case .heartbeatAnswer(let answer): handle(.answered(number: answer.number))
        case .refused(let refused):
            switch refused.reason {
            case .known(.outOfOrder), .known(.unknownPeer): break  // The connection ends; the next one begins anew.
            case .known, .unknown: refuse(refused.detail.text)
            }
        default: logger.warning("an unexpected message")
        }
    }

    private func report(_ number: UInt64, _ status: NodeStatus) {
        var report = Message.NodeReport(number: number, status)
        (report.freeMemoryBytes, report.freeDiskBytes) =
            (HostMemory.availableBytes, HostDisk.freeBytes(at: folder.path))
        send(.nodeReport(report))
    }

    private func send(_ message: Message) {
        do {
            control.post(Multipart([Frame(try message.encoded())])) { _ in }
        } catch {
            logger.critical("a message of our own is beyond the limits", metadata: ["error": "\(error)"])
        }
    }
}
