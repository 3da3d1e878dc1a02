public import Glibc

/// A file on its way: written under a name beside its target and renamed once it is complete and on disk.
///
/// Whoever opens the target sees the earlier file or the new one, never a part. What is not committed is removed with
/// its owner; only a killed process leaves its partial file behind, to be recognised by ``suffix``.
public final class PartialFile {
    /// How every unfinished file's name ends.
    public static let suffix = ".partial"

    /// Where the file is to appear.
    public let target: String
    /// Where it is to be written meanwhile; nothing is created there yet.
    public let path: String
    private var isCommitted = false

    /// - Parameter target: a link stands for what it points to, which is replaced, not the link.
    public init(for target: String) {
        let target = PartialFile.resolved(target)
        self.target = target
        // Two processes, or two writers in one, may write the same target; the last to finish wins.
        path = "\(target).\(getpid())-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))\(PartialFile.suffix)"
    }

    deinit {
        if !isCommitted { unlink(path) }
    }

    /// Makes the written bytes durable and gives them the target's name.
    ///
    /// - Parameter isDurable: false for what nobody wants after a power loss, which then need not wait for the disk.
    public func commit(isDurable: Bool = true) throws(FileError) {
        if isDurable { try synchronize(path, flags: O_RDONLY) }
        guard rename(path, target) == 0 else { throw FileError(path: target, code: errno) }
        isCommitted = true
        // The new name is durable only when its directory is.
        if isDurable { try synchronize(Self.directory(of: target), flags: O_RDONLY | O_DIRECTORY) }
    }

    /// Writes a whole file: all of it under its name, or nothing.
    ///
    /// - Parameters:
    ///   - mode: who may read and write it; a secret's is 0600 from its first byte on.
    ///   - inheritsOwner: whether it belongs, where root writes it, to whom the earlier file or the folder does.
    public static func write(
        _ bytes: [UInt8], to target: String, mode: mode_t = 0o644, inheritsOwner: Bool = false
    ) throws(FileError) {
        let partial = PartialFile(for: target)
        let descriptor = open(partial.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError(path: target, code: errno) }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError(path: target, code: count == 0 ? EIO : errno) }
            rest = rest.dropFirst(count)
        }
        if inheritsOwner { try FileOwner.inherit(descriptor, at: partial.target) }
        try partial.commit()
    }

    private static func resolved(_ path: String) -> String {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK, let real = realpath(path, nil) else {
            return path
        }
        defer { free(real) }
        return String(cString: real)
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func synchronize(_ path: String, flags: Int32) throws(FileError) {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError(path: path, code: errno) }
    }
}
