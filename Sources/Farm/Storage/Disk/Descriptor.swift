import Glibc

/// A POSIX descriptor with one owner, closed exactly once.
///
/// Methods return what the call returned, errors as -1 with `errno`; calls that a signal interrupted are made again.
struct Descriptor: ~Copyable {
    private let raw: Int32

    /// `nil` with `errno`. Names are looked up in `directory`, one component at a time, so that no link is followed.
    init?(opening name: String, in directory: borrowing Descriptor, flags: Int32) {
        let directory = directory.raw
        self.init(Self.retrying { openat(directory, name, flags | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600)) })
    }

    /// `nil` with `errno`. The root alone may be a link, by the choice of whoever set the machine up.
    init?(openingRoot path: String) {
        self.init(Self.retrying { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    private init?(_ raw: Int32) {
        guard raw >= 0 else { return nil }
        self.raw = raw
    }

    deinit { close(raw) }

    // MARK: Files

    borrowing func status() -> stat? {
        var status = stat()
        return fstat(raw, &status) == 0 ? status : nil
    }

    borrowing func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        var count = 0
        while count < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let read = Self.retrying { pread(raw, rest.baseAddress, rest.count, off_t(offset + count)) }
            guard read >= 0 else { return -1 }
            if read == 0 { break }
            count += read
        }
        return count
    }

    borrowing func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        var rest = bytes
        while !rest.isEmpty {
            let count = Self.retrying { Glibc.write(raw, rest.baseAddress, rest.count) }
            guard count >= 0 else { return -1 }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return 0
    }

    /// The content and as much of the metadata as reading it again needs; the length is part of that.
    borrowing func synchronizeContent() -> Int32 { Self.retrying { fdatasync(raw) } }

    borrowing func truncate(to byteCount: Int) -> Int32 { Self.retrying { ftruncate(raw, off_t(byteCount)) } }

    // MARK: Directories

    borrowing func synchronizeNames() -> Int32 { Self.retrying { fsync(raw) } }

    borrowing func makeDirectory(_ name: String) -> Int32 { mkdirat(raw, name, 0o700) }

    borrowing func rename(_ name: String, to target: String, in directory: borrowing Descriptor) -> Int32 {
        renameat(raw, name, directory.raw, target)
    }

    borrowing func removeFile(_ name: String) -> Int32 { unlinkat(raw, name, 0) }

    borrowing func removeDirectory(_ name: String) -> Int32 { unlinkat(raw, name, AT_REMOVEDIR) }

    /// `nil` with `errno`; `.` and `..` are left out. A name that vanishes meanwhile is left out too.
    borrowing func entries() -> [DirectoryEntry]? {
        // The stream owns its descriptor and moves its position, so it gets one of its own.
        let own = Self.retrying { openat(raw, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard own >= 0 else { return nil }
        guard let stream = fdopendir(own) else {
            close(own)
            return nil
        }
        defer { closedir(stream) }
        var entries: [DirectoryEntry] = []
        while true {
            errno = 0  // The only way to tell the end from an error.
            guard let found = readdir(stream) else { return errno == 0 ? entries : nil }
            let name = withUnsafePointer(to: &found.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            var status = stat()
            guard fstatat(raw, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                if errno == ENOENT { continue }
                return nil
            }
            entries.append(DirectoryEntry(name: name, status: status))
        }
    }

    borrowing func freeBytes() -> Int {
        var status = statvfs()
        guard Self.retrying({ fstatvfs(raw, &status) }) == 0 else { return -1 }
        return Int(clamping: UInt64(status.f_bavail)) * Int(clamping: UInt64(status.f_frsize))
    }

    private static func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }
}

extension DirectoryEntry {
    fileprivate init(name: String, status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: self.init(name: name, kind: .file, byteCount: Int(status.st_size))
        case S_IFDIR: self.init(name: name, kind: .directory, byteCount: 0)
        default: self.init(name: name, kind: .other, byteCount: 0)
        }
    }
}
