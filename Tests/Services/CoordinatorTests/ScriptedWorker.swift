import Coordinator
import Dispatch
import Farm
import Synchronization
import Transport
import Wire

/// A worker that does what a test tells it, over real sockets with CURVE; nothing of the worker's own code is in it.
///
/// It says by itself only that it lives. What it hears and nobody asked for yet waits for whoever asks.
actor ScriptedWorker {
    /// A connection ended instead of bringing what a test waits for.
    struct Ended: Error {}

    nonisolated let id: WorkerID
    let secret: Secret
    private let keys: CurveKeyPair
    private let device: WorkerDevice
    private let models: [Message.Model]
    private let isUnlimited: Bool
    private let thread: SocketThread
    private(set) var control: Link?
    private(set) var data: Link?
    private var heardOnControl: [Heard] = []
    private var heardOnData: [Heard] = []
    private var pulse: (any DispatchSourceTimer)?
    private let life = Mutex(Life())
    private var transfers: UInt64 = 0
    /// What it tells that it holds.
    var held: [Held] {
        get { life.withLock { $0.held } }
        set { life.withLock { $0.held = newValue } }
    }
    /// What it read of predecessors, by reader and step.
    private(set) var read: [SegmentID: [Int: [UInt8]]] = [:]

    /// What is told without the actor: it lives also while others hold all of the pool's threads.
    private struct Life {
        var control: Link?
        var held: [Held] = []
        var beats: UInt64 = 0
    }

    struct Heard {
        let message: Message
        let raw: [Frame]
    }

    static let kind = DeviceKind(
        accelerator: "scripted", cpuLevel: "none", libtorch: "none", precision: "fp32", threads: 1, attention: "none")
    static let model = Message.Model(name: "embedded", digest: digest(of: [1]), settings: "", weightBytes: 1)

    /// - Parameters:
    ///   - number: tells its device from others.
    ///   - isUnlimited: whether it sends what is larger than anybody takes.
    init(
        _ home: FarmHome, number: Int = 1, secret: Secret = .random(), models: [Message.Model] = [model],
        isUnlimited: Bool = false
    ) throws {
        self.secret = secret
        (self.models, self.isUnlimited) = (models, isUnlimited)
        id = WorkerID(of: secret)
        keys = home.workerKeys
        device = WorkerDevice(uuid: "device \(number)", memoryBytes: 1 << 34, kind: Self.kind)
        thread = try SocketThread(in: Context(ioThreads: 1), name: "scripted")
    }

    // MARK: Connections

    /// Connects and says nothing.
    func connect(_ farm: OpenFarm) throws {
        let security = SocketOptions.Security.curveClient(keys, server: farm.home.keys.publicKey)
        var (small, bulk) = (SocketOptions.control(security), SocketOptions.bulk(security))
        if isUnlimited {
            for limit in [\SocketOptions.maxFrameBytes, \.maxMessageBytes, \.maxFrames] {
                (small[keyPath: limit], bulk[keyPath: limit]) = (1 << 30, 1 << 30)
            }
        }
        control = try thread.connect(.dealer, to: farm.coordinator.controlEndpoint, small)
        data = try thread.connect(.dealer, to: farm.coordinator.dataEndpoint, bulk)
        (heardOnControl, heardOnData) = ([], [])
    }

    /// Connects, introduces itself on both sockets and offers its models.
    func join(_ farm: OpenFarm) async throws {
        try connect(farm)
        try await say(hello)
        try await hear(.control) { if case .welcome = $0 { true } else { nil } }
        startPulse()
        try await say(.attach(.init(secret: secret)), on: .data)
        try await hear(.data) { if case .welcome = $0 { true } else { nil } }
        try await say(.offer(.init(models: models)))
    }

    /// As soon as it is known, like any worker: beside many others its second connection may take longer than anybody
    /// may be silent.
    private func startPulse() {
        pulse?.cancel()
        life.withLock { $0.control = control }
        let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "heartbeat"))
        timer.schedule(deadline: .now(), repeating: .milliseconds(300))
        timer.setEventHandler { [weak self] in self?.beat() }
        timer.resume()
        pulse = timer
    }

    var hello: Message {
        .hello(
            .init(
                secret: secret, node: "node", process: 1, build: "scripted", encoder: "x264", device: device,
                held: held))
    }

    /// Closes both connections; the process seems to live on.
    func vanish() async {
        pulse?.cancel()
        life.withLock { $0.control = nil }
        await control?.close()
        await data?.close()
        (control, data) = (nil, nil)
    }

    private nonisolated func beat() {
        life.withLock { life in
            life.beats += 1
            let heartbeat = Message.heartbeat(.init(number: life.beats, steps: 0, held: life.held, freeBytes: 1))
            guard let header = try? heartbeat.encoded() else { return }
            life.control?.post(Multipart([Frame(header)])) { _ in }
        }
    }

    func hold(_ attempt: AttemptID, _ phase: LeasePhase, step: Int = 0, _ activity: Held.Activity = .stepping) {
        held.removeAll { $0.attempt.segment == attempt.segment }
        held.append(Held(attempt: attempt, phase: phase, activity: activity, step: step, activityTime: .zero))
    }

    func letGo(_ attempt: AttemptID) { held.removeAll { $0.attempt == attempt } }

    // MARK: Saying and hearing

    func say(_ message: Message, _ raw: [Frame] = [], on channel: Route.Channel = .control) async throws {
        try await send([Frame(message.encoded())] + raw, on: channel)
    }

    /// Any frames at all.
    func send(_ frames: [Frame], on channel: Route.Channel) async throws {
        guard let link = channel == .control ? control : data else { throw Ended() }
        try await link.send(Multipart(frames))
    }

    /// Waits for a message that fits; others wait for whoever asks for them.
    @discardableResult
    func hear<Answer>(_ channel: Route.Channel, _ fits: (Message, [Frame]) -> Answer?) async throws -> Answer {
        while true {
            let heard = channel == .control ? heardOnControl : heardOnData
            for (index, item) in heard.enumerated() {
                guard let answer = fits(item.message, item.raw) else { continue }
                if channel == .control { heardOnControl.remove(at: index) } else { heardOnData.remove(at: index) }
                return answer
            }
            try await listen(channel)
        }
    }

    @discardableResult
    func hear<Answer>(_ channel: Route.Channel, _ fits: (Message) -> Answer?) async throws -> Answer {
        try await hear(channel) { message, _ in fits(message) }
    }

    private func listen(_ channel: Route.Channel) async throws {
        guard let link = channel == .control ? control : data else { throw Ended() }
        var messages = link.messages.makeAsyncIterator()
        guard let multipart = await messages.next() else { throw Ended() }
        let raw = Array(multipart.frames.dropFirst())
        let message = try multipart.frames[0].withSpan { (bytes) throws(WireError) in
            try Message(arriving: bytes, rawFrames: raw.map(\.count), from: [.coordinator], on: channel)
        }
        switch message {
        case .heartbeatAnswer: break
        default:
            let heard = Heard(message: message, raw: raw)
            if channel == .control { heardOnControl.append(heard) } else { heardOnData.append(heard) }
        }
    }

    func grant(of phase: LeasePhase? = nil) async throws -> Message.LeaseGrant {
        let grant = try await hear(.control) { message -> Message.LeaseGrant? in
            if case .leaseGrant(let grant) = message, phase == nil || grant.phase == phase { grant } else { nil }
        }
        hold(grant.attempt, grant.phase, .loading)
        return grant
    }

    /// What became of a report.
    func verdict(on attempt: AttemptID, _ report: FarmReport) async throws -> ReportOutcome {
        try await hear(.control) { message in
            if case .verdict(let verdict) = message, verdict.attempt == attempt, verdict.report == report {
                verdict.outcome
            } else {
                nil
            }
        }
    }

    func nextTransfer() -> UInt64 {
        transfers += 1
        return transfers
    }

    func forgetRead(by reader: SegmentID) { read[reader] = nil }

    func note(_ bytes: [UInt8], readBy reader: SegmentID, at step: Int) { read[reader, default: [:]][step] = bytes }
}
