public import DurableFile
import Glibc
public import Storage

/// A disk in memory that keeps apart what was written and what was synced, and fails on demand.
///
/// It is stricter than most file systems: syncing a file says nothing of its name, and the reverse.
public final class SimulatedDisk: Disk {
    /// The calls that can be made to fail.
    public enum Operation: CaseIterable, Hashable, Sendable {
        case makeDirectory
        case open
        case synchronizeDirectory
        case rename
        case removeFile
        case removeTree
        case list
        case freeBytes
        case byteCount
        case read
        case append
        case synchronize
        case truncate
    }

    /// Bytes that all files may have together; writing more than that writes what fits and fails with `ENOSPC`.
    public var capacity = Int.max
    /// Calls so far, to number the call that is to fail.
    public private(set) var callCount = 0
    /// Calls so far by what they do.
    public private(set) var calls: [Operation: Int] = [:]
    private var failingCalls: Set<Int> = []
    private var failures: [Operation] = []
    private var root = Folder()
    /// Files opened before a crash are of no use after it.
    private(set) var crashCount = 0

    public init() {}

    // MARK: Faults

    /// The call with this number, counted from 1 like ``callCount``, fails with `EIO`.
    public func fail(call number: Int) { failingCalls.insert(number) }

    /// The next call of this kind fails with `EIO`; twice for the next two.
    public func failNext(_ operation: Operation) { failures.append(operation) }

    /// Nothing fails any more that was to.
    public func heal() {
        failingCalls = []
        failures = []
        capacity = .max
    }

    /// The machine goes down: what was not synced is gone, names, tails and removals alike.
    public func crash() {
        crashCount += 1
        root.forgetUnsynced { $0.forgetUnsynced(keeping: 0, zeros: 0) }
    }

    /// The machine goes down in the middle of writing back: of every unsynced tail a part is there, and perhaps zeros
    /// after it, where the length got to the disk before the bytes.
    public func crash(using random: inout some RandomNumberGenerator) {
        crashCount += 1
        root.forgetUnsynced { file in
            let tail = file.unsyncedTailByteCount
            let kept = Int.random(in: 0...tail, using: &random)
            file.forgetUnsynced(keeping: kept, zeros: Int.random(in: 0...(tail - kept), using: &random))
        }
    }

    // MARK: What is on it

    /// Bytes that all files have together.
    public var usedBytes: Int { root.files.reduce(0) { $0 + $1.value.content.count } }

    /// The paths of all files, in order.
    public var filePaths: [String] { root.files.map(\.path).sorted() }

    /// A file's bytes as a reader sees them, to be damaged at will; setting them counts as synced.
    public subscript(path: DiskPath) -> [UInt8]? {
        get { root.file(at: path)?.content }
        set { if let newValue { root.file(at: path)?.replace(with: newValue) } }
    }

    // MARK: Disk

    public func location(of path: DiskPath) -> String { path.description }

    public func makeDirectory(_ path: DiskPath) throws(FileError) {
        try count(.makeDirectory, path)
        var folder = root
        for name in path.components {
            switch folder.names[name] {
            case .folder(let next): folder = next
            case .file: throw FileError(path: path.description, code: ENOTDIR)
            case nil:
                try requireRoom(path)
                let next = Folder()
                folder.names[name] = .folder(next)
                folder.synchronize()
                folder = next
            }
        }
    }

    public func openFile(_ path: DiskPath, for use: FileUse) throws(FileError) -> any DiskFile {
        try count(.open, path)
        let folder = try folder(path.parent)
        switch (folder.names[path.name], use) {
        case (.file(let file), .reading), (.file(let file), .appending):
            return SimulatedFile(file, path: path, use: use, on: self)
        case (nil, .creating):
            try requireRoom(path)
            let file = StoredFile()
            folder.names[path.name] = .file(file)
            return SimulatedFile(file, path: path, use: use, on: self)
        case (nil, _): throw FileError(path: path.description, code: ENOENT)
        case (.folder, _): throw FileError(path: path.description, code: EINVAL)
        case (_, .creating): throw FileError(path: path.description, code: EEXIST)
        }
    }

    public func synchronizeDirectory(_ path: DiskPath) throws(FileError) {
        try count(.synchronizeDirectory, path)
        try folder(path).synchronize()
    }

    public func rename(_ path: DiskPath, to target: DiskPath) throws(FileError) {
        try count(.rename, path)
        let source = try folder(path.parent)
        let destination = try folder(target.parent)
        guard case .file(let file) = source.names[path.name] else {
            throw FileError(path: target.description, code: ENOENT)
        }
        source.names[path.name] = nil
        destination.names[target.name] = .file(file)
    }

    public func removeFile(_ path: DiskPath) throws(FileError) {
        try count(.removeFile, path)
        let folder = try folder(path.parent)
        guard case .file = folder.names[path.name] else { throw FileError(path: path.description, code: ENOENT) }
        folder.names[path.name] = nil
    }

    public func removeTree(_ path: DiskPath) throws(FileError) {
        try count(.removeTree, path)
        _ = try folder(path)
        try folder(path.parent).names[path.name] = nil
    }

    public func list(_ path: DiskPath) throws(FileError) -> [DirectoryEntry] {
        try count(.list, path)
        return try folder(path).names.sorted { $0.key < $1.key }.map { name, node in
            switch node {
            case .file(let file): DirectoryEntry(name: name, kind: .file, byteCount: file.content.count)
            case .folder: DirectoryEntry(name: name, kind: .directory, byteCount: 0)
            }
        }
    }

    public func freeBytes() throws(FileError) -> Int {
        try count(.freeBytes, .root)
        return capacity - usedBytes
    }

    // MARK: Counting

    func count(_ operation: Operation, _ path: DiskPath) throws(FileError) {
        callCount += 1
        calls[operation, default: 0] += 1
        if failingCalls.remove(callCount) != nil { throw FileError(path: path.description, code: EIO) }
        if let failure = failures.firstIndex(of: operation) {
            failures.remove(at: failure)
            throw FileError(path: path.description, code: EIO)
        }
    }

    private func requireRoom(_ path: DiskPath) throws(FileError) {
        // To count what is used takes long where there are many files.
        guard capacity == .max || usedBytes < capacity else { throw FileError(path: path.description, code: ENOSPC) }
    }

    private func folder(_ path: DiskPath) throws(FileError) -> Folder {
        guard let folder = root.folder(at: path) else { throw FileError(path: path.description, code: ENOENT) }
        return folder
    }
}
