import Foundation

/// What of this process lies in memory, mapped files included, in bytes; as Linux counts it.
struct ResidentMemory {
    let current: Int
    /// The most since the start, or since `forgetPeak`.
    let peak: Int

    static func now() throws -> ResidentMemory {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        func bytes(_ key: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
            return (line?.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
        }
        return ResidentMemory(current: bytes("VmRSS:"), peak: bytes("VmHWM:"))
    }

    /// See proc(5), /proc/pid/clear_refs.
    static func forgetPeak() {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
        file.write(Data("5".utf8))
    }
}
