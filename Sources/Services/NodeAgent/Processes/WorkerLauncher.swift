import Farm
import Foundation
import Glibc

/// Starts workers, each in a process group of its own: Ctrl-C reaches the agent, and the agent its workers.
struct WorkerLauncher: Sendable {
    let program: WorkerProgram
    let devices: [NodeDevice]
    /// The agent's folder.
    let folder: String
    /// Processes that ended.
    let ended: AsyncStream<Ended>.Continuation

    struct Ended: Sendable {
        let process: Int
        let cause: ExitCause
        let code: Int
    }

    /// - Parameter log: takes both of the worker's streams.
    /// - Returns: the process; nobody else has its number until it was reported as ended.
    /// - Throws: what the system says where the program can't be started.
    func start(slot: Int, device: Int, log: FileHandle) throws -> ProcessMark {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program.path)
        let device = devices[device]
        process.arguments = program.arguments + (device.isGPU ? program.gpuArguments : [])
        process.environment = environment(slot: slot, device)
        process.standardInput = FileHandle.nullDevice
        (process.standardOutput, process.standardError) = (log, log)
        process.terminationHandler = { [ended] process in
            ended.yield(
                Ended(
                    process: Int(process.processIdentifier),
                    cause: process.terminationReason == .exit ? .exited : .signalled,
                    code: Int(process.terminationStatus)))
        }
        try Self.withoutBlockedSignals { try process.run() }
        let id = Int(process.processIdentifier)
        // One that has ended already has no start time any more, and needs none: as a child it is known by its number.
        return ProcessMark(of: id) ?? ProcessMark(process: id, startTime: 0)
    }

    /// Threads of a pool have signals blocked, and a process that is started on one would never hear SIGTERM.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    private func environment(slot: Int, _ device: NodeDevice) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment.merging(
            Orphans.environment(slot: slot, folder: folder)
        ) { $1 }
        for variable in program.withheldVariables { environment[variable] = nil }
        // All that a worker on the CPU could do with a GPU is to take memory of it.
        environment["CUDA_VISIBLE_DEVICES"] = device.isGPU ? device.device.uuid : ""
        return environment
    }
}
