import Foundation
import Glibc
import HostFacts

/// A folder for what a process needs as long as it runs.
///
/// A process that is killed leaves its folder behind, and the next one of its kind on the same machine removes it. A
/// lock says whether a folder's process lives, and ends with it: numbers of processes come again, and in containers
/// that share a disk they are all the same.
public final class ScratchFolder {
    public let path: String
    private let lock: Int32

    /// Makes the folder, with whatever lies above it.
    ///
    /// - Parameter kind: what the names of such folders begin with.
    /// - Throws: Foundation's error, with the place.
    public init(in parent: String, kind: String) throws {
        let parent = URL(filePath: parent).path
        // Locks of another machine on a disk that both use may not be seen.
        let prefix = "\(kind)-\(HostName.current)-"
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
        let name = UUID().uuidString
        path = "\(parent)/\(prefix)\(name)"
        // It gets its name once it is locked: before, it would be taken for one that was left behind.
        let draft = "\(parent)/.\(name)"
        try FileManager.default.createDirectory(
            atPath: draft, withIntermediateDirectories: true, attributes: attributes)
        lock = open("\(draft)/\(Self.lockName)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        flock(lock, LOCK_EX | LOCK_NB)
        try FileManager.default.moveItem(atPath: draft, toPath: path)
        Self.sweep(parent, prefix)
    }

    private static let lockName = ".lock"

    /// Removes the folders of processes that are gone.
    private static func sweep(_ parent: String, _ prefix: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            // Neither another user's folder nor one whose disk knows no locks can be locked: they stay.
            let lock = open("\(parent)/\(name)/\(lockName)", O_RDWR | O_CLOEXEC)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: "\(parent)/\(name)") }
            close(lock)
        }
    }

    public func remove() { try? FileManager.default.removeItem(atPath: path) }

    deinit { close(lock) }
}
