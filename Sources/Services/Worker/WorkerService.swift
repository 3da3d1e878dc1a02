public import Logging
import Media
import Transport

/// A worker process: one device, one coordinator.
public struct WorkerService: Sendable {
    private let session: WorkerSession
    private let thread: SocketThread
    private let dataThread: SocketThread

    /// Opens the control connection; the data connection follows when the coordinator has answered.
    ///
    /// - Parameter readiness: is told true once the first model is loaded, false when the worker begins to leave.
    /// - Throws: `SocketError`, `MediaError` where there is no video encoder.
    public init(
        _ configuration: WorkerConfiguration, engine: any Engine, logger: Logger,
        readiness: @escaping @Sendable (Bool) -> Void = { _ in }
    ) throws {
        try MediaLibrary.requireEncoder()
        let context = try Context(ioThreads: 1)
        thread = try SocketThread(in: context, name: "control")
        let dataThread = try SocketThread(in: context, name: "data")
        self.dataThread = dataThread
        let security = SocketOptions.Security.curveClient(configuration.keys, server: configuration.serverKey)
        let control = try thread.connect(.dealer, to: configuration.coordinator, .control(security))
        session = WorkerSession(
            configuration, engine: engine, control: control,
            encoder: "\(MediaLibrary.encoderName) \(MediaLibrary.version)", logger: logger, readiness: readiness
        ) { endpoint throws(SocketError) in
            try dataThread.connect(.dealer, to: endpoint, .bulk(security))
        }
    }

    /// Works until it is drained, forsaken or refused; cancelling the task drains it.
    public func run() async -> WorkerEnding {
        // A task of its own: cancelling must not cut the work short, but have it given back.
        let work = Task { await session.run() }
        return await withTaskCancellationHandler {
            await work.value
        } onCancel: { [session] in
            session.stop.yield()
        }
    }
}
