public import Foundation

/// One of StoryFarm's programs as built for these tests, run as a process of its own.
public final class Program {
    public struct Outcome: Sendable {
        /// Exit status; negative: the signal that ended it.
        public let status: Int32
        public let output: String
        public let errors: String
    }

    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// - Parameter folder: the program's working and temporary folder.
    public convenience init(
        _ name: String, _ arguments: String..., in folder: URL, environment: [String: String] = [:]
    ) throws {
        try self.init(name, arguments, in: folder, environment: environment)
    }

    /// - Parameter seconds: that it may take.
    public init(
        _ name: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:],
        seconds: Double = 60
    ) throws {
        // The test runner lies beside the programs.
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(filePath: runner).deletingLastPathComponent().appending(path: name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path]) { $1 }
            .merging(environment) { $1 }
        process.currentDirectoryURL = folder
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        // A program that hangs must not hang its test.
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [process] in
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
    }

    /// Waits for the first line of output.
    public func firstLine() -> String {
        var line = Data()
        while let byte = try? output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8), !byte.isEmpty {
            line += byte
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Waits until standard error has brought this text.
    public func waitForErrors(containing text: String) {
        var seen = Data()
        while !String(decoding: seen, as: UTF8.self).contains(text) {
            guard let bytes = try? errors.fileHandleForReading.read(upToCount: 1), !bytes.isEmpty else { return }
            seen += bytes
        }
    }

    public func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    public func finish() -> Outcome {
        let output = output.fileHandleForReading.readDataToEndOfFile()
        let errors = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        return Outcome(
            status: status, output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self))
    }
}

extension Program {
    /// Runs a program to its end without holding a thread that a server in this process may need for its answer.
    public static func run(
        _ name: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result { try Program(name, arguments, in: folder, environment: environment).finish() })
            }
        }
    }
}

/// Runs `body` with a folder of its own, removed afterwards.
public func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
}
