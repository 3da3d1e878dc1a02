import Foundation

/// How many processes the kernel has killed for their memory: of this process's control group where it has one
/// (cgroup v2, `memory.events`), else of the machine (`/proc/vmstat`). Readable by anybody, unlike the kernel's log.
enum MemoryKills {
    static func count() -> Int {
        if let group = group(), let events = text("/sys/fs/cgroup\(group)/memory.events") {
            return number("oom_kill", in: events)
        }
        return number("oom_kill", in: text("/proc/vmstat") ?? "")
    }

    /// "0::/path" is the group of the second version.
    private static func group() -> String? {
        let line = text("/proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }
        return line.map { String($0.dropFirst(3)) }
    }

    /// Of lines as "key value".
    static func number(_ key: String, in text: String) -> Int {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int(words[1]) ?? 0 }
        }
        return 0
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
