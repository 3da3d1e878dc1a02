public import DurableFile
import Glibc

/// The machine's own file system below one directory.
///
/// Directories have the mode 0700 and files 0600: stories are their submitters' business.
public final class HostDisk: Disk, Sendable {
    private let root: Descriptor
    private let rootPath: String

    /// Opens the directory `root`, and makes it where only its last name is missing.
    public init(root path: String) throws(FileError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FileError(path: path, code: errno) }
        guard let root = Descriptor(openingRoot: path) else { throw FileError(path: path, code: errno) }
        self.root = root
        rootPath = path
    }

    public func location(of path: DiskPath) -> String {
        path.components.isEmpty ? rootPath : "\(rootPath)/\(path)"
    }

    public func makeDirectory(_ path: DiskPath) throws(FileError) {
        for depth in 0..<path.components.count {
            let place = DiskPath(Array(path.components[...depth]))
            let parent = try directory(place.parent)
            guard parent.makeDirectory(place.name) == 0 || errno == EEXIST else { throw failure(place) }
            // Also where it existed: whoever made it may have been killed before this.
            guard parent.synchronizeNames() == 0 else { throw failure(place.parent) }
        }
        _ = try directory(path)
    }

    public func openFile(_ path: DiskPath, for use: FileUse) throws(FileError) -> any DiskFile {
        let flags =
            switch use {
            case .reading: O_RDONLY
            case .appending: O_RDWR | O_APPEND
            case .creating: O_RDWR | O_APPEND | O_CREAT | O_EXCL
            }
        // Not blocking: opening a named pipe would wait for its writer.
        let parent = try directory(path.parent)
        guard let file = Descriptor(opening: path.name, in: parent, flags: flags | O_NONBLOCK) else {
            throw failure(path)
        }
        guard let status = file.status() else { throw failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(path: location(of: path), code: EINVAL) }
        return HostFile(file, location: location(of: path))
    }

    public func synchronizeDirectory(_ path: DiskPath) throws(FileError) {
        guard try directory(path).synchronizeNames() == 0 else { throw failure(path) }
    }

    public func rename(_ path: DiskPath, to target: DiskPath) throws(FileError) {
        let source = try directory(path.parent)
        let destination = try directory(target.parent)
        guard source.rename(path.name, to: target.name, in: destination) == 0 else { throw failure(target) }
    }

    public func removeFile(_ path: DiskPath) throws(FileError) {
        guard try directory(path.parent).removeFile(path.name) == 0 else { throw failure(path) }
    }

    public func removeTree(_ path: DiskPath) throws(FileError) {
        for entry in try list(path) {
            switch entry.kind {
            case .directory: try removeTree(path / entry.name)
            case .file, .other: try removeFile(path / entry.name)
            }
        }
        guard try directory(path.parent).removeDirectory(path.name) == 0 else { throw failure(path) }
    }

    public func list(_ path: DiskPath) throws(FileError) -> [DirectoryEntry] {
        guard let entries = try directory(path).entries() else { throw failure(path) }
        return entries.sorted { $0.name < $1.name }
    }

    public func freeBytes() throws(FileError) -> Int {
        let count = root.freeBytes()
        guard count >= 0 else { throw failure(.root) }
        return count
    }

    private func directory(_ path: DiskPath) throws(FileError) -> Descriptor {
        guard var current = Descriptor(opening: ".", in: root, flags: O_RDONLY | O_DIRECTORY) else {
            throw failure(.root)
        }
        for name in path.components {
            guard let next = Descriptor(opening: name, in: current, flags: O_RDONLY | O_DIRECTORY) else {
                throw failure(path)
            }
            current = next
        }
        return current
    }

    private func failure(_ path: DiskPath) -> FileError {
        let code = errno  // Before anything else may change it.
        return FileError(path: location(of: path), code: code)
    }
}

private final class HostFile: DiskFile {
    private let descriptor: Descriptor
    private let location: String

    init(_ descriptor: consuming Descriptor, location: String) {
        self.descriptor = descriptor
        self.location = location
    }

    func byteCount() throws(FileError) -> Int {
        guard let status = descriptor.status() else { throw failure() }
        return Int(status.st_size)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Int {
        let count = descriptor.read(into: buffer, at: offset)
        guard count >= 0 else { throw failure() }
        return count
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        guard descriptor.write(bytes) == 0 else { throw failure() }
    }

    func synchronize() throws(FileError) {
        guard descriptor.synchronizeContent() == 0 else { throw failure() }
    }

    func truncate(to byteCount: Int) throws(FileError) {
        guard descriptor.truncate(to: byteCount) == 0 else { throw failure() }
    }

    private func failure() -> FileError {
        let code = errno
        return FileError(path: location, code: code)
    }
}
