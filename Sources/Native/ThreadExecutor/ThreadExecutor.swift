import Foundation
import Glibc

/// One thread for one actor: whatever blocks in it, in a disk or a network of layers, holds up nobody else.
///
/// The thread ends when the executor is released, after the jobs that it was given.
public final class ThreadExecutor: SerialExecutor {
    /// Who goes first where there are more threads than cores.
    public enum Priority: Int32, Sendable {
        case usual = 0
        /// A tenth of the share of the usual; threads that its jobs start inherit it.
        case low = 10
        /// A hundredth.
        case lowest = 19
    }

    private let core: Core

    /// - Parameter name: what debuggers and profilers show; cut to 15 bytes.
    public init(name: String, priority: Priority = .usual) {
        core = Core()
        Self.start(core, name: name, priority)
    }

    deinit { core.stop() }

    public func enqueue(_ job: consuming ExecutorJob) {
        core.add(UnownedJob(job), of: asUnownedSerialExecutor())
    }

    private static func start(_ core: Core, name: String, _ priority: Priority) {
        let thread = Thread {
            // The system hears of both only from the thread itself.
            Thread.current.name = name
            // On Linux niceness is a thread's own, and 0 names the calling one.
            if priority != .usual { setpriority(Int32(PRIO_PROCESS.rawValue), 0, priority.rawValue) }
            core.run()
        }
        // A network's layers go deeper than a pool's thread is made for.
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Unchecked because of the pointers: jobs are touched only under the mutex.
    private final class Core: @unchecked Sendable {
        private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        private var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
        private var isStopped = false

        init() {
            mutex.initialize(to: pthread_mutex_t())
            condition.initialize(to: pthread_cond_t())
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(condition, nil)
        }

        deinit {
            pthread_cond_destroy(condition)
            pthread_mutex_destroy(mutex)
            condition.deallocate()
            mutex.deallocate()
        }

        func add(_ job: UnownedJob, of executor: UnownedSerialExecutor) {
            pthread_mutex_lock(mutex)
            jobs.append((job, executor))
            pthread_cond_signal(condition)
            pthread_mutex_unlock(mutex)
        }

        func stop() {
            pthread_mutex_lock(mutex)
            isStopped = true
            pthread_cond_signal(condition)
            pthread_mutex_unlock(mutex)
        }

        func run() {
            while let batch = take() {
                for (job, executor) in batch { job.runSynchronously(on: executor) }
            }
        }

        /// Waits; nil once stopped and empty.
        private func take() -> [(job: UnownedJob, executor: UnownedSerialExecutor)]? {
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            while jobs.isEmpty, !isStopped { pthread_cond_wait(condition, mutex) }
            guard !jobs.isEmpty else { return nil }
            defer { jobs.removeAll(keepingCapacity: false) }
            return jobs
        }
    }
}
