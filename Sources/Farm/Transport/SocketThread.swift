/// A thread that owns sockets: it alone sends, receives and closes on them, and waits for all of them at once.
///
/// Links that must not delay each other, as control and bulk, belong on different threads. A thread that nobody refers
/// to any more closes its links and ends.
///
/// An actor whose work is little beside a link's traffic can live on the link's thread, as its executor: then no
/// message changes threads on its way to the actor and back. While one of its jobs runs, the thread's links wait.
public final class SocketThread: SerialExecutor {
    private let context: Context
    private let core: SocketThreadCore

    /// Starts the thread; `name` is what debuggers and profilers show, at most 15 bytes.
    public init(in context: Context, name: String = "zmq-sockets") throws(SocketError) {
        self.context = context
        core = try SocketThreadCore()
        try OwningThread.start(name: name) { [core] in core.run() }
    }

    deinit { core.release() }

    /// Runs an actor's job between two turns of the links; also after ``close()``, for as long as the thread is
    /// referred to.
    public func enqueue(_ job: consuming ExecutorJob) {
        core.add(UnownedJob(job), of: asUnownedSerialExecutor())
    }

    /// Opens a link that listens, for instance on `tcp://127.0.0.1:*`; `Link.endpoint` then has the port.
    public func bind(
        _ kind: Link.Kind, to endpoint: String, _ options: SocketOptions
    ) throws(SocketError) -> Link {
        let driver = try makeDriver(kind, options)
        let resolved = try driver.bind(to: endpoint)
        return try adopt(driver, endpoint: resolved)
    }

    /// Opens a link that connects, and goes on trying for as long as it lives; nothing needs to listen yet.
    public func connect(
        _ kind: Link.Kind, to endpoint: String, _ options: SocketOptions
    ) throws(SocketError) -> Link {
        let driver = try makeDriver(kind, options)
        try driver.connect(to: endpoint)
        return try adopt(driver, endpoint: endpoint)
    }

    /// Closes all links and returns when the thread has closed their sockets.
    public func close() async {
        core.stop()
        await core.finished.wait()
    }

    private func makeDriver(_ kind: Link.Kind, _ options: SocketOptions) throws(SocketError) -> LinkDriver {
        try LinkDriver(kind, in: context, options, core: LinkCore(kind, options, wakeup: core.wakeup))
    }

    private func adopt(_ driver: LinkDriver, endpoint: String) throws(SocketError) -> Link {
        let linkCore = driver.core
        guard core.adopt(driver) else { throw .terminated(.open, at: endpoint) }
        return Link(linkCore, endpoint: endpoint, on: self)
    }
}

/// What the handle and the running thread share; the thread keeps it alive.
private final class SocketThreadCore: Sendable {
    private struct State {
        var arrivals: [LinkDriver] = []
        var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
        var isStopping = false
        /// Nobody can give it jobs any more.
        var isReleased = false
    }

    let wakeup: Wakeup
    let finished = Signal()
    private let state = Lock(State())

    init() throws(SocketError) {
        wakeup = try Wakeup()
    }

    func adopt(_ driver: LinkDriver) -> Bool {
        let isRunning = state.withLock { state in
            if !state.isStopping { state.arrivals.append(driver) }
            return !state.isStopping
        }
        wakeup.signal()
        return isRunning
    }

    func add(_ job: UnownedJob, of executor: UnownedSerialExecutor) {
        state.withLock { $0.jobs.append((job, executor)) }
        wakeup.signal()
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    func release() {
        state.withLock { ($0.isStopping, $0.isReleased) = (true, true) }
        wakeup.signal()
    }

    func run() {
        serveLinks()
        finished.set()
        serveJobs()
    }

    private func serveLinks() {
        var drivers: [LinkDriver] = []
        var poller = Poller()
        while true {
            let isStopping = welcomeArrivals(to: &drivers)
            if isStopping { for driver in drivers { driver.core.requestClose() } }
            let hasMore = giveTurns(to: &drivers)
            // What a job had sent leaves before the thread waits.
            let hasWorked = runJobs()
            if isStopping, drivers.isEmpty { return }
            guard hasMore || hasWorked || wait(for: drivers, with: &poller) else { break }
        }
        // Nobody may wait any more for links that the context's end took.
        stop()
        _ = welcomeArrivals(to: &drivers)
        while !drivers.isEmpty { close(&drivers, at: drivers.count - 1) }
    }

    /// An actor may outlive its links.
    private func serveJobs() {
        var poller = Poller()
        while true {
            let isReleased = state.withLock { $0.isReleased }
            if runJobs() { continue }
            guard !isReleased, wait(for: [], with: &poller) else { return }
        }
    }

    /// Takes over new links; returns whether the thread was asked to stop, after which none arrive.
    private func welcomeArrivals(to drivers: inout [LinkDriver]) -> Bool {
        let (arrivals, isStopping) = state.withLock { state in
            defer { state.arrivals.removeAll() }
            return (state.arrivals, state.isStopping)
        }
        drivers += arrivals
        return isStopping
    }

    /// Gives every link its turn and closes those that ended; returns whether any has more to do.
    private func giveTurns(to drivers: inout [LinkDriver]) -> Bool {
        var hasMore = false
        var index = 0
        while index < drivers.count {
            switch try? drivers[index].takeTurn() {
            case .idle: index += 1
            case .hasMore:
                hasMore = true
                index += 1
            case .ended, nil: close(&drivers, at: index)
            }
        }
        return hasMore
    }

    /// Runs what waits, but not what that brings; returns whether there was any.
    private func runJobs() -> Bool {
        let jobs = state.withLock { state in
            defer { state.jobs = [] }
            return state.jobs
        }
        for (job, executor) in jobs { job.runSynchronously(on: executor) }
        return !jobs.isEmpty
    }

    /// False when the context was terminated.
    private func wait(for drivers: [LinkDriver], with poller: inout Poller) -> Bool {
        poller.removeAll()
        poller.add(wakeup.descriptor)
        for driver in drivers {
            guard (try? driver.register(with: &poller)) != nil else { return false }
        }
        let timeout = drivers.compactMap(\.deadline).min().map { max(.zero, $0 - .now) }
        guard wakeup.fallAsleep() else { return true }
        guard (try? poller.wait(timeout)) != nil else { return false }
        wakeup.wakeUp(isReady: poller.isReady(at: 0))
        return true
    }

    /// Closes the socket, with the last reference to the driver, before saying so.
    private func close(_ drivers: inout [LinkDriver], at index: Int) {
        let core = drivers[index].core
        core.finish()
        drivers.remove(at: index)
        core.closed.set()
    }
}
