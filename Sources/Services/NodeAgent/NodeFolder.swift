import DurableFile
import Foundation
import Glibc
import Wire

/// What an agent keeps on its machine: its secret, and what its workers write.
///
/// ```
/// agent.secret   whose name the node's is, mode 0600
/// agent.lock     held while an agent lives: two with one secret would fight over the same workers
/// logs/          worker-N.log of each slot, and worker-N.log.1 of the process before
/// ```
public final class NodeFolder: Sendable {
    public let path: String
    let secret: Secret
    /// Closing it lets go of the lock.
    private let lock: FileHandle

    /// Makes the folder where it is missing, and takes it.
    ///
    /// - Throws: ``NodeFolderError``, `FileError`.
    public init(_ path: String) throws {
        // As workers know it, whatever links lead there.
        try FileManager.default.createDirectory(
            atPath: path + "/logs", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        lock = try Self.lock("\(self.path)/agent.lock")
        secret = try Self.secret("\(self.path)/agent.secret")
    }

    func log(ofSlot slot: Int) -> String { "\(path)/logs/worker-\(slot).log" }

    private static func lock(_ path: String) throws -> FileHandle {
        // Not for workers: they would hold the lock of an agent that was killed.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw NodeFolderError.system(path: path, code: errno) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK ? NodeFolderError.held(path: path) : .system(path: path, code: errno)
        }
        return handle
    }

    /// Drawn by the first agent, and the same for all that follow.
    private static func secret(_ path: String) throws -> Secret {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw NodeFolderError.system(path: path, code: errno) }
            let secret = Secret.random()
            try PartialFile.write(secret.bytes, to: path, mode: 0o600)
            return secret
        }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
            throw NodeFolderError.tooOpen(path: path)
        }
        guard let bytes = FileManager.default.contents(atPath: path), let secret = Secret(bytes) else {
            throw NodeFolderError.noSecret(path: path)
        }
        return secret
    }
}

/// Why a folder is not an agent's.
public enum NodeFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    case held(path: String)
    case tooOpen(path: String)
    case noSecret(path: String)
    case system(path: String, code: Int32)

    /// Says what to do where something can be done.
    public var description: String {
        switch self {
        case .held(let path): "\(path): an agent with this folder runs already"
        case .tooOpen(let path): "\(path): is to be a file of this user that nobody else can read; run chmod 600"
        case .noSecret(let path): "\(path): is not what an agent wrote; remove it to begin with another secret"
        case .system(let path, let code): "\(path): \(String(cString: strerror(code)))"
        }
    }
}
