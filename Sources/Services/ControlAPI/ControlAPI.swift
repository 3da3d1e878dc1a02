public import Control
import Glibc
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle
import Telemetry

/// Serves a farm over HTTP: on this machine's loopback to whoever can read its connection file, and at another address
/// to whoever brings a token of its list.
///
/// Run once, in a service group: it listens, writes the file, and on a graceful shutdown ends open event streams, lets
/// running answers finish and removes the file.
public final class ControlAPI: Service {
    private let configuration: ControlConfiguration
    private let observation: Observation
    private let logger: Logger
    private let farm: any FarmControl
    /// Remembers the farm's past while it runs, as a service beside this one.
    public let recorder: FarmRecorder
    /// One for both addresses: a link works at either.
    private let sessions = SessionStore()
    private let token = AccessToken()
    private let tokens: TokenKeeper?
    private let audit: AuditLog?
    private let remote: Listener?
    private let rounds: EventRounds
    private let streams: StreamCount
    private let listening = Promised<Result<FarmConnection, ControlAPIError>>()
    private let remotePort = Promised<Result<Int, ControlAPIError>>()

    /// - Throws: ``ControlAPIError``: what the address for others would want is missing or can't be read.
    public init(
        _ farm: some FarmControl, configuration: ControlConfiguration, observation: Observation = Observation(),
        logger: Logger
    ) throws(ControlAPIError) {
        self.configuration = configuration
        (self.observation, self.logger) = (observation, logger)
        recorder = FarmRecorder(farm)
        rounds = EventRounds(farm.board, keepAlive: configuration.keepAlive)
        // However few connections there are, some are left for questions.
        streams = StreamCount(limit: max(1, min(configuration.eventStreams, configuration.connections / 2)))
        self.farm = farm
        tokens = configuration.tokenFile.map { TokenKeeper(path: $0, logger: logger) }
        audit = configuration.auditFile.map { AuditLog(path: $0, logger: logger) }
        if let remote = configuration.remote {
            self.remote = try .remote(remote, tokens: tokens)
        } else {
            remote = nil
        }
    }

    /// Says what the initializer would, before there is a farm.
    ///
    /// - Throws: ``ControlAPIError``: what the address for others would want is missing or can't be read.
    public static func check(_ configuration: ControlConfiguration, logger: Logger) throws(ControlAPIError) {
        guard let remote = configuration.remote else { return }
        _ = try Listener.remote(remote, tokens: configuration.tokenFile.map { TokenKeeper(path: $0, logger: logger) })
    }

    /// Where it listens on loopback, and the token; waits until it does.
    ///
    /// - Throws: why it does not: the port is taken, the file can't be written, or it ended before it listened.
    public func connection() async throws(ControlAPIError) -> FarmConnection { try await listening.value().get() }

    /// The port at which others ask; waits until it listens.
    ///
    /// - Throws: why it does not, as where none was wanted.
    public func portForOthers() async throws(ControlAPIError) -> Int { try await remotePort.value().get() }

    public func run() async throws {
        defer {
            // Nobody waits for a service that has ended, and nobody finds it.
            listening.keep(.failure(.ended))
            remotePort.keep(.failure(.ended))
            if case .success(let connection)? = listening.kept {
                ConnectionFile.remove(configuration.connectionFile, ifHolding: connection)
            }
        }
        if remote == nil { remotePort.keep(.failure(.ended)) }
        do {
            let thread = ServingThread()
            try await thread.run {
                try await withThrowingTaskGroup { group in
                    if let remote {
                        group.addTask { try await self.serve(remote, on: thread, self.remotePort, self.announceRemote) }
                    }
                    group.addTask {
                        try await self.serve(
                            self.loopback, on: thread, with: [self.rounds], self.listening, self.announce)
                    }
                    // The one that fails ends the other.
                    try await group.waitForAll()
                }
            }
        } catch {
            // The server only says that it ended; what ended it is known here.
            if case .failure(let reason)? = listening.kept { throw reason }
            throw error
        }
        if case .failure(let reason)? = listening.kept { throw reason }
    }

    /// What listens on loopback; tests drive it without a service group around it.
    func makeApplication() throws -> some ApplicationProtocol {
        try application(of: loopback, on: .singleton, with: [rounds], announce)
    }

    /// The token that requests have to bring.
    var secret: String { token.text }

    private var loopback: Listener { .loopback(port: configuration.port, owner: token, tokens: tokens) }

