import Foundation
import Logging
import Synchronization

/// A file to which lines are only ever added: who did what to what, and what came of it.
///
/// Whoever rotates logs renames the file; the next line begins a new one. A line is one write, so that lines of several
/// processes do not mix.
final class AuditLog: Sendable {
    private struct File {
        var descriptor: Int32 = -1
        var device: UInt = 0
        var inode: UInt = 0
        /// So that a full disk is said once, not with every line.
        var isBroken = false
        /// Of refusals to strangers, who must not fill the disk.
        var strangers: TokenBucket
        /// Of refusals to whoever asks too often, and goes on.
        var hasty: TokenBucket
        var suppressed = 0
    }

    private let path: String
    private let logger: Logger
    private let file: Mutex<File>
    private let start = ContinuousClock.now

    /// Lines a second about requests without a token, and again about requests that are too many.
    static let refusalsPerSecond = 20.0

    init(path: String, logger: Logger) {
        (self.path, self.logger) = (path, logger)
        let bucket = TokenBucket(perSecond: Self.refusalsPerSecond, atOnce: 1_000, now: 0)
        file = Mutex(File(strangers: bucket, hasty: bucket))
    }

    deinit { file.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

    func write(_ entry: AuditEntry) {
        let now = (ContinuousClock.now - start) / .seconds(1)
        file.withLock { file in
            let isTooMuch =
                if entry.subject == nil {
                    file.strangers.take(now: now) != nil
                } else {
                    entry.status == 429 && file.hasty.take(now: now) != nil
                }
            if isTooMuch {
                file.suppressed += 1
                return
            }
            var entry = entry
            if file.suppressed > 0 { entry.suppressed = file.suppressed }
            let line = entry.line
            guard open(&file) else { return report(&file) }
            let written = line.withUnsafeBytes { Glibc.write(file.descriptor, $0.baseAddress, $0.count) }
            guard written == line.count else { return report(&file) }
            (file.isBroken, file.suppressed) = (false, 0)
        }
    }

    /// The file that has the name now.
    private func open(_ file: inout File) -> Bool {
        var status = stat()
        if file.descriptor >= 0, stat(path, &status) == 0, UInt(status.st_dev) == file.device,
            UInt(status.st_ino) == file.inode
        {
            return true
        }
        if file.descriptor >= 0 { close(file.descriptor) }
        file.descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file.descriptor >= 0, fstat(file.descriptor, &status) == 0 else { return false }
        (file.device, file.inode) = (UInt(status.st_dev), UInt(status.st_ino))
        return true
    }

    /// The farm goes on: it must be possible to cancel a story on a disk that is full.
    private func report(_ file: inout File) {
        let reason = String(cString: strerror(errno))
        if !file.isBroken {
            logger.error("audit log not written", metadata: ["file": "\(path)", "reason": "\(reason)"])
        }
        file.isBroken = true
    }
}
