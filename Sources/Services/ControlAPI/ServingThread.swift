import Glibc
import NIOCore
import NIOPosix

/// The one thread on which connections are served: sockets, requests and listeners.
///
/// Whatever is asked, and by however many, has one core of the machine at most and yields to the farm's own threads,
/// which it shares nothing with. What takes long (files, pictures, the ledger) is done by threads of its own. A task
/// that stays on its connection's thread wakes no other thread for each of its pieces.
final class ServingThread: Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let executor: LoopExecutor

    /// Workers of a machine whose cores are all taken go first, by little: an answer takes a millisecond.
    private static let niceness: Int32 = 5

    init() {
        let loop = group.next()
        executor = LoopExecutor(loop: loop)
        loop.execute {
            Self.name("http")
            // On Linux niceness is a thread's own.
            _ = nice(Self.niceness)
        }
    }

    /// What debuggers and profilers show.
    private static func name(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        write(file, name, name.utf8.count)
        close(file)
    }

    /// Runs `body` and the tasks of its groups on the thread, but for what actors do on threads of their own.
    func run(_ body: () async throws -> Void) async throws {
        do {
            try await withTaskExecutorPreference(executor) { try await body() }
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }
}

/// Runs tasks on an event loop, between what it does for its connections.
private final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
