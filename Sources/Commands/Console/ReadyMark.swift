import DurableFile
import Foundation
import Glibc

/// Says to whoever watches processes that this one can work: by a file that is there just as long, and to the service
/// manager.
public struct ReadyMark: Sendable {
    private let file: String?
    private let notice: ServiceNotice

    /// What an earlier process left is removed.
    ///
    /// - Parameter file: nil where nobody looks for one.
    public init(file: String?, notice: ServiceNotice = ServiceNotice()) {
        (self.file, self.notice) = (file, notice)
        removeFile()
    }

    /// - Throws: `FileError` where the file can't be written.
    public func set() throws {
        if let file { try PartialFile.write(Array("\(getpid())\n".utf8), to: file) }
        notice.ready()
    }

    public func clear() {
        removeFile()
        notice.stopping()
    }

    private func removeFile() { if let file { unlink(file) } }
}
