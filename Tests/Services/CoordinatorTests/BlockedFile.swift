import Foundation
import Glibc

/// A file in whose place a pipe lies: whoever opens it waits, until it is given back.
struct BlockedFile {
    let path: String

    init(_ path: String) throws {
        self.path = path
        try FileManager.default.moveItem(atPath: path, toPath: path + ".kept")
        guard mkfifo(path, 0o600) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }

    /// Waits until somebody reads it.
    ///
    /// - Returns: the pipe's other end.
    func reached() async -> Int32 {
        while true {
            let pipe = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)
            if pipe >= 0 { return pipe }
            await Task.yield()
        }
    }

    /// Whoever reads finds that nothing comes, and the file the next time.
    func giveBack(_ pipe: Int32) throws {
        guard rename(path + ".kept", path) == 0, close(pipe) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
