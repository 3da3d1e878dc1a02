import Coordinator
import Dispatch
import FarmFolder
import Glibc
import Logging
import ServiceLifecycle

/// Puts the farm's allow-list in force whenever it changes while the coordinator runs.
struct AllowListWatch: Service {
    let folder: FarmFolder
    let coordinator: Coordinator
    let logger: Logger

    func run() async throws {
        let changes = try FolderChanges(of: folder.path)
        defer { changes.close() }
        // What changed between the coordinator's start and now, nobody will tell.
        if let count = read() { logger.info("allow-list watched", metadata: ["keys": "\(count)"]) }
        for await name in changes.names.cancelOnGracefulShutdown()
        where name == "workers.allow" || name == "worker.key" || name == FolderChanges.unknown {
            if let count = read() { logger.notice("allow-list read again", metadata: ["keys": "\(count)"]) }
        }
    }

    /// - Returns: how many keys are admitted; nil where the list can't be read.
    private func read() -> Int? {
        do {
            let admitted = try folder.admitted()
            coordinator.admit(admitted)
            return admitted.count
        } catch {
            // The earlier list stays in force: a slip of the pen must not put the whole farm out.
            logger.error("allow-list not read, the one before holds", metadata: ["error": "\(error)"])
            return nil
        }
    }
}

/// What appears or goes in a folder, as the kernel tells (inotify(7)).
final class FolderChanges {
    /// Stands for any file: more has changed than the kernel keeps.
    static let unknown = ""

    /// Of files that were written, renamed into the folder, or removed.
    let names: AsyncStream<String>
    private let source: any DispatchSourceRead

    /// - Throws: ``WatchError``.
    init(of folder: String) throws {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        let wanted = UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE)
        guard descriptor >= 0, inotify_add_watch(descriptor, folder, wanted) >= 0 else {
            let code = errno
            if descriptor >= 0 { Glibc.close(descriptor) }
            throw WatchError(folder: folder, code: code)
        }
        let (names, continuation) = AsyncStream.makeStream(of: String.self)
        self.names = names
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor)
        source.setEventHandler { for name in Self.read(descriptor) { continuation.yield(name) } }
        source.setCancelHandler { Glibc.close(descriptor) }
        source.resume()
    }

    func close() { source.cancel() }

    /// Takes what the kernel has: events of 16 bytes, each followed by a name filled up with zeros.
    private static func read(_ descriptor: Int32) -> [String] {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return [] }
        var names: [String] = []
        var rest = bytes.prefix(count)
        while rest.count >= MemoryLayout<inotify_event>.size {
            let length = rest.withUnsafeBytes { $0.loadUnaligned(as: inotify_event.self).len }
            rest = rest.dropFirst(MemoryLayout<inotify_event>.size)
            names.append(String(decoding: rest.prefix(Int(length)).prefix { $0 != 0 }, as: UTF8.self))
            rest = rest.dropFirst(Int(length))
        }
        return names
    }
}

/// A folder can't be watched; usually because too many are.
struct WatchError: Error, CustomStringConvertible {
    let folder: String
    let code: Int32

    var description: String {
        "\(folder) can't be watched for changes: \(String(cString: strerror(code))); see fs.inotify in sysctl"
    }
}
