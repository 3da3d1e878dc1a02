public import Logging
import Transport

/// A node's agent: one machine, one coordinator.
public struct NodeService: Sendable {
    private let session: NodeSession
    private let thread: SocketThread

    /// Opens the control connection, the only one an agent has.
    ///
    /// - Parameter output: takes what workers write, a line at a time.
    /// - Throws: `SocketError`.
    public init(
        _ configuration: NodeConfiguration, folder: NodeFolder, logger: Logger,
        output: @escaping @Sendable (WorkerLine) -> Void
    ) throws {
        let context = try Context(ioThreads: 1)
        thread = try SocketThread(in: context, name: "control")
        let security = SocketOptions.Security.curveClient(configuration.keys, server: configuration.serverKey)
        let control = try thread.connect(.dealer, to: configuration.coordinator, .control(security))
        session = NodeSession(configuration, folder: folder, control: control, logger: logger, output: output)
    }

    /// Works until it is told to stop or refused; cancelling the task stops the workers and waits for them.
    public func run() async -> NodeEnding {
        // A task of its own: cancelling must not cut the workers short, but have them drained.
        let work = Task { await session.run() }
        return await withTaskCancellationHandler {
            await work.value
        } onCancel: { [session] in
            session.stop.yield()
        }
    }
}
