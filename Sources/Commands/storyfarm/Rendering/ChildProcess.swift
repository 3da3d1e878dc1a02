import Foundation
import Glibc

/// A program of ours that runs under this one and ends with it, however this one ends: it holds the other end of the
/// pipe that the child has as standard input.
final class ChildProcess: Sendable {
    let name: String
    let identifier: Int32
    /// Where it writes what it has to say.
    let log: String
    /// The status that it ends with.
    let ended: AsyncStream<Int32>
    private let leash: Pipe
    private let process: Process

    /// - Parameters:
    ///   - program: its name; it lies beside this one.
    ///   - log: a file that is appended to.
    init(_ program: String, _ arguments: [String], log: String) throws {
        name = program
        self.log = log
        process = Process()
        leash = Pipe()
        // A later child that inherited this end would keep an earlier one alive.
        _ = fcntl(leash.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.executableURL = Self.folder.appending(path: program)
        // What this machine's own services are told is not for a farm that lives as long as a story takes.
        process.arguments = arguments + ["--leash", "--config", "/dev/null"]
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("STORYFARM_") }
        process.standardInput = leash
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try output.seekToEnd()
        process.standardOutput = output
        process.standardError = output
        let (ended, end) = AsyncStream.makeStream(of: Int32.self)
        self.ended = ended
        process.terminationHandler = {
            end.yield($0.terminationStatus)
            end.finish()
        }
        try process.run()
        identifier = process.processIdentifier
    }

    /// Where this program lies.
    private static var folder: URL {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }

    var isRunning: Bool { process.isRunning }

    /// The status that it ended with.
    var status: Int32 { process.terminationStatus }

    func terminate() { kill(identifier, SIGTERM) }

    /// Asks it to end, and makes it end where it does not.
    func stop(within limit: Duration) async {
        terminate()
        let deadline = ContinuousClock.now + limit
        while process.isRunning, .now < deadline {
            // Also where the task is cancelled: nothing may be left behind.
            usleep(20_000)
        }
        if process.isRunning { kill(identifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// The last lines that it wrote.
    func lastWords(_ count: Int = 5) -> String {
        let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").suffix(count).joined(separator: "\n")
    }
}
