import Crypto
import DurableFile
public import Farm
import Glibc

/// A folder on a file system that coordinator and workers all see: latents and videos that need not travel.
///
/// ```
/// storyfarm-shared     whose it is; where this file is missing, the file system is not mounted
/// incoming/            what workers have written and the coordinator has not yet adopted
/// latents/ video/      as in the coordinator's own ``ArtifactStore``
/// ```
///
/// All of them run as the same user: files are of mode 0600, as the coordinator's own. It is a worker's view of it, and
/// `Sendable`; its calls block.
public struct SharedFolder: Sendable {
    static let marker = "storyfarm-shared"

    public let path: String
    private let disk: HostDisk
    private let layout = ArtifactLayout(root: .root)

    /// - Throws: ``SharedFolderError`` where it is not there, or no coordinator has opened it yet.
    public init(ofWorker path: String) throws(SharedFolderError) {
        disk = try Self.open(path)
        self.path = path
        guard try Self.mark(in: path) != nil else { throw .notMounted(path: path) }
    }

    // MARK: Depositing

    /// Copies a file to where the coordinator can adopt it; it is durable there.
    ///
    /// - Returns: what it is.
    /// - Throws: ``StorageError``; nothing is left behind then.
    public func deposit(
        _ file: String, of attempt: AttemptID, _ kind: ArtifactKind
    ) throws(StorageError) -> Deposit {
        let number = UInt64.random(in: 0 ... .max)
        let partial = layout.deposits / "\(String(number, radix: 36))\(ArtifactLayout.partialSuffix)"
        do {
            return try StorageError.wrapping { () throws(FileError) in
                let source = try HostPath(file)
                let copy = try disk.openFile(partial, for: .creating)
                let found = try HostPath.copy(source.disk.openFile(source.path, for: .reading), to: copy)
                let deposit = Deposit(attempt, kind, found)
                try copy.synchronize()
                try disk.rename(partial, to: layout.path(deposit))
                try disk.synchronizeDirectory(layout.deposits)
                return deposit
            }
        } catch {
            try? disk.removeFile(partial)
            throw error
        }
    }

    /// Removes what the coordinator did not want.
    public func withdraw(_ deposit: Deposit) { try? disk.removeFile(layout.path(deposit)) }

    // MARK: Taking

    /// Copies finished latents to `target`, if they are here and are what they are expected to be.
    ///
    /// - Returns: false where they have to be fetched from the coordinator.
    public func take(_ expected: Artifact, latentsOf segment: SegmentID, to target: String) -> Bool {
        let path = layout.path(ArtifactID(.latents(segment), digest: expected.digest))
        guard let place = try? HostPath(target) else { return false }
        if let source = try? disk.openFile(path, for: .reading),
            let copy = try? place.disk.openFile(place.path, for: .creating),
            (try? HostPath.copy(source, to: copy)) == expected
        {
            return true
        }
        try? place.disk.removeFile(place.path)
        return false
    }
}

extension SharedFolder {
    /// Opens what is there; never makes it, since a file system that is not mounted would be missed.
    static func open(_ path: String) throws(SharedFolderError) -> HostDisk {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .system(path: path, code: ENOTDIR) }
        do { return try HostDisk(root: path) } catch { throw .system(path: error.path, code: error.code) }
    }

    /// What its marker says; nil where it has none.
    static func mark(in path: String) throws(SharedFolderError) -> String? {
        try Self.text("\(path)/\(marker)")
    }

    static func text(_ path: String) throws(SharedFolderError) -> String? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(path: path, code: errno)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw .system(path: path, code: errno) }
        return String(decoding: bytes.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self)
    }
}

/// A file by its whole name, on the disk that holds it.
private struct HostPath {
    let disk: HostDisk
    let path: DiskPath

    init(_ path: String) throws(FileError) {
        let slash = path.lastIndex(of: "/")
        disk = try HostDisk(root: slash.map { String(path[...$0]) } ?? ".")
        self.path = .root / String(slash.map { path[path.index(after: $0)...] } ?? path[...])
    }

    /// - Returns: what was copied.
    static func copy(_ source: any DiskFile, to target: any DiskFile) throws(FileError) -> Artifact {
        var (total, hash) = (0, SHA256())
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try buffer.read(from: source, at: total)
            if count < buffer.count { buffer.removeLast(buffer.count - count) }
            if buffer.isEmpty { return Artifact(bytes: total, digest: Farm.Digest(hash)) }
            buffer.withUnsafeBytes { hash.update(bufferPointer: $0) }
            try target.append(buffer)
            total += count
        }
    }
}
