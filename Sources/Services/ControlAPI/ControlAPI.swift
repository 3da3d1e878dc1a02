public import Control
import Glibc
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// Serves a farm over HTTP on this machine's loopback, to whoever can read its connection file.
///
/// Run once, in a service group: it listens, writes the file, and on a graceful shutdown ends open event streams, lets
/// running answers finish and removes the file.
public final class ControlAPI: Service {
    private let configuration: ControlConfiguration
    private let logger: Logger
    private let responder: RouterResponder<ControlContext>
    private let token: AccessToken
    private let listening = Promised<Result<FarmConnection, ControlAPIError>>()

    public init(_ farm: some FarmControl, configuration: ControlConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        token = AccessToken()
        responder = Self.router(farm, configuration: configuration, token: token).buildResponder()
    }

    /// Where it listens, and the token; waits until it does.
    ///
    /// - Throws: why it does not: the port is taken, the file can't be written, or it ended before it listened.
    public func connection() async throws(ControlAPIError) -> FarmConnection { try await listening.value().get() }

    public func run() async throws {
        let application = makeApplication()
        defer {
            // Nobody waits for a service that has ended, and nobody finds it.
            listening.keep(.failure(.ended))
            if case .success(let connection)? = listening.kept {
                ConnectionFile.remove(configuration.connectionFile, ifHolding: connection)
            }
        }
        do {
            try await application.run()
        } catch {
            if let error = error as? IOError {
                let reason = String(cString: strerror(error.errnoCode))
                listening.keep(.failure(.cannotListen(port: configuration.port, reason: reason)))
            }
            // The server only says that it ended; what ended it is known here.
            if case .failure(let reason)? = listening.kept { throw reason }
            throw error
        }
        if case .failure(let reason)? = listening.kept { throw reason }
    }

    /// What listens; tests drive it without a service group around it.
    func makeApplication() -> some ApplicationProtocol {
        Application(
            responder: responder,
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: configuration.port), serverName: FarmConnection.server),
            onServerRunning: { [self] in await announce($0) },
            logger: logger)
    }

    /// The token that requests have to bring.
    var secret: String { token.text }

    private func announce(_ channel: any Channel) async {
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

    private static func router(
        _ farm: any FarmControl, configuration: ControlConfiguration, token: AccessToken
    ) -> Router<ControlContext> {
        let router = Router(context: ControlContext.self, options: .autoGenerateHeadEndpoints)
        // From the outside in: what any of the rest throws is answered by the first.
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: LoopbackMiddleware())
        let open = router.group("v1")
        FarmRoutes(farm: farm).addHealth(to: open)
        let guarded = open.group().add(middleware: TokenMiddleware(token: token))
        StoryRoutes(farm: farm).add(to: guarded)
        VideoRoutes(farm: farm).add(to: guarded)
        FarmRoutes(farm: farm).add(to: guarded)
        EventRoutes(farm: farm, keepAlive: configuration.keepAlive).add(to: guarded)
        return router
    }
}