    private func serve<Value: Sendable>(
        _ listener: Listener, on thread: ServingThread, with services: [any Service] = [],
        _ promise: Promised<Result<Value, ControlAPIError>>,
        _ announce: @escaping @Sendable (any Channel) async -> Void
    ) async throws {
        do {
            try await application(of: listener, on: .shared(thread.group), with: services, announce).run()
        } catch let error as IOError {
            let reason = String(cString: strerror(error.errnoCode))
            let failure = ControlAPIError.cannotListen(place: "\(listener.host):\(listener.port)", reason: reason)
            promise.keep(.failure(failure))
            throw failure
        }
    }

    private func application(
        of listener: Listener, on loops: EventLoopGroupProvider, with services: [any Service],
        _ announce: @escaping @Sendable (any Channel) async -> Void
    ) throws -> some ApplicationProtocol {
        let router = Self.router(
            farm, recorder, rounds, streams, sessions, configuration: configuration, observation: observation,
            listener: listener, audit: audit)
        return Application(
            responder: router.buildResponder(),
            server: try listener.server(configuration, audit: audit),
            configuration: ApplicationConfiguration(
                address: .hostname(listener.host, port: listener.port), serverName: FarmConnection.server,
                availableConnectionsDelegate: .maximum(configuration.connections, logger: logger)),
            services: services, onServerRunning: announce, eventLoopGroupProvider: loops, logger: logger)
    }

    @Sendable private func announce(_ channel: any Channel) async {
        let port = channel.localAddress?.port ?? configuration.port
        let connection = FarmConnection(url: "http://127.0.0.1:\(port)", token: token.text)
        do throws(ControlAPIError) {
            try ConnectionFile.write(connection, to: configuration.connectionFile)
            logger.info("listening for people", metadata: ["port": "\(port)"])
            listening.keep(.success(connection))
        } catch {
            // Without the file nobody could ask; the server ends with its socket.
            listening.keep(.failure(error))
            try? await channel.close()
        }
    }

    @Sendable private func announceRemote(_ channel: any Channel) async {
        let port = channel.localAddress?.port ?? 0
        logger.info("listening for others", metadata: ["host": "\(remote?.host ?? "")", "port": "\(port)"])
        remotePort.keep(.success(port))
    }

    static func router(
        _ farm: any FarmControl, _ recorder: FarmRecorder, _ rounds: EventRounds, _ streams: StreamCount,
        _ sessions: SessionStore, configuration: ControlConfiguration, observation: Observation, listener: Listener,
        audit: AuditLog?
    ) -> Router<ControlContext> {
        let router = Router(context: ControlContext.self, options: .autoGenerateHeadEndpoints)
        // From the outside in: what any of the rest throws is answered by the one of problems.
        router.add(middleware: MeteringMiddleware(metrics: observation.metrics))
        if let audit { router.add(middleware: AuditMiddleware(log: audit)) }
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: HostMiddleware(hosts: listener.hosts))
        PageRoutes().add(to: router)
        let judge = TokenMiddleware(owner: listener.owner, tokens: listener.tokens)
        let watching = ObservationRoutes(observation: observation)
        watching.addHealth(to: router.group())
        // The same for all that wants a token: a subject has one rate.
        let rate = RateMiddleware(perSecond: configuration.requestsPerSecond)
        watching.add(to: router.group().add(middleware: judge).add(middleware: rate))
        let open = router.group("v1")
        FarmRoutes(farm: farm).addHealth(to: open)
        DocumentRoutes().add(to: open)
        SessionRoutes(sessions: sessions).addRedemption(to: open)
        let guarded = open.group()
            .add(middleware: SessionMiddleware(sessions: sessions))
            .add(middleware: judge)
            .add(middleware: rate)
            .add(middleware: RoleMiddleware())
        SessionRoutes(sessions: sessions).add(to: guarded)
        let reports = guarded.group().add(middleware: RecentAnswers(farm))
        StoryRoutes(farm: farm).add(to: reports)
        FarmRoutes(farm: farm).add(to: reports)
        VideoRoutes(farm: farm).add(to: guarded)
        RecordRoutes(farm: farm, recorder: recorder).add(to: guarded)
        let listeners = FarmMetric.listeners.gauge(in: observation.metrics)
        EventRoutes(rounds: rounds, streams: streams, listeners: listeners).add(to: guarded)
        return router
    }
}
