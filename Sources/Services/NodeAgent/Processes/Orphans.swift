import Farm
import Foundation
import Glibc

/// Workers of an agent that was killed.
///
/// Each worker's environment names its agent's folder and its slot. `/proc` shows the environment that a process was
/// started with, so there is no moment at which a worker runs and nobody could find it, and no list that could be out
/// of date and name a process that has nothing to do with it.
enum Orphans {
    private static let variable = "STORYFARM_NODE_SLOT"

    /// For a worker's environment.
    static func environment(slot: Int, folder: String) -> [String: String] { [variable: "\(slot):\(folder)"] }

    /// Processes of this user that an agent with this folder started, by process id.
    static func find(folder: String) -> [(slot: Int, mark: ProcessMark)] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { Int($0) }.sorted().compactMap { process in
            guard let slot = slot(of: process, folder: folder), let mark = ProcessMark(of: process) else { return nil }
            return (slot, mark)
        }
    }

    /// What a worker starts itself inherits the variable, but is not a worker: only what leads its own group is.
    private static func slot(of process: Int, folder: String) -> Int? {
        guard getpgid(pid_t(process)) == pid_t(process),
            let bytes = FileManager.default.contents(atPath: "/proc/\(process)/environ")
        else { return nil }
        let prefix = Array("\(variable)=".utf8)
        guard let entry = bytes.split(separator: 0).first(where: { $0.starts(with: prefix) }) else { return nil }
        let parts = String(decoding: entry.dropFirst(prefix.count), as: UTF8.self).split(
            separator: ":", maxSplits: 1)
        guard parts.count == 2, parts[1] == folder else { return nil }
        return Int(parts[0])
    }
}
