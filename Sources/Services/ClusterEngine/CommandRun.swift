import Foundation
import Glibc

/// A program of the batch system, run to its end.
struct CommandRun: Sendable {
    let status: Int32
    let output: String
    let errors: String

    /// The first line that says something, for whoever reads only one.
    var complaint: String {
        let lines = (errors + "\n" + output).split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        return lines.first { !$0.isEmpty } ?? "it ended with status \(status)"
    }

    /// Where a program is that stands in PATH.
    static func path(of name: String, in paths: String) -> String? {
        paths.split(separator: ":").lazy.map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// - Parameter seconds: after these it is killed, and its status is that of a signal.
    /// - Throws: what the system says where the program can't be started.
    static func run(_ path: String, _ arguments: [String], seconds: Double) async throws -> CommandRun {
        try await withCheckedThrowingContinuation { continuation in
            // It waits, which threads of the pool must not.
            DispatchQueue.global().async {
                continuation.resume(with: Result { try wait(for: path, arguments, seconds: seconds) })
            }
        }
    }

    private static func wait(for path: String, _ arguments: [String], seconds: Double) throws -> CommandRun {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let watchdog = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: watchdog)
        // What it complains of is short: it fits into the pipe while the rest is read.
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaints = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        watchdog.cancel()
        return CommandRun(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: String(decoding: text, as: UTF8.self), errors: String(decoding: complaints, as: UTF8.self))
    }
}
