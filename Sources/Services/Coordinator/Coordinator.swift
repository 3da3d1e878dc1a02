public import Control
public import CoreMetrics
import DurableFile
import Farm
import Ledger
public import Logging
public import ServiceLifecycle
import Storage
import Synchronization
import Telemetry
public import Transport

/// The farm's head: takes stories, hands segments out, passes boundaries on, keeps what comes back.
///
/// Composes a `Dispatcher` that has things decided, a `Relay` for boundaries, a `Vault` for files and a
/// `FilmMaker`, each on a thread of its own, over one folder:
///
/// ```
/// ledger.sqlite   stories, segments, devices, the epoch
/// boundaries/     one log per segment
/// artifacts/      checkpoints, latents, encoded segments
/// films/          the stories' MP4s
/// models.json     what models recommend
/// shared.id       where latents and videos lie in a folder that workers share: whose that is
/// ```
public final class Coordinator: Service {
    /// What people may ask of the farm.
    public var farm: any FarmControl { dispatcher }
    /// Where workers connect to, with the port that the system chose.
    public let controlEndpoint: String
    public let dataEndpoint: String

    private let dispatcher: Dispatcher
    private let relay: Relay
    private let vault: Vault
    private let keeper: LedgerKeeper
    private let control: Link
    private let data: Link
    private let reports: AsyncStream<Relay.Report>
    // Kept, since what they do ends with them.
    private let authenticator: Authenticator
    /// All that were ever admitted since the start.
    private let known: Mutex<Set<CurvePublicKey>>
    private let threads: [SocketThread]

    /// Opens or begins a farm; nothing of an earlier run is lost.
    ///
    /// - Parameter metrics: where it is counted what happens; has to take all of `FarmMetric`.
    /// - Throws: `LedgerError`, `StorageError`, `SharedFolderError`, `SocketError`, `FileError`, each with its place.
    public init(
        _ configuration: CoordinatorConfiguration, metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        logger: Logger
    ) async throws {
        let disk = try HostDisk(root: configuration.folder)
        let ledger = try Ledger(path: configuration.folder + "/ledger.sqlite")
        let log = try BoundaryLog(
            on: disk, at: .root / "boundaries", openFilesMax: configuration.openLogsMax,
            leaving: configuration.ledgerBytes)
        let shared = try SharedFolder.open(configuration.shared, of: configuration.folder)
        let store = try ArtifactStore(
            on: disk, at: .root / "artifacts", shared: shared, leaving: configuration.ledgerBytes)
        let clock = FarmClock()
        let epoch = try ledger.raiseEpoch()
        let (stories, devices) = try ledger.restore()
        let nodes = try ledger.nodes()

        // Two for each socket: a worker opens a connection to both in turn.
        let context = try Context(ioThreads: 4)
        authenticator = try Authenticator(in: context, allowing: Self.allowList(configuration.admitted))
        known = Mutex(Set(configuration.admitted.map(\.key)))
        let security =
            configuration.isPlain
            ? SocketOptions.Security.plain
            : .curveServer(configuration.keys, domain: CoordinatorConfiguration.domain)
        let controlThread = try SocketThread(in: context, name: "control")
        let dataThread = try SocketThread(in: context, name: "data")
        var (controlOptions, dataOptions) = (SocketOptions.control(security), SocketOptions.bulk(security))
        (controlOptions.ioThreads, dataOptions.ioThreads) = (0b0011, 0b1100)
        control = try controlThread.bind(.router, to: configuration.controlEndpoint, controlOptions)
        data = try dataThread.bind(.router, to: configuration.dataEndpoint, dataOptions)
        threads = [controlThread, dataThread]
        controlEndpoint = control.endpoint
        let dataEndpoint = configuration.advertisedDataEndpoint ?? data.endpoint
        self.dataEndpoint = dataEndpoint

        let (reports, report) = AsyncStream.makeStream(of: Relay.Report.self)
        let inbox = VaultInbox()
        self.reports = reports
        let welcome = Welcoming(epoch: epoch, dataEndpoint: dataEndpoint)
        let meters = FarmMeters(metrics, epoch: epoch, configuration: configuration)
        relay = Relay(
            data, on: dataThread, log: log, reports: report, vault: inbox, welcome: welcome.message(to:),
            meters: meters, logger: logger)
        vault = Vault(data, store, relay, inbox: inbox, reports: report, logger: logger)
        keeper = LedgerKeeper(ledger, meters: meters)
        let films = try FilmMaker(folder: configuration.folder + "/films")
        let running = stories.filter { !$0.state.isTerminal }
        let heads = await relay.restore(running)
        await vault.restore(running)
        await vault.sweep(stories)
        await relay.sweep(stories)
        await films.sweep(stories)
        let farm = FarmMachine(
            epoch: epoch, restoring: stories, devices: devices, nodes: nodes, heads: heads, now: clock.now)
        dispatcher = Dispatcher(
            configuration, farm: farm, keeper: keeper, relay: relay, vault: vault, films: films, control: control,
            welcoming: welcome, clock: clock, meters: meters, logger: logger)
        logger.info(
            "farm opened",
            metadata: ["folder": "\(configuration.folder)", "epoch": "\(epoch)", "stories": "\(stories.count)"])
    }

    /// Brings what is not counted as it happens up to date, as before a scrape.
    public func measure() async { await dispatcher.measure() }

    /// Whether the farm can take stories, and what keeps it from that.
    public func health() async -> HealthReport { await dispatcher.health() }

    /// Puts another list in force: who is new on it may connect, and whoever is no longer on it is out at once, with
    /// the connections that are open.
    public func admit(_ admitted: [(key: CurvePublicKey, pool: String)]) {
        let keys = Set(admitted.map(\.key))
        let revoked = known.withLock { known in
            known.formUnion(keys)
            return known.subtracting(keys)
        }
        authenticator.replace(with: Self.allowList(admitted))
        let users = Set(revoked.map(\.z85))
        control.shun(users)
        data.shun(users)
    }

    /// A connection appears under its key, not its pool's name: several may share that, of which one is revoked.
    private static func allowList(_ admitted: [(key: CurvePublicKey, pool: String)]) -> AllowList {
        var list = AllowList()
        for (key, _) in admitted { list.admit(key, as: key.z85, to: CoordinatorConfiguration.domain) }
        return list
    }

    /// Serves until ``stop()``, or a graceful shutdown; what was decided until then becomes durable.
    ///
    /// - Throws: `LedgerError` where the ledger failed for good. Nobody was told of what it did not take; opened anew
    ///   with the same folder, the farm goes on where the ledger is.
    public func run() async throws {
        try await withGracefulShutdownHandler {
            let failure = await withDiscardingTaskGroup { group -> LedgerError? in
                group.addTask { await self.relay.run() }
                group.addTask { await self.vault.run() }
                do throws(LedgerError) { try await dispatcher.run(reports) } catch { return error }
                return nil
            }
            await keeper.close()
            await authenticator.close()
            if let failure { throw failure }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    /// Stops taking messages: what was decided becomes durable, workers go on by themselves until the farm is back.
    public func stop() {
        control.beginClosing()
        data.beginClosing()
    }
}
