import Foundation

/// A process of this program in a role: it says lines, and ends when its owner does.
final class Child {
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())
    private var rest = Data()

    init(_ role: Role) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = role.words
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
    }

    deinit { end() }

    /// The next line; what it begins with is what was waited for.
    func line(_ expected: String) throws -> String {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[rest.startIndex..<end], as: UTF8.self)
                rest = Data(rest[(end + 1)...])
                guard line.hasPrefix(expected) else { throw BenchError("expected \(expected), not: \(line)") }
                return String(line.dropFirst(expected.count).drop { $0 == " " })
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw BenchError("a process ended before it said \(expected)") }
            rest += more
        }
    }

    func say(_ line: String) throws { try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8)) }

    /// What of it lies in memory, in bytes.
    var residentBytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    func end() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

/// A folder of a run, removed with its owner.
final class RunFolder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("RelayBench-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// As many descriptors as the system lets this process have: a connection takes one or two.
func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

/// Says a line to the owner of this process, at once.
func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

/// The other process's words, and its end with them.
func listen(_ body: @escaping @Sendable (String) -> Void) {
    Thread {
        while let line = readLine() { body(line) }
        _exit(0)
    }.start()
}
